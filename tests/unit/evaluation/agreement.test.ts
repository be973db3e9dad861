import { expect, test } from 'vitest'
import { agreementOf } from '../../../src/evaluation/agreement.ts'

const pairs = (both: number, first: number, second: number, neither: number) =>
  [[both, true, true], [first, true, false], [second, false, true], [neither, false, false]].flatMap(([count, a, b]) => Array.from({ length: count as number }, () => [a, b] as [boolean, boolean]))

test('kappa is the share beyond what chance would agree on: 20 and 15 of 50 alike, 5 and 10 not, is 0.4', () => {
  expect(agreementOf(pairs(20, 5, 10, 15))).toEqual({ both_right: 20, only_first: 5, only_second: 10, both_wrong: 15, share: 0.7, kappa: expect.closeTo(0.4) })
})

test('1 where they always agree, 0 as by chance, below it where they rather disagree', () => {
  expect(agreementOf(pairs(3, 0, 0, 2)).kappa).toBe(1)
  expect(agreementOf(pairs(4, 4, 4, 4)).kappa).toBe(0)
  expect(agreementOf(pairs(0, 5, 5, 0)).kappa).toBe(-1)
})

test('not defined where each says one and the same of all rows, or there are none', () => {
  expect(agreementOf(pairs(7, 0, 0, 0))).toMatchObject({ share: 1, kappa: null })
  expect(agreementOf([])).toMatchObject({ share: null, kappa: null })
})
