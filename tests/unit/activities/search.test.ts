import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, test } from 'vitest'
import { planSearch } from '../../../src/activities/plan-search.ts'
import { writeSearchResults } from '../../../src/activities/search-results.ts'
import { Plan } from '../../../src/plan.ts'
import type { Space } from '../../../src/search/trials.ts'
import { readConfigs } from '../../../src/setup/configs.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { text as mails } from '../tasks/analysis/fixtures.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

inOwnFolder('search-')

async function planFor({ base = 'scratch', schema = readFileSync(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'utf8') } = {}): Promise<Plan> {
  const ref = await new ArtifactStore().putText(schema, 'schema')
  return Plan.parse({ name: 'notes', kind: 'cli', schema: ref, retrain: false, seed: 1, count: 300, pairs: 10, quant: 'q4_k_m', base, force: false, teacher: { kind: 'offline', model: 'x', batch: false }, configs: await readConfigs(base), searchAttributes: false })
}

const planned = async (plan: Plan, wish: { vary?: Space; trials?: number }) => (await (new MockActivityEnvironment().run(planSearch, plan, wish) as ReturnType<typeof planSearch>)).trials

test('each trial has the whole configuration with its own values, and measures itself eight times', async () => {
  const trials = await planned(await planFor(), { vary: { 'training.batch_size': [16, 32, 48], 'training.steps': [800] } })
  expect(trials.map(({ config }) => (config.training as any).batch_size)).toEqual([32, 16, 48])
  expect(trials[0]!.config).toMatchObject({ model: { hidden_size: 128 }, training: { steps: 800, decay: 0.5 }, logging: { eval_steps: 100, logging_steps: 100 } })
  expect(trials.map(({ varies }) => varies)).toEqual([[], ['training.batch_size'], ['training.batch_size']])
  expect(await planned(await planFor(), { vary: { 'training.batch_size': [16, 32, 48] }, trials: 2 })).toHaveLength(2)
})

test.each([
  [{ 'training.batchsize': [1] }, /training\.batchsize: nothing reads this key; did you mean "batch_size"\?/],
  [{ 'training.steps': ['many'] }, /training\.steps: expected a whole number, found "many"/],
  [{ 'training.prune': [0, 1.5] }, /training\.prune: expected a share from 0 to below 1, found 1\.5/],
  [{ 'model.attention': ['sdpa', 'eager'] }, /sft\.model\.attention: nothing reads this key; a model from scratch computes attention in one way/],
  [{ steps: [1] }, /SECTION\.KEY/],
])('varying %j is refused before anything is trained', async (vary, message) => {
  await expect(planned(await planFor(), { vary })).rejects.toMatchObject({ type: 'BadInput', message: expect.stringMatching(message) })
})

test('without words of the caller the schema says what to search, for its own base alone', async () => {
  await expect(planned(await planFor(), {})).rejects.toThrow('clitron search notes --vary')
  const schema = `${mails}\ntraining_config:\n  model: LiquidAI/LFM2-1.2B\n  hyperparameters: { lora_rank: [4, 8, 16] }\n`
  await expect(planned(await planFor({ schema }), {})).rejects.toThrow('clitron search notes --base LiquidAI/LFM2-1.2B')
  expect((await planned(await planFor({ schema, base: 'LiquidAI/LFM2-1.2B' }), {})).map(({ config }) => (config.training as any).lora_r)).toEqual([8, 4, 16])
})

test('the results stand in one file, in the store as well', async () => {
  const plan = await planFor()
  const trials = [{ number: 1, setting: { 'training.steps': 5 }, varies: [], curve: [2, 1], validation_loss: 1, seconds: 3 }]
  const { results, best } = await (new MockActivityEnvironment().run(writeSearchResults, plan, plan.schema, trials) as ReturnType<typeof writeSearchResults>)
  const text = readFileSync('training/models/notes/hyperparameter_results.json', 'utf8')
  expect(best).toEqual({ trial: 1, setting: { 'training.steps': 5 }, validation_loss: 1 })
  expect(JSON.parse(text)).toMatchObject({ name: 'notes', base: 'scratch', dataset: plan.schema.sha256, best, trials })
  expect(await new ArtifactStore().readText(results)).toBe(text)
})
