import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { isHopeless, planTrials, readTrainingConfig } from '../../../../src/tasks/analysis/search.ts'
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

describe('the trials', () => {
  const trials = planTrials(config!)
  test('begin in the middle, then change one thing at a time, then several', () => {
    expect(trials[0]).toEqual({ number: 1, setting: { learning_rate: 3e-4, lora_rank: 8, batch_size: 1, gradient_accumulation: 8, max_sequence_length: 512 }, varies: [] })
    expect(trials.slice(1, 9).map(({ varies }) => varies.length)).toEqual(Array(8).fill(1))
    expect(trials.slice(9).every(({ varies }) => varies.length > 1)).toBe(true)
  })
  test('are each another one, all of them where there is room', () => {
    const all = planTrials(config!, { most: 1_000 })
    expect(all).toHaveLength(81)
    expect(new Set(all.map(({ setting }) => JSON.stringify(setting))).size).toBe(81)
    expect(trials).toHaveLength(27)
  })
  test('are the same for a seed, in another order for another', () => {
    expect(planTrials(config!)).toEqual(trials)
    expect(planTrials(config!, { seed: 2 }).slice(0, 9)).toEqual(trials.slice(0, 9))
    expect(planTrials(config!, { seed: 2 }).slice(9)).not.toEqual(trials.slice(9))
  })
  test('are one where nothing is a list', () => expect(planTrials({ ...config!, hyperparameters: { learning_rate: [1e-4] } })).toEqual([{ number: 1, setting: { learning_rate: 1e-4 }, varies: [] }]))
})

describe('a hopeless trial', () => {
  const others = [[2, 1.5, 1], [2, 1.6, 1.2], [2.2, 1.7, 1.4]]
  test.each([
    ['better than the median', [2, 1.4], false],
    ['worse than all', [3, 2.9], true],
    ['worse at first, with time to come', [5], false],
    ['one whose loss is no number', [NaN], true],
  ])('%s: %j is %s', (_what, curve, hopeless) => expect(isHopeless(curve, others)).toBe(hopeless))
  test('is none before three others came as far', () => expect(isHopeless([9, 9, 9], others.slice(0, 2))).toBe(false))
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
