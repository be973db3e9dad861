import { expect, test } from 'vitest'
import { closest, didYouMean, editDistance } from '../../src/text.ts'

test.each([['view', 'view', 0], ['veiw', 'view', 1], ['lst', 'list', 1], ['', 'abc', 3], ['kitten', 'sitting', 3]])('%s is %s after %i steps', (a, b, steps) => {
  expect(editDistance(a, b)).toBe(steps)
})

test('only close names are suggested', () => {
  expect(didYouMean('lsit', ['view', 'list'])).toBe('; did you mean "list"?')
  expect(didYouMean('weather', ['view', 'list'])).toBe('')
  expect(closest('x'.repeat(200), ['x'])).toBeUndefined()
})
