import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { analysis } from '../../../../src/tasks/analysis/index.ts'
import { readTrainingConfig, searchSpace } from '../../../../src/tasks/analysis/search.ts'
import { parse } from '../../../../src/tasks/analysis/parse.ts'
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

describe('bad input', () => {
  test.each([
    ['a search over nothing', 'learning_rate: [1e-4, 3e-4, 5e-4]', 'learning_rate: []', /at least one value of "learning_rate", found an empty list/],
    ['an unknown hyperparameter', 'lora_rank:', 'lora_rang:', /lora_rang/],
    ['splits that leave nothing', 'test_split: 0.1', 'test_split: 0.9', /leave rows for training/],
    ['a rate that is none', '[1e-4, 3e-4, 5e-4]', '[-1]', /learning_rate/],
  ])('%s is told with its line', (_what, found, instead, message) => {
    const told = mistakeOf(parse, `${text}\n${document.replace(found, instead)}`)
    expect(told).toMatch(message)
    expect(Number(/x\.yaml:(\d+)/.exec(told)![1])).toBeGreaterThan(text.split('\n').length - 1)
  })
})
