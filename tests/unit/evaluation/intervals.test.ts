import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bootstrapByCluster, holm, mcnemar, meanInterval, quantile, rateDifference, wilson } from '../../../src/evaluation/intervals.ts'

describe('wilson', () => {
  test('46 of 50 is 0.81 to 0.97', () => {
    const [low, high] = wilson(46, 50)
    expect(low).toBeCloseTo(0.812, 3)
    expect(high).toBeCloseTo(0.968, 3)
  })

  test('holds the rate, stays within 0 and 1, and reaches them only there', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 5000 }).chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n))), ([right, n]) => {
      const [low, high] = wilson(right, n)
      expect(low).toBeLessThanOrEqual(right / n)
      expect(high).toBeGreaterThanOrEqual(right / n)
      expect(low === 0).toBe(right === 0)
      expect(high === 1).toBe(right === n)
    }))
  })

  test('without rows everything is possible', () => expect(wilson(0, 0)).toEqual([0, 1]))
})

describe('mcnemar', () => {
  test('is the exact two-sided binomial', () => {
    expect(mcnemar(0, 0)).toBe(1)
    expect(mcnemar(1, 5)).toBeCloseTo(0.21875, 10) // 2·(1 + 6)/2⁶
    expect(mcnemar(0, 10)).toBeCloseTo(2 / 1024, 12)
    expect(mcnemar(5, 5)).toBe(1)
  })

  test('is symmetric and a probability, for thousands of rows too', () => {
    fc.assert(fc.property(fc.nat(3000), fc.nat(3000), (a, b) => {
      expect(mcnemar(a, b)).toBe(mcnemar(b, a))
      expect(mcnemar(a, b)).toBeGreaterThanOrEqual(0)
      expect(mcnemar(a, b)).toBeLessThanOrEqual(1)
    }))
    expect(mcnemar(1000, 1100)).toBeCloseTo(0.031, 2)
  })
})

test('holm multiplies the smallest by the number of tests and never turns the order', () => {
  expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06])
  expect(holm([])).toEqual([])
})

describe('bootstrap by cluster', () => {
  const rows = (clusters: number, size: number) => Array.from({ length: clusters * size }, (_, i) => ({ cluster: String(Math.floor(i / size)), right: Math.floor(i / size) % 2 === 0 }))
  test('is the same every time, and near Wilson where each row is its own intent', () => {
    const single = rows(200, 1)
    expect(bootstrapByCluster(single)).toEqual(bootstrapByCluster(single))
    const [low, high] = bootstrapByCluster(single)
    const [wilsonLow, wilsonHigh] = wilson(100, 200)
    expect(low).toBeCloseTo(wilsonLow, 1)
    expect(high).toBeCloseTo(wilsonHigh, 1)
  })
  test('ten paraphrases of one intent say hardly more than one', () => {
    const [low, high] = bootstrapByCluster(rows(40, 10))
    const [wilsonLow, wilsonHigh] = wilson(200, 400)
    expect(high - low).toBeGreaterThan(2 * (wilsonHigh - wilsonLow))
  })
})

test('a quantile is one of the values', () => {
  expect(quantile([5, 1, 3], 0.5)).toBe(3)
  expect(quantile([1, 2, 3, 4], 0.95)).toBe(4)
  expect(quantile([], 0.5)).toBe(0)
})

test('a difference of two rates is as in Newcombe (1998), example (a): 56 of 70 against 48 of 80', () => {
  const [low, high] = rateDifference({ right: 56, n: 70 }, { right: 48, n: 80 })
  expect(low).toBeCloseTo(0.0524, 4)
  expect(high).toBeCloseTo(0.3339, 4)
})

test("Student's interval of two measurements is wide, of equal ones it is a point", () => {
  const [low, high] = meanInterval([1, 3])
  expect([low, high]).toEqual([expect.closeTo(2 - 12.706, 3), expect.closeTo(2 + 12.706, 3)])
  expect(meanInterval([4, 4, 4])).toEqual([4, 4])
})
