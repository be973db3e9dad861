import { expect, test } from 'vitest'
import { cased, contracted, guard, misspell, punctuated, unguard, withFiller, withTypo } from '../../../src/teacher/noise.ts'
import { Random } from '../../../src/teacher/random.ts'

test('noise never touches a guarded value', () => {
  const r = new Random(1)
  const value = 'Going to You, what is'
  for (let i = 0; i < 500; i++) {
    const noisy = punctuated(cased(withTypo(contracted(withFiller(`please comment with ${guard(value)} on everything`, r, true), r), r, () => true), r), r, false)
    expect(unguard(noisy)).toContain(value)
  }
})

test('a misspelling is one slip away', () => {
  const r = new Random(2)
  for (let i = 0; i < 200; i++) expect(Math.abs(misspell('repository', r).length - 'repository'.length)).toBeLessThanOrEqual(1)
})

test('a typo that would mean something else is refused', () => {
  expect(withTypo('close', new Random(1), () => false)).toBe('close')
})
