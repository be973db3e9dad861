import { expect, test } from 'vitest'
import { outcomeOf } from '../../../src/cli/commands/search.ts'
import { checkSize, readVary } from '../../../src/search/input.ts'
import { searchResults, type TrialResult } from '../../../src/search/results.ts'

const about = { name: 'notes', base: 'scratch', dataset: 'd', seed: 1 }
const trial = (number: number, varies: string[], curve: number[], more: Partial<TrialResult> = {}): TrialResult =>
  ({ number, setting: { 'training.steps': number }, varies, curve, seconds: 1, ...(more.stopped_at === undefined && { validation_loss: curve.at(-1)! }), ...more })

test('the best is the trial with the lowest validation loss at its end; one that was given up is never it', () => {
  const { best } = searchResults(about, [trial(1, [], [2, 0.5]), trial(2, ['a'], [2, 0.4]), trial(3, ['a'], [0.1], { stopped_at: 7 })])
  expect(best).toEqual({ trial: 2, setting: { 'training.steps': 2 }, validation_loss: 0.4 })
  expect(searchResults(about, [trial(1, [], [], { stopped_at: 3 })]).best).toBeNull()
})

test('a trial that was measured on fewer rows wins against none, and says why; nor does it tell what makes a difference', () => {
  const of = (number: number, length: number, curve: number[], more: Partial<TrialResult> = {}) => trial(number, number === 1 ? [] : ['data.max_seq_length'], curve, { setting: { 'data.max_seq_length': length }, ...more })
  const { best, trials, influence } = searchResults(about, [of(1, 512, [0.5], { validation_rows: 100 }), of(2, 256, [0.1], { validation_rows: 80 }), of(3, 1024, [0.4], { validation_rows: 100 }), of(4, 256, [0.05], { stopped_at: 7 })])
  expect(best).toMatchObject({ trial: 3, validation_loss: 0.4 })
  expect(trials.map(({ not_compared }) => not_compared)).toEqual([undefined, 'measured on 80 of 100 validation rows: the others are too long for it', undefined, 'measured on 80 of 100 validation rows: the others are too long for it'])
  expect(influence.map(({ key, loss }) => [key, Number(loss.toFixed(4))])).toEqual([['data.max_seq_length', 0.1]])
})

test('a trial that could not be trained is no best one, and changes nothing for the others', () => {
  const failed: TrialResult = { number: 2, setting: { 'data.max_seq_length': 256 }, varies: ['data.max_seq_length'], curve: [], failed: 'no row fits into 256 tokens', seconds: 1 }
  const { best, trials, influence } = searchResults(about, [trial(1, [], [0.5], { validation_rows: 100 }), failed])
  expect(best).toMatchObject({ trial: 1 })
  expect(trials[1]).toEqual(failed)
  expect(influence).toEqual([{ key: 'data.max_seq_length', loss: 0 }])
  expect(searchResults(about, [failed]).best).toBeNull()
})

test.each([
  [{ failed: 'no row fits into 256 tokens (the shortest has 301)' }, 'could not be trained: no row fits into 256 tokens (the shortest has 301)'],
  [{ stopped_at: 40 }, 'given up at step 40'],
  [{ validation_loss: 0.5 }, '0.5000'],
  [{ validation_loss: 0.5, not_compared: 'measured on 80 of 100 validation rows' }, '0.5000 (not compared: measured on 80 of 100 validation rows)'],
])('the table says of %j: %s', (trial, words) => expect(outcomeOf(trial)).toBe(words))

test('what makes a difference is told of keys that were changed alone, the largest first', () => {
  const { influence } = searchResults(about, [trial(1, [], [0.5]), trial(2, ['a'], [0.52]), trial(3, ['b'], [0.9], { stopped_at: 7 }), trial(4, ['b'], [], { stopped_at: 1 }), trial(5, ['a', 'b'], [0.1])])
  expect(influence.map(({ key, loss }) => [key, Number(loss.toFixed(4))])).toEqual([['b', 0.4], ['a', 0.02]])
})

test('what is varied is read with numbers as numbers', () => {
  expect(readVary(['training.steps=600', 'training.muon_learning_rate=0.005, 1e-2', 'model.layers=ca,caca'])).toEqual({ 'training.steps': [600], 'training.muon_learning_rate': [0.005, 0.01], 'model.layers': ['ca', 'caca'] })
})

test.each([
  [['training.steps'], /KEY=VALUE,VALUE/], [['=3'], /KEY=VALUE,VALUE/], [['training.steps=,'], /KEY=VALUE,VALUE/], [['a.b=1', 'a.b=2'], /names a\.b twice/],
])('%j is refused, with how it is written', (given, message) => expect(() => readVary(given)).toThrow(message))

test('a space that nobody could walk through is refused', () => {
  const many = Array.from({ length: 101 }, (_, i) => i)
  expect(() => checkSize({ a: many, b: many })).toThrow('10,201')
})
