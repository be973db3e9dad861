import { expect, test } from 'vitest'
import { closest, didYouMean, editDistance, readableJson } from '../../src/text.ts'

test.each([['view', 'view', 0], ['veiw', 'view', 1], ['lst', 'list', 1], ['', 'abc', 3], ['kitten', 'sitting', 3]])('%s is %s after %i steps', (a, b, steps) => {
  expect(editDistance(a, b)).toBe(steps)
})

test('only close names are suggested', () => {
  expect(didYouMean('lsit', ['view', 'list'])).toBe('; did you mean "list"?')
  expect(didYouMean('weather', ['view', 'list'])).toBe('')
  expect(closest('x'.repeat(200), ['x'])).toBeUndefined()
})

test('JSON for people is the same document, a line for what fits into one', () => {
  const document = { steps: [{ action: 'read', parameters: { file: 'a.csv' } }, { action: 'filter', parameters: { condition: 'x'.repeat(30) } }], none: [], words: 'y'.repeat(50) }
  const shown = readableJson(document, 60)
  expect(JSON.parse(shown)).toEqual(document)
  expect(shown.split('\n')[2]).toBe('    {"action":"read","parameters":{"file":"a.csv"}},')
  expect(readableJson([1, 2])).toBe('[1,2]')
})
