import { expect, test } from 'vitest'
import { bootstrapBySeed, comparePaired, loses, type Pair, type SeedPairs, verdictOf } from '../../../lab/paired.ts'
import { randomFrom } from '../../../src/evaluation/intervals.ts'

const row = (cluster: string | number, variant: boolean, baseline: boolean): Pair => ({ cluster: String(cluster), variant, baseline })

/** Rows of which the variant answers `gain` more rightly than the baseline, which answers some 60%; both differ by chance on a tenth of them. */
function seeds(count: number, n: number, gain: number, { shift = [] as number[] } = {}): SeedPairs[] {
  const random = randomFrom(7)
  return Array.from({ length: count }, (_, seed) => ({
    seed: seed + 1,
    pairs: Array.from({ length: n }, (_, index) => {
      const baseline = random() < 0.6
      const better = gain + (shift[seed] ?? 0)
      const variant = random() < 0.1 ? random() < 0.6 : baseline || random() < better / 0.4
      return row(`${seed}-${index}`, variant, baseline)
    }),
  }))
}

test('two models that answer alike are not told apart: their difference is nothing, and its interval too', () => {
  const comparison = comparePaired([1, 2, 3].map((seed) => ({ seed, pairs: [row('a', true, true), row('b', false, false), row('c', true, true)] })))
  expect(comparison).toMatchObject({ points: 0, interval: [0, 0], p_value: 1, only_variant: 0, only_baseline: 0 })
  expect(verdictOf(comparison)).toBe('not told apart')
  expect(loses(comparison)).toBe(false)
})

test('a gain of ten points on 400 rows of three seeds is found, and the loss that it is the other way round', () => {
  const better = seeds(3, 400, 0.1)
  const comparison = comparePaired(better)
  expect(comparison.points).toBeGreaterThan(6)
  expect(comparison.interval[0]).toBeGreaterThan(0)
  expect(verdictOf(comparison)).toBe('better')
  const worse = comparePaired(better.map(({ seed, pairs }) => ({ seed, pairs: pairs.map(({ cluster, variant, baseline }) => row(cluster, baseline, variant)) })))
  expect(worse.points).toBeCloseTo(-comparison.points)
  expect(verdictOf(worse)).toBe('worse')
  expect(loses(worse)).toBe(true)
})

test('where seeds differ by chance alone, three of them seldom claim a difference; their bootstrap alone would often', () => {
  const random = randomFrom(11)
  const experiments = Array.from({ length: 100 }, () => [1, 2, 3].map((seed): SeedPairs => {
    const rate = 0.5 + 0.8 * (random() - 0.5)
    return { seed, pairs: Array.from({ length: 100 }, (_, index) => row(`${seed}-${index}`, random() < rate, random() < 0.5)) }
  }))
  const claims = (intervals: readonly (readonly [number, number])[]) => intervals.filter(([low, high]) => low > 0 || high < 0).length
  expect(claims(experiments.map((of) => comparePaired(of, 400).interval))).toBeLessThan(10)
  expect(claims(experiments.map((of) => bootstrapBySeed(of, 400)))).toBeGreaterThan(15)
})

test('fewer than three seeds claim nothing, whatever they show', () => {
  expect(verdictOf(comparePaired(seeds(1, 400, 0.3)))).toBe('no claim')
  expect(verdictOf(comparePaired(seeds(2, 400, 0.3)))).toBe('no claim')
})

test('the same answers give the same interval', () => {
  expect(comparePaired(seeds(3, 200, 0.05))).toEqual(comparePaired(seeds(3, 200, 0.05)))
})

test('every seed has its own figures, and the rows that only one answers rightly are added up', () => {
  const { per_seed, only_variant, only_baseline, points, p_value } = comparePaired([
    { seed: 4, pairs: [row('a', true, false), row('b', true, true)] },
    { seed: 9, pairs: [row('a', true, false), row('b', false, true), row('c', true, true), row('d', true, false)] },
  ])
  expect(per_seed).toMatchObject([{ seed: 4, n: 2, variant: 1, baseline: 0.5, points: 50 }, { seed: 9, n: 4, variant: 0.75, baseline: 0.5, points: 25 }])
  expect({ only_variant, only_baseline, points }).toEqual({ only_variant: 3, only_baseline: 1, points: 37.5 })
  expect(p_value).toBeCloseTo(0.625)
})

test('seeds that disagree widen the interval, though the rows are as many', () => {
  const width = (of: SeedPairs[]) => {
    const { interval: [low, high] } = comparePaired(of)
    return high - low
  }
  expect(width(seeds(3, 400, 0.06, { shift: [-0.06, 0, 0.06] }))).toBeGreaterThan(2 * width(seeds(3, 400, 0.06)))
})

test('rows of one intent count as one: ten paraphrases tell no more than their intent', () => {
  const width = (clusterOf: (index: number) => number) => {
    const [low, high] = bootstrapBySeed([{ seed: 1, pairs: Array.from({ length: 200 }, (_, index) => row(clusterOf(index), Math.floor(index / 10) % 4 === 0, Math.floor(index / 10) % 4 === 1)) }], 1000)
    return high - low
  }
  expect(width((index) => Math.floor(index / 10))).toBeGreaterThan(2 * width((index) => index))
})

test('the same rows for all seeds are drawn once for all of them: they tell less than other rows for each', () => {
  const pairs = (prefix: string) => Array.from({ length: 100 }, (_, index) => row(`${prefix}${index}`, index % 4 === 0, index % 4 === 1))
  const width = (names: string[]) => {
    const [low, high] = bootstrapBySeed(names.map((name, index) => ({ seed: index, pairs: pairs(name) })), 1000)
    return high - low
  }
  expect(width(['', '', ''])).toBeGreaterThan(1.2 * width(['a', 'b', 'c']))
})
