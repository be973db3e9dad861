import { describe, expect, test } from 'vitest'
import { isHopeless, planTrials } from '../../../src/search/trials.ts'

const space = { learning_rate: [1e-4, 3e-4, 5e-4], lora_rank: [4, 8, 16], batch_size: [1], gradient_accumulation: [4, 8, 16], max_sequence_length: [256, 512, 1024] }

describe('the trials', () => {
  const trials = planTrials(space)
  test('begin in the middle, then change one thing at a time, then several', () => {
    expect(trials[0]).toEqual({ number: 1, setting: { learning_rate: 3e-4, lora_rank: 8, batch_size: 1, gradient_accumulation: 8, max_sequence_length: 512 }, varies: [] })
    expect(trials.slice(1, 9).map(({ varies }) => varies.length)).toEqual(Array(8).fill(1))
    expect(trials.slice(9).every(({ varies }) => varies.length > 1)).toBe(true)
  })
  test('are each another one, all of them where there is room', () => {
    const all = planTrials(space, { most: 1_000 })
    expect(all).toHaveLength(81)
    expect(new Set(all.map(({ setting }) => JSON.stringify(setting))).size).toBe(81)
    expect(trials).toHaveLength(27)
  })
  test('are the same for a seed, in another order for another', () => {
    expect(planTrials(space)).toEqual(trials)
    expect(planTrials(space, { seed: 2 }).slice(0, 9)).toEqual(trials.slice(0, 9))
    expect(planTrials(space, { seed: 2 }).slice(9)).not.toEqual(trials.slice(9))
  })
  test('are one where nothing is a list', () => expect(planTrials({ learning_rate: [1e-4] })).toEqual([{ number: 1, setting: { learning_rate: 1e-4 }, varies: [] }]))
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
