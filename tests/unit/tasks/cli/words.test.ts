import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distance } from '../../../../src/tasks/cli/offline/words.ts'
import { oneSlip } from '../../../../src/teacher/typing.ts'

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 })

test('one slip is an edit distance of at most 1, transpositions included', () => {
  fc.assert(fc.property(word, word, (a, b) => oneSlip(a, b) === (distance(a, b) <= 1)), { numRuns: 2000 })
  expect(oneSlip('list', 'lsit')).toBe(true)
  expect(oneSlip('list', 'ltsi')).toBe(false)
})
