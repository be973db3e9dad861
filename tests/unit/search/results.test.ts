import { expect, test } from 'vitest'
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
