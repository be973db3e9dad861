import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { trial } from '../../../src/activities/trial.ts'
import type { HostFacts, Plan } from '../../../src/plan.ts'
import { ChildFailed, runChild } from '../../../src/process/run.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'

// Only what would need Python.
vi.mock(import('../../../src/process/run.ts'), async (original) => ({ ...(await original()), runChild: vi.fn() }))
vi.mock('../../../src/activities/commands.ts', () => ({ pythonCommand: async () => ({ command: 'python', args: [] }), trainerEnvironment: () => ({}) }))

const plan = { name: 'notes', base: 'scratch', seed: 1 } as unknown as Plan
const host: HostFacts = { device: 'cpu', precision: 'fp32', base: 'scratch' }
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trial-'))
  vi.stubEnv('CLITRON_HOME', join(folder, '.clitron'))
  vi.stubEnv('CLITRON_STORE', join(folder, '.clitron/store'))
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data', 'system.txt'), '')
  vi.mocked(runChild).mockReset()
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** What a trial with these words of its trainer comes to. */
async function tried(config: Record<string, unknown> = {}) {
  const dataset = await new ArtifactStore().putTree(join(folder, 'data'), 'dataset')
  return new MockActivityEnvironment().run(trial, plan, host, dataset, { config, phases: [], rivals: [] }) as ReturnType<typeof trial>
}

/** A trainer that measures these losses on so many rows. */
const trains = (losses: number[], validation_rows?: number, validation_loss?: number) => vi.mocked(runChild).mockImplementation(async ({ args }) => {
  const { work } = JSON.parse(readFileSync(args[0]!, 'utf8')) as { work: string }
  mkdirSync(join(dirname(work), 'model'), { recursive: true })
  mkdirSync(work, { recursive: true })
  writeFileSync(join(work, 'metrics.jsonl'), losses.map((validation_loss, step) => `${JSON.stringify({ step, validation_loss })}\n`).join(''))
  return { event: 'result', ...(validation_rows !== undefined && { validation_rows }), ...(validation_loss !== undefined && { validation_loss }) }
})

test.each([
  'sft.train.jsonl: no row fits into 256 tokens (the shortest has 301); raise max_seq_length or choose a base with a longer context.',
  'No training row fits max_seq_length (16 tokens).',
  "The GPU's memory does not suffice for this training. Set a smaller per_device_train_batch_size.",
])('a setting that cannot be trained ends its trial, not the search, and is tried again by the next: %s', async (reason) => {
  vi.mocked(runChild).mockRejectedValue(new ChildFailed('BadInput', reason))
  expect(await tried()).toMatchObject({ curve: [], failed: reason, upToDate: false })
  trains([2, 1])
  expect(await tried()).toMatchObject({ curve: [2, 1], upToDate: false })
})

test('data that is wrong for every setting ends the search', async () => {
  vi.mocked(runChild).mockRejectedValue(new ChildFailed('BadInput', 'sft.train.jsonl:3 is not a row'))
  await expect(tried()).rejects.toMatchObject({ type: 'BadInput', message: 'sft.train.jsonl:3 is not a row' })
})

test('a trial says on how many rows it was measured, also when it is found again', async () => {
  trains([2, 1], 80)
  expect(await tried()).toMatchObject({ curve: [2, 1], figures: { validation_rows: 80 }, facts: { validation_loss: 1 } })
  expect(await tried()).toMatchObject({ figures: { validation_rows: 80 }, upToDate: true })
  expect(runChild).toHaveBeenCalledTimes(1)
})

test('a trial that stopped early counts with the weights that it kept, not with its last loss', async () => {
  trains([2, 1, 1.5, 1.6], 80, 1.1)
  expect(await tried()).toMatchObject({ curve: [2, 1, 1.5, 1.6], validation_loss: 1.1 })
  expect(await tried()).toMatchObject({ validation_loss: 1.1, upToDate: true })
})
