import { expect, test } from 'vitest'
import { dollarsOf, estimate, priceOf } from '../../../src/teacher/prices.ts'
import { knowledge } from './anthropic/setting.ts'

test.each([
  ['claude-opus-4-5-20251101', 5, 25], ['claude-opus-5-5', 4, 20], ['claude-opus-4-1', 15, 75], ['claude-sonnet-4-6', 3, 15], ['claude-sonnet-5-5', 2, 10], ['claude-haiku-4-5', 1, 5], ['claude-haiku-5-5', 0.1, 0.5],
])('%s costs %d dollars in and %d out', (model, input, output) => {
  expect(priceOf(model)).toMatchObject({ input, output })
  expect(priceOf(model).assumed).toBeUndefined()
})

test('a model without a list price is taken for Opus, and said to be', () => {
  expect(priceOf('qwen3-8b')).toMatchObject({ input: 5, output: 25, assumed: true })
})

test('batches cost half; the cache is read at a tenth and written at five quarters', () => {
  const usage = { input: 1e6, output: 1e6, cacheWrite: 1e6, cacheRead: 1e6 }
  expect(dollarsOf(usage, 'claude-opus-4-5', false)).toBeCloseTo(5 + 25 + 6.25 + 0.5)
  expect(dollarsOf(usage, 'claude-opus-4-5', true)).toBeCloseTo(36.75 / 2)
})

test('an estimate counts calls of 20, and follows what a pilot measured', () => {
  const { family, schema } = knowledge
  const ask = { family, schema, briefs: family.plan(schema, { count: 410, seed: 1 }), model: 'claude-opus-4-5', batch: false }
  expect(estimate(ask).calls).toBe(21)
  expect(estimate({ ...ask, measured: { outputPerExample: 50 } }).outputTokens).toBe(410 * 50)
  expect(estimate({ ...ask, briefs: [] })).toMatchObject({ calls: 0, dollars: 0 })
})
