import { expect, test } from 'vitest'
import { abbreviated, cased, contracted, guard, misspell, punctuated, unguard, withFiller, withTypo } from '../../../src/teacher/noise.ts'
import { Random } from '../../../src/teacher/random.ts'

test('noise never touches a guarded value', () => {
  const r = new Random(1)
  const value = 'Going to You, what is'
  for (let i = 0; i < 500; i++) {
    const noisy = punctuated(cased(withTypo(contracted(withFiller(`please comment with ${guard(value)} on everything`, r, true), r), r, () => true), r), r, false)
    expect(unguard(noisy)).toContain(value)
  }
})

test('a word before the text brings its own mark or a comma, never two marks', () => {
  for (let seed = 0; seed < 500; seed++) expect(withFiller('list pods', new Random(seed), false)).not.toMatch(/[:,!],/)
})

test('a misspelling is one slip away', () => {
  const r = new Random(2)
  for (let i = 0; i < 200; i++) expect(Math.abs(misspell('repository', r).length - 'repository'.length)).toBeLessThanOrEqual(1)
})

test('a typo that would mean something else is refused', () => {
  expect(withTypo('close', new Random(1), () => false)).toBe('close')
})

test('a short form is one that the text has words for, and a value keeps its own', () => {
  for (let seed = 0; seed < 20; seed++) {
    expect(abbreviated(`list the issues without ${guard('without and with')}`, new Random(seed))).toBe(`list the issues w/o ${guard('without and with')}`)
    expect(abbreviated('close it', new Random(seed))).toBe('close it')
  }
})

test('a sentence that ends in a value ends in a mark at times', () => {
  const r = new Random(3)
  const ends = Array.from({ length: 1000 }, () => punctuated(`fork ${guard('octo-org/test')}`, r, false).slice(-1))
  for (const [mark, least, most] of [['\uE001', 800, 880], ['.', 90, 150], ['!', 20, 60]] as const) {
    const found = ends.filter((end) => end === mark).length
    expect(found, mark).toBeGreaterThan(least)
    expect(found, mark).toBeLessThan(most)
  }
})
