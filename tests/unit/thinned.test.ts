import { expect, test } from 'vitest'
import { thinned } from '../../src/thinned.ts'

test('thinning keeps both ends', () => {
  expect(thinned([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([1, 4, 7])
  expect(thinned([1, 2], 3)).toEqual([1, 2])
  expect(thinned([1, 2], 1)).toEqual([1])
  expect(thinned([1, 2], 0)).toEqual([])
})
