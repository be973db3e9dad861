import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { train } from '../../../src/cli/commands/train.ts'
import type { Stage } from '../../../src/plan.ts'

const run = { up_to_date: true, promoted: true, version: 1, files: {} } as Record<string, unknown>
// A run of which everything is there already.
vi.mock('../../../src/cli/start.ts', () => ({ prepare: async () => ({}), start: async () => ({ client: { connection: { close: async () => {} } }, handle: { workflowId: 'eval-gh' }, attached: false }) }))
vi.mock('../../../src/cli/follow.ts', () => ({ follow: async () => ({ ended: true }), outcome: async () => run }))
vi.mock(import('../../../src/cli/bring-back.ts'), async (original) => ({ ...(await original()), bringBack: async () => ['training/models/gh'] }))
vi.mock('../../../src/cli/summary.ts', () => ({ summary: async () => ({ scores: { golden: { equivalent: 0.914, interval: [0.88, 0.94], n: 300 } }, failed: {} }) }))

let written: string
beforeEach(() => {
  written = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((written += String(text))))
})
afterEach(() => vi.restoreAllMocks())

const said = async (type: 'train' | Stage) => {
  await train(type, 'gh', {})
  return written
}

test('an evaluation that is up to date says its scores; a train only that nothing was to do', async () => {
  expect(await said('eval')).toMatch(/all is up to date.*\n  golden +91\.4% right \(95% interval 88\.0-94\.0\) on 300 rows/)
  written = ''
  expect(await said('train')).toMatch(/^\S*gh\S*: all is up to date \(\S+ s\)\.\n$/)
})

test('a train with rounds says what they came to, and where the log is', async () => {
  Object.assign(run, { up_to_date: false, improvement: 'round 1 is the best, with +6.0 points; round 2 does not help' })
  expect(await said('train')).toContain('  rounds   round 1 is the best, with +6.0 points; round 2 does not help (training/models/gh/improvement_log.json)\n')
})
