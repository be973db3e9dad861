import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { z } from 'zod'
import { configKeys } from '../../../src/setup/config-keys.ts'
import { configTexts, readConfigs, sentConfigs } from '../../../src/setup/configs.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'configs-'))
  mkdirSync(join(folder, 'training', 'configs'), { recursive: true })
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

const own = (file: string, text: string) => writeFileSync(join(folder, 'training', 'configs', file), text)

test('the files as shipped pass, and are handed on as they stand', async () => {
  expect((await readConfigs('scratch')).sft.training).toMatchObject({ steps: expect.any(Number), muon_learning_rate: expect.any(Number) })
  expect((await readConfigs('smollm2-135m')).sft).toMatchObject({ training: { learning_rate: 2e-5 }, logging: { report_to: 'none' } })
  own('sft_config.yaml', 'training: {learning_rate: "2e-4"}')
  expect((await readConfigs('smollm2-135m')).sft).toEqual({ training: { learning_rate: '2e-4' } })
})

test('a model from scratch reads fewer rows at a time where they are long; a downloaded base and everything else stay', async () => {
  const { sft } = await readConfigs('scratch')
  const long = (await readConfigs('scratch', undefined, 2.4)).sft
  expect(long).toEqual({ ...sft, training: { ...(sft.training as object), batch_size: 20 } })
  expect((await readConfigs('smollm2-135m', undefined, 2.4)).sft).toEqual((await readConfigs('smollm2-135m')).sft)
})

test.each([
  ['sft_config.yaml', 'training: {learning_rat: 1e-4}', 'training/configs/sft_config.yaml: training.learning_rat: nothing reads this key; did you mean "learning_rate"?'],
  ['sft_config.yaml', 'trainig: {learning_rate: 1e-4}', 'sft_config.yaml: trainig: nothing reads this key; did you mean "training"?'],
  ['sft_config.yaml', 'data: {packing: true}', 'data.packing: nothing reads this key; the keys of data are train_file, validation_file, max_seq_length.'],
  ['sft_config.yaml', 'training: {num_train_epochs: many}', 'training.num_train_epochs: expected a number, found "many".'],
  ['sft_config.yaml', 'training: {lora_r: 1.5}', 'training.lora_r: expected a whole number, found 1.5.'],
  ['sft_config.yaml', 'training: {prune: 1}', 'training.prune: expected a share from 0 to below 1, found 1.'],
  ['sft_config.yaml', 'training: {early_stopping: -1}', 'training.early_stopping: expected a whole number from 0, found -1.'],
  ['sft_config.yaml', 'training: {early_stopping: true}', 'training.early_stopping: expected a whole number from 0, found true.'],
  ['sft_config.yaml', 'training: {prune_at: 0.5}', 'training.prune_at: nothing reads this key; a downloaded base is pruned before its training begins, by training.prune.'],
  ['sft_config.yaml', 'model: {attention: flash}', 'model.attention: expected eager, sdpa or flash_attention_2, found "flash".'],
  ['sft_config.yaml', 'model: {atention: sdpa}', 'model.atention: nothing reads this key; did you mean "attention"?'],
  ['sft_config.yaml', 'training:', 'training: expected keys with values, found nothing.'],
  ['dpo_config.yaml', 'training: {bet: 0.2}', 'training/configs/dpo_config.yaml: training.bet: nothing reads this key; did you mean "beta"?'],
  ['sft_config.yaml', '', 'training/configs/sft_config.yaml: the file: expected keys with values, found nothing.'],
  ['dpo_config.yaml', '- training', 'training/configs/dpo_config.yaml: the file: expected keys with values, found ["training"].'],
])('%s with %j is refused at once, with the key and what was meant', async (file, text, message) => {
  own(file, text)
  await expect(readConfigs('smollm2-135m')).rejects.toMatchObject({ type: 'BadInput', message: expect.stringContaining(message) })
})

test.each([
  ['', 'training/configs/scratch_config.yaml: the file: expected the sections "sft:" and "dpo:", found nothing.'],
  ['sft: {training: {steps: 5}}', 'dpo: expected keys with values, found nothing.'],
  ['sft: {training: {num_train_epochs: 5}}\ndpo: {}', 'sft.training.num_train_epochs: nothing reads this key; the keys of sft.training are steps, batch_size, '],
  ['sft: {training: {prune: -0.5, prune_at: 1}}\ndpo: {}', 'sft.training.prune: expected a share from 0 to below 1, found -0.5. sft.training.prune_at: expected a share from 0 to below 1, found 1.'],
  ['sft: {training: {early_stopping: 1.5}}\ndpo: {training: {early_stopping: 2}}', 'sft.training.early_stopping: expected a whole number from 0, found 1.5. dpo.training.early_stopping: nothing reads this key; '],
  ['sft: {model: {attention: eager}}\ndpo: {}', 'sft.model.attention: nothing reads this key; a model from scratch computes attention in one way of its own, and sft.model.layers says which'],
  ['sft: {model: {hiden_size: 256}}\ndpo: {training: {lora_r: 8}}', 'sft.model.hiden_size: nothing reads this key; did you mean "hidden_size"? dpo.training.lora_r: nothing reads this key; the keys of dpo.training are '],
])('scratch_config.yaml with %j is refused at once', async (text, message) => {
  own('scratch_config.yaml', text)
  await expect(readConfigs('scratch')).rejects.toMatchObject({ type: 'BadInput', message: expect.stringContaining(message) })
})

test('files that are sent are those of the folder they come from, and win over the own ones of where they arrive', async () => {
  own('scratch_config.yaml', 'sft: {training: {steps: 5}}\ndpo: {}')
  own('eval_config.yaml', 'gates: {target: 0.9}')
  const sent = JSON.stringify(await configTexts())
  own('scratch_config.yaml', 'sft: {training: {steps: 7}}\ndpo: {}')
  expect(await readConfigs('scratch', sentConfigs(sent))).toMatchObject({ sft: { training: { steps: 5 } }, gates: { target: 0.9 } })
  expect(await readConfigs('smollm2-135m', sentConfigs(sent))).toMatchObject({ sft: { training: { learning_rate: 2e-5 } } })
  expect(() => sentConfigs('{"sft":{}}')).toThrow('leave it out')
})

/** The fields of a dataclass of trainers/. */
function fields(script: string, dataclass: string): string[] {
  const [, body] = readFileSync(join(import.meta.dirname, '../../../trainers', script), 'utf8').split(`\nclass ${dataclass}:\n`)
  return [...body!.split(/\n(?=\S)/)[0]!.matchAll(/^    (\w+): /gm)].map(([, name]) => name!)
}

function read(schema: z.ZodObject, section: string): string[] {
  const { shape } = (schema.shape[section] as z.ZodOptional<z.ZodObject>).unwrap()
  return Object.keys(shape).sort()
}

test('the keys are those that the trainers read, and those that are taken for the specification', () => {
  const { 'sft_config.yaml': sft, 'dpo_config.yaml': dpo, 'scratch_config.yaml': scratch } = configKeys
  const lora = fields('lora.py', 'Lora')
  expect(lora).toContain('lora_r')
  const model = ['name', ...fields('base.py', 'Model')].sort()
  expect(read(sft, 'model')).toEqual(model)
  expect(read(sft, 'training')).toEqual(['output_dir', ...fields('lora_sft.py', 'Training'), ...lora].sort())
  expect(read(sft, 'data')).toEqual(['train_file', 'validation_file', ...fields('lora_sft.py', 'Data')].sort())
  expect(read(sft, 'logging')).toEqual(['report_to', ...fields('lora_sft.py', 'Logging')].sort())
  expect(read(dpo, 'model')).toEqual(model)
  expect(read(dpo, 'training')).toEqual(['output_dir', ...fields('dpo.py', 'Training'), ...lora].sort())
  expect(read(dpo, 'data')).toEqual(['preference_file', ...fields('dpo.py', 'Data')].sort())
  const { sft: first, dpo: second } = scratch.shape
  expect(read(first, 'model')).toEqual(fields('scratch_model.py', 'ModelShape').sort())
  expect(read(first, 'training')).toEqual(fields('scratch_step.py', 'Training').sort())
  expect(read(first, 'data')).toEqual(fields('scratch_sft.py', 'Data').sort())
  expect(read(first, 'logging')).toEqual(fields('scratch_sft.py', 'Logging').sort())
  expect(read(second, 'training')).toEqual(fields('dpo.py', 'Training').sort())
  expect(read(second, 'data')).toEqual(fields('dpo.py', 'Data').sort())
})
