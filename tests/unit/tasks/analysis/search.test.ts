import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { assembleDataset } from '../../../../src/dataset/assemble.ts'
import { readConfigs } from '../../../../src/setup/configs.ts'
import { withDeclared } from '../../../../src/setup/settings.ts'
import { analysis } from '../../../../src/tasks/analysis/index.ts'
import { readTrainingConfig, searchSpace } from '../../../../src/tasks/analysis/search.ts'
import { parse } from '../../../../src/tasks/analysis/parse.ts'
import { statesOf } from '../../../../src/tasks/analysis/schema.ts'
import { countBriefs } from '../../../../src/teacher/briefs.ts'
import { mistakeOf } from '../mistake.ts'
import { text } from './fixtures.ts'

/** As the adaptive training plan has it, to the letter. */
const document = `training_config:
  model: LiquidAI/LFM2-1.2B
  initial_dataset_size: 100
  validation_split: 0.2
  test_split: 0.1

  hyperparameters:
    learning_rate: [1e-4, 3e-4, 5e-4]  # Will be tuned
    lora_rank: [4, 8, 16]              # Will be tuned
    batch_size: 1
    gradient_accumulation: [4, 8, 16]   # Will be tuned
    max_sequence_length: [256, 512, 1024] # Will be tuned
`
const { config } = readTrainingConfig(parseYaml(document).training_config)

test('the document\'s section is read as it stands', () => {
  expect(config).toMatchObject({ model: 'LiquidAI/LFM2-1.2B', initial_dataset_size: 100, validation_split: 0.2, test_split: 0.1, hyperparameters: { learning_rate: [1e-4, 3e-4, 5e-4], batch_size: [1] } })
  expect(parse({ name: 'x', file: 'x.yaml', text: `${text}\n${document}` }).training_config).toBeDefined()
})

test('what it varies is named as in sft_config.yaml, for its base', () => {
  expect(searchSpace(config!)).toEqual({
    base: 'LiquidAI/LFM2-1.2B',
    space: { 'training.learning_rate': [1e-4, 3e-4, 5e-4], 'training.lora_r': [4, 8, 16], 'training.per_device_train_batch_size': [1], 'training.gradient_accumulation_steps': [4, 8, 16], 'data.max_seq_length': [256, 512, 1024] },
  })
  expect(analysis.searchSpace!(parse({ name: 'x', file: 'x.yaml', text }))).toBeUndefined()
  expect(analysis.searchSpace!(parse({ name: 'x', file: 'x.yaml', text: `${text}\n${document}` }))).toMatchObject({ base: 'LiquidAI/LFM2-1.2B' })
})

const withDocument = parse({ name: 'x', file: 'x.yaml', text: `${text}\n${document}` })

test('a schema that says how many examples it begins with has so many, of any teacher and for any base, but where a person says otherwise', () => {
  for (const base of ['scratch', 'LiquidAI/LFM2-1.2B']) for (const teacher of ['offline', 'anthropic'] as const) expect(countBriefs(analysis, withDocument, { base, teacher })).toBe(100)
  expect(countBriefs(analysis, withDocument, { base: 'scratch', teacher: 'offline', num: 400 })).toBe(400)
  expect(countBriefs(analysis, withDocument, { base: 'scratch', teacher: 'import' })).toBe(0)
  const silent = parse({ name: 'x', file: 'x.yaml', text: `${text}\n${document.replace('  initial_dataset_size: 100\n', '')}` })
  expect(countBriefs(analysis, silent, { base: 'scratch', teacher: 'offline' })).toBe(countBriefs(analysis, parse({ name: 'x', file: 'x.yaml', text }), { base: 'scratch', teacher: 'offline' }))
})

test('its splits are what it says, stratified by state, and no intent stands on two sides', async () => {
  const other = parse({ name: 'x', file: 'x.yaml', text: `${text}\n${document.replace('validation_split: 0.2', 'validation_split: 0.3')}` })
  expect(analysis.splits!(other)!.ratios).toEqual({ train: 0.6, validation: 0.15, calibration: 0.15, test: 0.1 })
  expect(analysis.splits!(parse({ name: 'x', file: 'x.yaml', text }))).toBeUndefined()

  const folder = mkdtempSync(join(tmpdir(), 'splits-'))
  const rows = analysis.plan(withDocument, { count: 100, seed: 1 }).map((brief) => analysis.writeOffline(withDocument, brief, 1))
  writeFileSync(join(folder, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const report = await assembleDataset({ name: 'x', family: analysis, schema: withDocument, batches: [join(folder, 'rows.jsonl')], outDir: join(folder, 'data'), seed: 1 })
  expect(report).toMatchObject({ split_ratios: { train: 0.7, validation: 0.1, calibration: 0.1, test: 0.1 }, leakage: { passed: true, shared_intents: 0 } })
  expect(report.splits).toEqual({ train: 70, validation: 10, calibration: 10, test: 10 })
  // Five rows of each state, of which three tenths are one or two.
  const heldOf = (state: string) => (['validation', 'calibration', 'test'] as const).reduce((sum, part) => sum + (report.slices_by_split[part]!.state?.[state] ?? 0), 0)
  for (const state of statesOf(withDocument)) expect([1, 2], state).toContain(heldOf(state))
})

test('a value that it settles stands in the configuration of its base, a list and another base change nothing', async () => {
  const configs = await readConfigs('LiquidAI/LFM2-1.2B')
  const settled = withDeclared('LiquidAI/LFM2-1.2B', configs, analysis.searchSpace!(withDocument))
  expect(settled.sft).toEqual({ ...configs.sft, training: { ...(configs.sft.training as object), per_device_train_batch_size: 1 } })
  expect(withDeclared('qwen3-0.6b', configs, analysis.searchSpace!(withDocument))).toBe(configs)
  expect(withDeclared('scratch', configs, undefined)).toBe(configs)
})

describe('bad input', () => {
  test.each([
    ['a search over nothing', 'learning_rate: [1e-4, 3e-4, 5e-4]', 'learning_rate: []', /at least one value of "learning_rate", found an empty list/],
    ['an unknown hyperparameter', 'lora_rank:', 'lora_rang:', /lora_rang/],
    ['splits that leave nothing', 'test_split: 0.1', 'test_split: 0.9', /leave rows for training/],
    ['fewer examples than a dataset can be split into', 'initial_dataset_size: 100', 'initial_dataset_size: 5', /initial_dataset_size/],
    ['a rate that is none', '[1e-4, 3e-4, 5e-4]', '[-1]', /learning_rate/],
  ])('%s is told with its line', (_what, found, instead, message) => {
    const told = mistakeOf(parse, `${text}\n${document.replace(found, instead)}`)
    expect(told).toMatch(message)
    expect(Number(/x\.yaml:(\d+)/.exec(told)![1])).toBeGreaterThan(text.split('\n').length - 1)
  })
})
