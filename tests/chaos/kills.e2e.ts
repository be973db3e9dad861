import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { FaultPoint } from '../../src/process/fault.ts'
import { Chaos, undisturbed } from './harness.ts'

const write: FaultPoint[] = ['mid_write', 'before_rename', 'after_rename']
const frame: FaultPoint[] = ['before_heartbeat', 'after_record_before_ack']
const stage: FaultPoint[] = ['before_call', 'after_call_before_record']

/** Which points each activity of a train passes, in the order of the train. */
const passes: Record<string, FaultPoint[]> = {
  freezePlan: [...frame, ...write],
  acquireTraining: frame,
  checkHost: [...frame, ...stage, ...write],
  planCoverage: [...frame, ...write],
  // The offline teacher calls nobody; a paid one's calls are in paid.test.ts.
  generateBatch: [...frame, 'after_call_before_record', ...write],
  buildDataset: [...frame, ...stage, ...write],
  sft: [...frame, ...stage, ...write],
  quantize: [...frame, ...stage, ...write],
  preferences: [...frame, ...stage, ...write],
  dpo: [...frame, ...stage, ...write],
  evaluate: [...frame, ...stage, ...write],
  publish: [...frame, ...write],
  notify: frame,
  releaseTraining: frame,
}
const everyKill = Object.entries(passes).flatMap(([activity, points]) => points.map((point) => `${activity}@${point}`))

describe('a run whose worker is killed', () => {
  let expected: Record<string, string>
  beforeAll(async () => {
    expected = await undisturbed()
    expect(Object.keys(expected).length).toBeGreaterThan(12)
  })

  /** One train that is killed at every entry of `kills` in turn; the supervisor alone starts the worker again. */
  async function killedAt(kills: string[], environment: Record<string, string> = {}): Promise<void> {
    const fired = mkdtempSync(join(tmpdir(), 'clitron-fired-'))
    const workspace = new Chaos({ CLITRON_FAULT: kills.join(), CLITRON_FAULT_FIRED: fired, ...environment })
    try {
      const { exitCode, stderr, document } = await workspace.train()
      expect(exitCode, stderr).toBe(0)
      expect(document).toMatchObject({ name: 'notes', promoted: true })
      expect(readdirSync(fired).sort()).toEqual([...kills].sort())
      expect((workspace.up().worker as unknown as { restarts: number }).restarts).toBe(kills.length)
      expect(await workspace.published()).toEqual(expected)
      expect(workspace.strays()).toEqual([])
      expect(await workspace.children()).toEqual([])
    } finally {
      await workspace.remove()
    }
  }

  test('the points are as many as the matrix of stages and points has', () => {
    expect(everyKill).toHaveLength(76)
    expect(new Set(everyKill).size).toBe(everyKill.length)
  })

  test('at every fault point of every stage ends unaided with the same files', async () => {
    // Two trains side by side: most of the time a killed worker's successor is just starting. One of them remembers no run between two steps.
    const halves = [everyKill.filter((kill) => write.some((point) => kill.endsWith(point))), everyKill.filter((kill) => !write.some((point) => kill.endsWith(point)))]
    await Promise.all([killedAt(halves[0]!), killedAt(halves[1]!, { CLITRON_CACHED_WORKFLOWS: '0' })])
  })
})
