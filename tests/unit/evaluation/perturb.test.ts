import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dataset/row.ts'
import { InputError } from '../../../src/errors.ts'
import { perturb, perturbations, swapValue, valuesByKind } from '../../../src/evaluation/perturb.ts'
import { robustnessOf } from '../../../src/evaluation/robustness.ts'
import { analysis } from '../../../src/tasks/analysis/index.ts'
import { fakeFamily as family, fakeSchema as schema } from '../../fixtures/fake-family.ts'
import * as emails from '../tasks/analysis/fixtures.ts'
import { fakePredictor, truth } from './fake-predictor.ts'

const row: Row = { instruction: `what is the thing called "Big Bug" in number 12345, don't open others`, context: null, output: '{"do":"open","n":12345}' }

describe.each(Object.keys(perturbations))('%s', (name) => {
  test('changes the question, never a copied value, and always in the same way', () => {
    const changed = perturb(name, family, schema, row)!
    expect(changed.instruction).not.toBe(row.instruction)
    expect(changed.instruction).toContain('12345')
    expect(changed.instruction).toContain('Big Bug')
    expect(changed.output).toBe(row.output)
    expect(perturb(name, family, schema, row)).toEqual(changed)
  })
})

test('every text of the answer is left alone, also where it is no copied value', () => {
  for (const name of ['typo', 'dropped letter', 'case']) {
    for (let i = 0; i < 30; i++) expect(perturb(name, family, schema, { ...row, instruction: `kindly open number ${i}` })!.instruction).toContain('open')
  }
})

test('a filler stands before the first word that somebody says, not before who says it', () => {
  const { instruction } = perturb('filler', analysis, emails.schema, emails.row(emails.order))!
  expect(instruction).toMatch(/^Dana Whitfield \| PO-4471 \| (?:please|hey,|um|ok so|quickly) Hi Tom, /)
  expect(perturb('filler', family, schema, row)!.instruction).toMatch(/ what is the thing/)
})

test('a request about a typo gets no second one', () => {
  expect(perturb('typo', family, schema, { ...row, slice: { case: 'typo_ambiguity' } })).toBeUndefined()
})

test('a row that a way of typing cannot change is left out', () => {
  expect(perturb('contraction', family, schema, { ...row, instruction: 'open 5' })).toBeUndefined()
  expect(perturb('quotes', family, schema, { ...row, instruction: 'open 5' })).toBeUndefined()
})

describe('swapping a value', () => {
  const others = valuesByKind(family, schema, [row, { ...row, instruction: 'open 77' }])
  test('changes question and answer together', () => {
    expect(swapValue(family, schema, row, others)).toMatchObject({ instruction: row.instruction.replace('12345', '77'), output: '{"do":"open","n":77}' })
  })
  test('leaves a value alone that the context holds as well', () => {
    expect(swapValue(family, schema, { ...row, context: { current: 12345 } }, others)).toBeUndefined()
  })
  test('needs another value of the kind', () => {
    expect(swapValue(family, schema, row, new Map([['number', ['12345']]]))).toBeUndefined()
  })
})

describe('robustness', () => {
  const rows: Row[] = Array.from({ length: 20 }, (_, i) => ({ instruction: `would you open number ${100 + i}`, context: null, output: JSON.stringify({ do: 'open', n: 100 + i }) }))
  test('a model that reads past all of it loses nothing', async () => {
    const result = await robustnessOf({ predictor: { ...fakePredictor(truth), atOnce: 2 }, family, schema, rows })
    expect(result).toMatchObject({ rows: 20, points_lost: 0, swaps: { followed: 1 }, passed: true })
    expect(result.swaps.n).toBe(20)
    expect(result.perturbations.emoji!.n).toBe(20)
  })
  test('a model that knows its questions by heart is found out', async () => {
    const known = new Set(rows.map(({ instruction }) => instruction))
    const result = await robustnessOf({ predictor: fakePredictor((text) => (known.has(text) ? truth(text) : '{"do":"ask"}')), family, schema, rows })
    expect(result.points_lost).toBe(100)
    expect(result.perturbations.filler!.examples[0]!.got).toBe('{"do":"ask"}')
    expect(result.passed).toBe(false)
  })
  test('a question that grows too long by it is a wrong answer, not the end', async () => {
    const predictor = fakePredictor((text) => {
      if (/\p{Extended_Pictographic}/u.test(text)) throw new InputError('The question is too long')
      return truth(text)
    })
    const { perturbations } = await robustnessOf({ predictor, family, schema, rows })
    expect(perturbations.emoji).toMatchObject({ n: 20, points_lost: 100 })
  })
  test('a model that answers from memory does not follow a swapped value', async () => {
    const places = rows.map((row, i): Row => ({ ...row, instruction: `${row.instruction} at place ${'abcdefghijklmnopqrst'[i]}` }))
    const known = new Map(places.map(({ instruction, output }) => [instruction, output]))
    const { swaps, passed } = await robustnessOf({ predictor: fakePredictor((text) => known.get(text) ?? '{"do":"open","n":100}'), family, schema, rows: places })
    expect(swaps).toMatchObject({ n: 20 })
    expect(swaps.followed).toBeLessThan(0.2) // by chance, where 100 is the very value that was put in
    expect(swaps.examples[0]!.got).toBe('{"do":"open","n":100}')
    expect(passed).toBe(false)
  })
})

test('an answer must follow the context exactly where the right answer does', async () => {
  const rows: Row[] = Array.from({ length: 10 }, (_, i) => ({ instruction: `open ${i}`, context: null, output: `{"do":"open","n":${i}}` }))
  // The second context exchanges the answer, the first changes nothing.
  const withContexts = { ...family, otherContexts: (_: unknown, row: Row): Row[] => [{ ...row, context: { load: 1 } }, { ...row, context: { now: 99 }, output: '{"do":"open","n":99}' }] }
  const figures = async (answer: (text: string) => string) => (await robustnessOf({ predictor: fakePredictor(answer), family: withContexts, schema, rows })).figures!
  const asked = (text: string) => truth(text.split('\n')[0]!.toLowerCase())
  expect(await figures((text) => (text.includes('now=99') ? '{"do":"open","n":99}' : asked(text)))).toMatchObject({ 'context sensitivity': { n: 20, kept: 20 } })
  expect(await figures(asked)).toMatchObject({ 'context sensitivity: the answer changes': { n: 10, kept: 0 }, 'context sensitivity: the answer stays': { n: 10, kept: 10 } })
  expect(await figures((text) => (text.includes('\n') ? '{"do":"open","n":99}' : asked(text)))).toMatchObject({ 'context sensitivity: the answer changes': { n: 10, kept: 10 }, 'context sensitivity: the answer stays': { n: 10, kept: 0 } })
  const { figures: none } = await robustnessOf({ predictor: fakePredictor(asked), family, schema, rows })
  expect(Object.keys(none!)).toEqual(['error tolerance', 'noise resistance'])
})

test('slips of the keyboard and other noise are told apart', async () => {
  const rows: Row[] = Array.from({ length: 10 }, (_, i) => ({ instruction: `kindly open ${i}`, context: null, output: `{"do":"open","n":${i}}` }))
  const known = (text: string) => truth(/open\s+\d+/i.exec(text)![0].toLowerCase().replace(/\s+/, ' '))
  const { figures } = await robustnessOf({ predictor: fakePredictor((text) => (/kindly/i.test(text) ? known(text) : '{"do":"ask"}')), family, schema, rows })
  expect(figures!['error tolerance']!.n).toBeGreaterThan(0)
  expect(figures!['error tolerance']!.kept).toBe(0)
  expect(figures!['noise resistance']!.kept).toBe(figures!['noise resistance']!.n)
})
