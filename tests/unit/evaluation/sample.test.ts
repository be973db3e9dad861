import { expect, test } from 'vitest'
import type { Judged } from '../../../src/evaluation/judge.ts'
import { forReview, sampled } from '../../../src/evaluation/sample.ts'

let made = 0
const answer = (command: string, equivalent: boolean, confidence: number): Judged =>
  ({ row: { instruction: `${command} ${++made}`, context: null, output: '{}', slice: { command } }, completion: '{"do":"open"}', shown: { expected: '', got: '' }, score: { valid: true, allowed: true, equivalent }, confidence, executable: true, expectsExecutable: true, exact: equivalent })
const times = (count: number, make: () => Judged) => Array.from({ length: count }, make)

const rows = [
  ...times(50, () => answer('open', true, 0.95)), ...times(10, () => answer('open', false, 0.9)), ...times(10, () => answer('open', true, 0.5)),
  ...times(20, () => answer('close', true, 0.99)), ...times(2, () => answer('merge', false, 0.2)),
]
const share = (of: Judged[], test: (row: Judged) => boolean) => of.filter(test).length / of.length
const doubtful = ({ score, confidence }: Judged) => !score.equivalent || confidence < 0.7

test('every slice has its turn, whatever its size', () => {
  const found = sampled(rows, 'command', 12)
  expect(found).toHaveLength(12)
  expect(Object.fromEntries([...Map.groupBy(found, ({ row }) => row.slice!.command!)].map(([name, of]) => [name, of.length]))).toEqual({ close: 5, merge: 2, open: 5 })
})
test('wrong and unsure answers come first, with right ones among them', () => {
  const open = sampled(rows.filter(({ row }) => row.slice!.command === 'open'), 'command', 15)
  expect(share(open, doubtful)).toBeCloseTo(2 / 3)
  expect(share(rows.slice(0, 70), doubtful)).toBeCloseTo(2 / 7)
})
test('all that is there is given where more is asked for, the same each time, none twice', () => {
  const found = sampled(rows, 'command', 1000)
  expect(new Set(found).size).toBe(rows.length)
  expect(sampled(rows.toReversed(), 'command', 20)).toEqual(sampled(rows, 'command', 20))
  expect(sampled(rows, undefined, 3)).toHaveLength(3)
})
test('an answer is shown as an object that can be corrected; free text stays text', () => {
  expect(forReview({ ...rows[0]!, confidence: 0.123456 })).toEqual({ instruction: rows[0]!.row.instruction, context: null, output: { do: 'open' }, confidence: 0.123, slice: { command: 'open' }, corrected: '' })
  expect(forReview({ ...rows[0]!, completion: 'It closes at 5.' }).output).toBe('It closes at 5.')
  expect(forReview({ ...rows[0]!, completion: '{"do":' }).output).toBe('{"do":')
})
