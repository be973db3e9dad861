import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { freezePlan } from '../../../src/activities/freeze-plan.ts'
import { planCoverage } from '../../../src/activities/plan-coverage.ts'
import { releaseTraining } from '../../../src/activities/training-lock.ts'
import { roundsOf, type TrainOptions } from '../../../src/plan.ts'
import { addVersion } from '../../../src/registry/registry.ts'
import { configTexts, readConfigs } from '../../../src/setup/configs.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { Ledger } from '../../../src/teacher/ledger.ts'
import { collect } from '../../../src/store/garbage.ts'
import { text as mails } from '../tasks/analysis/fixtures.ts'

// There is no cluster to ask.
vi.mock('../../../src/temporal/search-attributes.ts', () => ({ hasSearchAttributes: async () => false }))

let store: string
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), 'plan-'))
  vi.stubEnv('CLITRON_STORE', store)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(store, { recursive: true })
})

const frozen = (input: unknown, runId = 'run') =>
  new MockActivityEnvironment({ workflowExecution: { workflowId: 'train-notes', runId }, workflowType: 'train' }).run(freezePlan, input) as ReturnType<typeof freezePlan>

test.each([
  ['q4km', 'did you mean "q4_k_m"?'], ['Q8', 'did you mean "q8_0"?'], ['tiny', 'found "tiny".'],
])('a run started with the quantization %s is refused at once, with the nearest type, and it is not kept', async (quant, words) => {
  await expect(frozen({ name: 'notes', options: { quant } })).rejects.toMatchObject({ type: 'BadInput', nonRetryable: true, message: expect.stringContaining(words) })
  expect(existsSync(join(store, 'options'))).toBe(false)
})

test('rounds stand in the plan; imported rows alone have no teacher that could write more', async () => {
  const schema = await new ArtifactStore().putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  expect((await frozen({ name: 'notes', schema, options: { num: 100, rounds: 3 } })).plan.rounds).toBe(3)
  expect((await frozen({ name: 'notes', schema, options: { num: 100 } })).plan.rounds).toBeUndefined()
  await expect(frozen({ name: 'notes', schema, imported: schema, options: { teacher: 'import', rounds: 1 } })).rejects.toMatchObject({ type: 'BadInput', message: expect.stringContaining('leave out --rounds') })
})

test("rounds of a schema's gates stand in the plan of a train as made only while a gate fails, unless it is told otherwise", async () => {
  const schema = await new ArtifactStore().putText(mails.replace(/^gates:\n/m, 'gates:\n  rounds: 2\n'), 'schema')
  const rounds = async (options: object) => {
    const { plan } = await frozen({ name: 'mails', schema, imported: schema, options })
    return [plan.rounds, plan.whileGatesFail]
  }
  expect(await rounds({ num: 100 })).toEqual([2, true])
  expect(await rounds({ num: 100, rounds: 3 })).toEqual([3, undefined])
  expect(await rounds({ num: 100, rounds: 0 })).toEqual([undefined, undefined])
  expect(await rounds({ teacher: 'import' })).toEqual([undefined, undefined])
  expect([roundsOf({}, { rounds: 2, figures: [] }, 'sft'), roundsOf({}, { rounds: 2, figures: [] }, 'search')]).toEqual([{}, {}])
})

test('a forced run is known by its plan, the same in every attempt; any other takes what is there', async () => {
  const schema = await new ArtifactStore().putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  const forcedBy = async (runId: string, force: boolean) => (await frozen({ name: 'notes', schema, options: { num: 100, force } }, runId)).plan.forcedBy
  expect(await forcedBy('monday', true)).toBe('monday')
  expect(await forcedBy('monday', true)).toBe('monday')
  expect(await forcedBy('tuesday', true)).toBe('tuesday')
  expect(await forcedBy('tuesday', false)).toBeUndefined()
})

test('what a schema of mails says of its training stands in the plan', async () => {
  const schema = await new ArtifactStore().putText(`${mails}\ntraining_config: {model: LiquidAI/LFM2-1.2B, initial_dataset_size: 100, hyperparameters: {batch_size: 1, lora_rank: [4, 8]}}\n`, 'schema')
  const { plan } = await frozen({ name: 'mails', schema, options: { base: 'LiquidAI/LFM2-1.2B' } })
  expect(plan).toMatchObject({ count: 100, configs: { sft: { training: { per_device_train_batch_size: 1, lora_r: 16 } } } })
  expect((await frozen({ name: 'other', schema, options: { base: 'smollm2-135m', num: 60 } })).plan).toMatchObject({ count: 60, configs: { sft: { training: { per_device_train_batch_size: 8 } } } })
})

/** A champion whose run was told `options`, as publish records it. */
async function crown(options: TrainOptions | undefined): Promise<void> {
  const ref = await new ArtifactStore().putText(JSON.stringify(options ?? null), 'report')
  await addVersion(new ArtifactStore(), 'notes', { report: ref, dataset: ref, sft: ref, dpo: ref, schema: '', base: 'smollm2-135m', quant: 'q8_0', seed: 7, options, scores: {}, verdict: '' }, true)
}

test("a retrain goes on with what the champion's run was told, but for its seed and --force, and leaves the options of single stages alone", async () => {
  const schema = await new ArtifactStore().putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  const retrain = (options: object) => frozen({ name: 'notes', schema, retrain: true, options })
  const single = () => new MockActivityEnvironment({ workflowType: 'sft' }).run(freezePlan, { name: 'notes', schema }) as ReturnType<typeof freezePlan>
  expect((await retrain({})).plan).toMatchObject({ base: 'scratch', quant: 'q4_k_m', options: {} })
  await crown({ num: 200, base: 'smollm2-135m', quant: 'q8_0', seed: 7, force: true })
  await frozen({ name: 'notes', schema, options: { num: 100, pairs: 20 } })
  const { plan } = await retrain({})
  expect(plan).toMatchObject({ count: 200, base: 'smollm2-135m', quant: 'q8_0', pairs: 1000, seed: 2001, force: false, options: { num: 200, base: 'smollm2-135m', quant: 'q8_0' } })
  expect(await retrain({ num: 300, seed: 5 })).toMatchObject({ plan: { count: 300, quant: 'q8_0', seed: 2005 }, facts: { inherited: '--quant q8_0 --base smollm2-135m' } })
  expect((await single()).plan).toMatchObject({ count: 100, pairs: 20, base: 'scratch', quant: 'q4_k_m' })
})

test('of a champion that does not tell its options a retrain takes base and quantization', async () => {
  const schema = await new ArtifactStore().putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  await crown(undefined)
  expect((await frozen({ name: 'notes', schema, retrain: true })).plan).toMatchObject({ base: 'smollm2-135m', quant: 'q8_0' })
})

test("a champion's paid teacher writes for a retrain only within a budget", async () => {
  const schema = await new ArtifactStore().putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  const retrain = (options: object = {}) => frozen({ name: 'notes', schema, retrain: true, options })
  await crown({ num: 200, teacher: 'anthropic', batch: true })
  await expect(retrain()).rejects.toMatchObject({ type: 'BadInput', nonRetryable: true, message: expect.stringContaining('"options":{"budget":20}') })
  expect((await retrain({ budget: 20 })).plan).toMatchObject({ count: 200, budget: 20, teacher: { kind: 'anthropic', batch: true } })
  expect((await retrain({ teacher: 'offline' })).plan).toMatchObject({ teacher: { kind: 'offline' } })
  expect((await retrain({ teacher: 'anthropic' })).plan).toMatchObject({ teacher: { kind: 'anthropic' } })
  await crown({ num: 200, teacher: 'anthropic', budget: 5 })
  expect((await retrain()).plan).toMatchObject({ budget: 5, teacher: { kind: 'anthropic' } })
  // What the training has cost before is not of this budget.
  const ledger = new Ledger(new ArtifactStore().root)
  const reserved = ledger.reserve([{ key: 'k', training: 'notes', model: 'claude-opus-4-5', batch: false, worst: 3 }], undefined)
  ledger.lose((reserved as { id: number }).id)
  ledger.close()
  expect((await retrain()).plan).toMatchObject({ budget: 8, options: { budget: 5 } })
})

test("a caller's configuration is sent along; a run without it takes the worker's own", async () => {
  const schema = await new ArtifactStore().putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  const texts = { ...(await configTexts()), 'scratch_config.yaml': 'sft: {training: {steps: 5}}\ndpo: {}' }
  const configs = await new ArtifactStore().putText(JSON.stringify(texts), 'configs')
  expect((await frozen({ name: 'notes', schema, configs })).plan.configs.sft).toEqual({ training: { steps: 5 } })
  expect((await frozen({ name: 'notes', schema })).plan.configs).toEqual(await readConfigs('scratch'))
})

test('a single stage says what it goes on with, and pays for nothing anew that nobody named', async () => {
  const schema = await new ArtifactStore().putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  const generate = (options: object) => new MockActivityEnvironment({ workflowType: 'generate' }).run(freezePlan, { name: 'notes', schema, options }) as ReturnType<typeof freezePlan>
  await frozen({ name: 'notes', schema, options: { num: 100, teacher: 'anthropic', batch: true } })
  expect(await generate({ num: 200 })).toMatchObject({ plan: { count: 200, teacher: { kind: 'anthropic' } }, facts: { inherited: '--teacher anthropic --batch', estimated_dollars: expect.any(Number) } })
  await expect(generate({ force: true })).rejects.toMatchObject({ type: 'BadInput', nonRetryable: true, message: expect.stringContaining('`clitron generate notes --force --teacher anthropic` or `--teacher offline`') })
  expect((await generate({ force: true, teacher: 'anthropic' })).plan).toMatchObject({ count: 200, force: true })
  expect((await generate({ force: true, teacher: 'offline' })).plan).toMatchObject({ force: true, teacher: { kind: 'offline' } })
})

test('garbage collection leaves what a run that waits was planned with, until the run is over', async () => {
  const store = new ArtifactStore()
  const schema = await store.putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  const golden = await store.putText('', 'golden')
  const inRun = <T>(activity: (...args: never[]) => Promise<T>, input: unknown) => new MockActivityEnvironment({ workflowExecution: { workflowId: 'train-notes', runId: 'monday' }, workflowType: 'train' }).run(activity as never, input) as Promise<T>
  const { plan } = await inRun(freezePlan, { name: 'notes', schema, golden, options: { num: 100 } })
  const { briefs } = await inRun(planCoverage, plan)
  const day = 24 * 3600 * 1000
  const left = async (days: number) => {
    await collect({ remove: true, now: Date.now() + days * day })
    return Promise.all([schema, golden, briefs].map((ref) => store.has(ref)))
  }
  expect(await left(20)).toEqual([true, true, true])
  await inRun(releaseTraining, 'notes')
  expect(await left(20)).toEqual([false, false, false])
})

test('settings that a run is told win against the schema, and one that nothing reads is refused', async () => {
  const schema = await new ArtifactStore().putText(`${mails}\ntraining_config: {model: LiquidAI/LFM2-1.2B, hyperparameters: {batch_size: 1}}\n`, 'schema')
  const told = (settings: Record<string, number | string>) => frozen({ name: 'mails', schema, options: { base: 'LiquidAI/LFM2-1.2B' }, settings })
  expect((await told({ 'training.per_device_train_batch_size': 4, 'training.lora_r': 8 })).plan.configs.sft).toMatchObject({ training: { per_device_train_batch_size: 4, lora_r: 8, lora_alpha: 32 } })
  await expect(told({ 'training.lora_rank': 8 })).rejects.toMatchObject({ type: 'BadInput', message: expect.stringContaining('training.lora_rank: nothing reads this key') })
})
