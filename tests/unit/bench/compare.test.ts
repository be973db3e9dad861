import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exponentOf, grownTo, inTurns, median, speedup } from '../../../bench/compare.ts'

describe('two sides', () => {
  test('take turns, and who begins changes', async () => {
    const order: string[] = []
    const { ours, peer } = await inTurns(3, async () => order.push('ours'), async () => order.push('peer'))
    expect(order).toEqual(['ours', 'peer', 'peer', 'ours', 'ours', 'peer'])
    expect([ours, peer]).toEqual([[1, 4, 5], [2, 3, 6]])
  })
})

describe('speedup', () => {
  test('is the median of the rounds, each measured by its own peer', () => {
    // Twice as fast in each round, although the machine was ten times slower in one.
    expect(speedup([1, 10, 1], [2, 20, 2])).toEqual({ ratio: 2, interval: [2, 2], rounds: 3 })
  })

  test('lies within its interval, which lies within the rounds', () => {
    const seconds = fc.double({ min: 0.01, max: 100, noNaN: true })
    fc.assert(fc.property(fc.array(fc.tuple(seconds, seconds), { minLength: 1, maxLength: 9 }), (rounds) => {
      const { ratio, interval: [low, high] } = speedup(rounds.map(([mine]) => mine), rounds.map(([, theirs]) => theirs))
      const each = rounds.map(([mine, theirs]) => theirs / mine)
      expect(low).toBeGreaterThanOrEqual(Math.min(...each))
      expect(high).toBeLessThanOrEqual(Math.max(...each))
      expect(ratio).toBeGreaterThanOrEqual(low)
      expect(ratio).toBeLessThanOrEqual(high)
    }), { numRuns: 20 })
  })

  test('is narrower with more rounds of the same spread', () => {
    const width = (rounds: number) => {
      const { interval } = speedup(Array.from({ length: rounds }, () => 1), Array.from({ length: rounds }, (_, index) => 2 + (index % 5) / 10))
      return interval[1] - interval[0]
    }
    expect(width(50)).toBeLessThan(width(5))
  })

  test('is refused where a side has no figure', () => {
    expect(() => speedup([1, 2], [1])).toThrow('2 and 1')
    expect(() => speedup([0], [1])).toThrow('no time')
    expect(() => speedup([Number.NaN], [1])).toThrow('no figure')
    expect(() => speedup([], [])).toThrow('0 and 0')
  })
})

test('the median of an even number lies between the middle two', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5])
})

describe('exponentOf', () => {
  test('is 1 for what is linear and 2 for what is quadratic', () => {
    expect(exponentOf(grownTo(1600).map((work) => ({ work, cost: 3 * work })))).toBeCloseTo(1, 10)
    expect(exponentOf(grownTo(1600).map((work) => ({ work, cost: work ** 2 / 7 })))).toBeCloseTo(2, 10)
  })

  test('needs two sizes', () => expect(() => exponentOf([{ work: 1, cost: 1 }, { work: 1, cost: 2 }])).toThrow('two sizes'))
})

test('growth is measured at 1, 4 and 16 times', () => expect(grownTo(10_000)).toEqual([625, 2500, 10_000]))
