import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { prepare } from '../../../src/cli/start.ts'
import { keepOptions } from '../../../src/earlier-options.ts'
import type { Stage, TrainOptions } from '../../../src/plan.ts'
import { addVersion } from '../../../src/registry/registry.ts'
import { readConfigs, sentConfigs } from '../../../src/setup/configs.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'))
  mkdirSync(join(folder, 'schemas'))
  copyFileSync(join(import.meta.dirname, '../../fixtures/notes.yaml'), join(folder, 'schemas', 'notes.yaml'))
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  vi.stubEnv('CLITRON_STORE', join(folder, 'store'))
  vi.stubEnv('ANTHROPIC_API_KEY', 'test')
  vi.stubEnv('ANTHROPIC_BASE_URL', undefined)
  vi.stubEnv('CLITRON_TEACHER_MODEL', undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** What the screen says before a run is started. */
async function said(type: 'train' | Stage, options: TrainOptions = {}, retrain = false): Promise<string[]> {
  const lines: string[] = []
  await prepare('notes', { type, options, retrain }, (line) => lines.push(line))
  return lines
}

test('a single stage says which options of the last run it goes on with; a whole train has none', async () => {
  await keepOptions(new ArtifactStore(), 'notes', { num: 200, quant: 'q8_0' })
  expect(await said('sft', { num: 300 })).toEqual(['sft goes on with what the last run of notes was told: --quant q8_0.'])
  expect(await said('train')).toEqual([])
})

test("the run is sent this folder's configuration", async () => {
  mkdirSync(join(folder, 'training', 'configs'), { recursive: true })
  writeFileSync(join(folder, 'training', 'configs', 'scratch_config.yaml'), 'sft: {training: {steps: 5}}\ndpo: {}')
  const { configs } = await prepare('notes', { type: 'train', options: {}, retrain: false }, () => {})
  expect(await readConfigs('scratch', sentConfigs(await new ArtifactStore().readText(configs!)))).toMatchObject({ sft: { training: { steps: 5 } } })
})

test('a paid teacher that the last run had is not asked for everything anew unless it is named', async () => {
  await keepOptions(new ArtifactStore(), 'notes', { num: 200, teacher: 'anthropic' })
  await expect(said('generate', { force: true })).rejects.toMatchObject({ type: 'BadInput', message: expect.stringContaining('name the teacher') })
  await said('generate', { force: true, teacher: 'anthropic' })
})

test('what the paid teacher may cost is said before the run starts, with the budget', async () => {
  const [line] = await said('train', { num: 400, teacher: 'anthropic' })
  expect(line).toMatch(/^400 examples by claude-opus-4-5 in 20 calls cost about \$\d\.\d\d; what is there already is not bought again; no --budget limits it\.$/)
  const dollars = Number(/\$(\S+);/.exec(line!)![1])
  const [batch] = await said('train', { num: 400, teacher: 'anthropic', batch: true, budget: 20 })
  expect(batch).toMatch(/in 20 calls in Message Batches cost about .*; the budget is \$20\.$/)
  expect(Number(/\$(\S+);/.exec(batch!)![1])).toBeLessThan(dollars)
  expect(await said('train', { num: 400, teacher: 'anthropic', budget: 0.5, force: true })).toEqual([expect.stringMatching(/, all of them anew; the budget is \$0\.50, where the run waits for you\.$/)])
  expect(await said('train', { num: 400, teacher: 'anthropic', rounds: 2 })).toEqual([expect.stringContaining('; each round adds up to 20% of that; no --budget')])
  expect(await said('train', { num: 400 })).toEqual([])
  appendFileSync(join(folder, 'schemas', 'notes.yaml'), '\ngates: {rounds: 2}\n')
  expect(await said('train', { num: 400, teacher: 'anthropic' })).toEqual([expect.stringContaining('; each round, made only while a gate is missed, adds up to 20% of that; no --budget')])
  expect(await said('train', { num: 400, teacher: 'anthropic', rounds: 0 })).toEqual([expect.not.stringContaining('each round')])
  expect(await said('generate', { num: 400, teacher: 'anthropic' })).toEqual([expect.not.stringContaining('each round')])
})

test("a retrain says what it goes on with of the champion's run", async () => {
  const store = new ArtifactStore()
  const ref = await store.putText('{}', 'report')
  await addVersion(store, 'notes', { report: ref, dataset: ref, sft: ref, dpo: ref, schema: '', base: 'scratch', quant: 'q8_0', seed: 1, options: { quant: 'q8_0' }, scores: {}, verdict: '' }, true)
  expect(await said('train', { num: 300 }, true)).toEqual(["train goes on with what the champion's run of notes was told: --quant q8_0."])
})
