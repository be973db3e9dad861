import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { preferences } from '../../../src/activities/preferences.ts'
import { Plan } from '../../../src/plan.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

const seen = vi.hoisted(() => [] as { inputs: Record<string, unknown>; golden: string | undefined }[])

/** The frame of a stage without Temporal; the child only says which hand-written rows it was given. */
vi.mock('../../../src/activities/stage.ts', () => ({
  stage: async (_name: string, _training: string, inputs: Record<string, unknown>, make: (context: object) => Promise<object>) => {
    const child = async ({ spec }: { spec: { out: string; golden?: string } }) => {
      seen.push({ inputs, golden: spec.golden && readFileSync(spec.golden, 'utf8') })
      writeFileSync(spec.out, '')
      return { facts: {} }
    }
    return { ...(await make({ store: new ArtifactStore(), work: mkdtempSync(join(process.cwd(), 'work-')), child })), upToDate: false, seconds: 0 }
  },
}))

inOwnFolder('preferences-')

test('the hand-written rows reach the preference pairs, and other ones make the pairs anew', async () => {
  const store = new ArtifactStore()
  writeFileSync('rows.jsonl', '{"instruction":"x"}\n')
  const [schema, golden] = [await store.putText('cli_name: x', 'schema'), await store.putFile('rows.jsonl', 'golden')]
  const tree = await store.putTree(mkdtempSync(join(process.cwd(), 'tree-')), 'dataset')
  const host = { device: 'cpu', precision: 'fp32', base: 'scratch' }
  for (const extra of [{}, { golden }]) {
    const plan = Plan.parse({ name: 'notes', kind: 'cli', schema, retrain: false, seed: 1, count: 60, pairs: 10, quant: 'q4_k_m', base: 'scratch', force: false, teacher: { kind: 'offline', model: '', batch: false }, configs: { sft: {}, dpo: {} }, searchAttributes: false, ...extra })
    await preferences(plan, host, tree, tree)
  }
  expect(seen.map(({ golden }) => golden)).toEqual([undefined, '{"instruction":"x"}\n'])
  expect(seen.map(({ inputs }) => inputs.golden)).toEqual([undefined, golden.sha256])
})
