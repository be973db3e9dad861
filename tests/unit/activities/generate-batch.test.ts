import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { generateBatch } from '../../../src/activities/generate-batch.ts'
import { Plan } from '../../../src/plan.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import type { WriteRequest } from '../../../src/teacher/teacher.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

const told: { step: number; eta_seconds?: number }[] = []
vi.mock('../../../src/activities/stage.ts', () => ({
  stage: (_name: string, _training: string, _inputs: unknown, make: (context: object) => Promise<object>) => make({ store: new ArtifactStore(), progress: (figures: (typeof told)[number]) => told.push(figures) }),
}))
const writing: WriteRequest[] = []
vi.mock('../../../src/teacher/index.ts', () => ({ teacher: () => ({ write: (request: WriteRequest) => new Promise(() => writing.push(request)) }) }))

inOwnFolder('generate-')
afterEach(() => void vi.useRealTimers())

test('batches that are written at the same time tell how long all of them take', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const store = new ArtifactStore()
  const schema = await store.putText('cli_name: light\ndescription: Switch the light\ncommands:\n  - {name: "on", description: Switch it on, args: [], flags: []}\n', 'schema')
  const briefs = await store.putText(Array.from({ length: 400 }, () => '{}').join('\n'), 'briefs')
  const plan = Plan.parse({ name: 'light', kind: 'cli', schema, retrain: false, seed: 1, count: 400, pairs: 10, quant: 'q4_k_m', base: 'scratch', force: false, teacher: { kind: 'anthropic', model: '', batch: false }, configs: { sft: {}, dpo: {} }, searchAttributes: false })
  for (const [begun, from] of [0, 100].entries()) {
    void generateBatch(plan, { briefs, from, to: from + 100, total: 400 })
    while (writing.length === begun) await setImmediate()
  }
  vi.advanceTimersByTime(10_000)
  for (const { onProgress } of writing) onProgress({ done: 20 })
  // 40 of 400 in 10 s, by two.
  expect(told).toMatchObject([{ step: 20 }, { step: 120, eta_seconds: 90 }])
})
