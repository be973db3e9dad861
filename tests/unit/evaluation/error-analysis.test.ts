import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dataset/row.ts'
import { errorAnalysis } from '../../../src/evaluation/error-analysis.ts'
import { judgeRows } from '../../../src/evaluation/evaluate.ts'
import { fisher } from '../../../src/evaluation/intervals.ts'
import { fakeFamily as family, fakeSchema as schema } from '../../fixtures/fake-family.ts'
import { fakePredictor, truth } from './fake-predictor.ts'

/** Forty questions of four verbs; those that close are mostly answered wrongly. */
const rows: Row[] = Array.from({ length: 40 }, (_, n) => {
  const verb = ['open', 'close', 'merge', 'ask'][n % 4]!
  return { instruction: `${verb} ${n}`, context: null, output: JSON.stringify({ do: verb, n }), slice: { command: verb, case: 'positive' } }
})
const answer = (text: string) => (text.startsWith('close') && !text.endsWith(' 1') ? truth(text.replace('close', 'merge')) : text === 'open 4' ? '{"do":"open","n":5}' : truth(text))
const judged = (of: readonly Row[]) => judgeRows({ predictor: fakePredictor(answer), family, schema, rows: of })

describe('the errors of a set of rows', () => {
  test('are counted by name; a slice that fails beyond chance is called biased, one that does not is not', async () => {
    const found = errorAnalysis(family, schema, 'test split', await judged(rows))
    expect(found).toMatchObject({ rows: 'test split', n: 40, errors: 10, by_name: { wrong: { count: 10, share: 0.25 } } })
    // "case positive" holds all rows: there is no rest to hold it against.
    expect(found.slices.map(({ slice, biased }) => [slice, biased])).toEqual([['command close', true], ['command open', false], ['command merge', false], ['command ask', false]])
    const [close] = found.slices
    expect(close).toMatchObject({ n: 10, errors: 9, rate: 0.9, rest: { n: 30, errors: 1, rate: 1 / 30 } })
    expect(close!.difference[0]).toBeGreaterThan(0.5)
    expect(close!.p_value).toBeCloseTo(4 * fisher({ hits: 9, n: 10 }, { hits: 1, n: 30 }), 12)
  })
  test('chance alone is no bias', async () => {
    const mixed = await judged(rows.map((row, n) => ({ ...row, slice: { command: n % 8 < 4 ? 'one' : 'other' } })))
    expect(errorAnalysis(family, schema, 'x', mixed).slices.filter(({ biased }) => biased)).toEqual([])
  })
  test('of a final half are never told', async () => {
    const found = errorAnalysis(family, schema, 'golden', await judged(rows.map((row, n) => ({ ...row, part: n % 4 === 1 ? 'final' : 'dev' }))))
    expect(found).toMatchObject({ n: 30, errors: 1 })
  })
  test('have categories and a confusion only where the family has them', async () => {
    const plain = errorAnalysis(family, schema, 'x', await judged(rows))
    expect(plain).not.toHaveProperty('by_category')
    expect(plain).not.toHaveProperty('confusion')
    const of = { ...family, errorCategories: { wrong: 'wrong state' }, classes: { name: 'verb', of: (_: unknown, output: string) => (JSON.parse(output) as { do?: string }).do } }
    const found = errorAnalysis(of, schema, 'x', await judged(rows))
    expect(found).toMatchObject({ by_category: { 'wrong state': { count: 10, share: 0.25 } }, by_name: { wrong: { category: 'wrong state' } } })
    expect(found.confusion).toMatchObject({ of: 'verb', n: 40, right: 31, pairs: [{ reference: 'close', answered: 'merge', n: 9 }] })
  })
})

describe("Fisher's exact test", () => {
  test('tells a published table: a tea tasting with three of four cups right', () => expect(fisher({ hits: 3, n: 4 }, { hits: 1, n: 4 })).toBeCloseTo(17 / 70, 12))
  test('is 1 where nothing, or everything, is a hit', () => {
    expect(fisher({ hits: 0, n: 10 }, { hits: 5, n: 10 })).toBeCloseTo(1, 12)
    expect(fisher({ hits: 10, n: 10 }, { hits: 20, n: 20 })).toBeCloseTo(1, 12)
  })
})
