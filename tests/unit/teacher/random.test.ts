import { expect, test } from 'vitest'
import { Random } from '../../../src/teacher/random.ts'

test('the same seed draws the same numbers, another seed others', () => {
  const draw = (seed: string) => Array.from({ length: 20 }, ((r) => () => r.int(0, 1_000_000))(new Random(seed)))
  expect(draw('a')).toEqual(draw('a'))
  expect(draw('a')).not.toEqual(draw('b'))
})

test('a split does not depend on what was drawn before it', () => {
  const fresh = new Random('a')
  const used = new Random('a')
  used.next()
  expect(used.split('x').next()).toBe(fresh.split('x').next())
})

test('weights are followed and integers stay in range', () => {
  const r = new Random(1)
  const picks = Array.from({ length: 10_000 }, () => r.weighted([['a', 3], ['b', 1], ['c', 0]] as const))
  expect(picks.filter((pick) => pick === 'a').length / 10_000).toBeCloseTo(0.75, 1)
  expect(picks).not.toContain('c')
  for (let i = 0; i < 1000; i++) expect([1, 2, 3]).toContain(r.int(1, 3))
})

test('nothing cannot be picked from', () => {
  expect(() => new Random(1).pick([])).toThrow(RangeError)
})
