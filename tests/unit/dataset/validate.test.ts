import { expect, test } from 'vitest'
import type { Row } from '../../../src/dataset/row.ts'
import { checkRows, reasons } from '../../../src/dataset/validate.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'

const row = (instruction: string, output: string): Row => ({ instruction, context: null, output })

test('each row is accepted or rejected with a rule', async () => {
  const { accepted, rejected } = await checkRows(fakeFamily, fakeSchema, [
    row('open', '{"do":"open"}'), row('  ', '{"do":"open"}'), row('half \ud800', '{"do":"open"}'), row('x'.repeat(9000), '{"do":"open"}'), row('fly', '{"do":"fly"}'), row('no', 'not JSON'),
  ], { place: (index) => ({ line: index + 1 }) })
  expect(accepted.map(({ instruction }) => instruction)).toEqual(['open'])
  expect(rejected.map(({ line, problems }) => [line, problems[0]!.rule])).toEqual([[2, 'shape'], [3, 'shape'], [4, 'shape'], [5, 'schema'], [6, 'json']])
  expect(reasons(rejected)[0]).toMatchObject({ rule: 'shape', count: 3, example: 'the instruction is empty' })
})

test('a family that throws rejects the row, not the run', async () => {
  const family = { ...fakeFamily, validate: () => { throw new Error('surprise') } }
  expect((await checkRows(family, fakeSchema, [row('open', '{"do":"open"}')])).rejected[0]!.problems[0]!.message).toBe('surprise')
})
