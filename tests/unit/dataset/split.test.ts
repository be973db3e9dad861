import { expect, test } from 'vitest'
import { corpusOf } from '../../../src/dataset/corpus.ts'
import { jaccard } from '../../../src/dataset/grams.ts'
import type { Row } from '../../../src/dataset/row.ts'
import { hash53 } from '../../../src/dataset/text.ts'
import { defaultRatios, ratiosFor, splitNames, splitRows } from '../../../src/dataset/split.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'

const letters = (seed: number) => hash53('word', seed).toString(36).slice(0, 9)
const makeRows = (count: number, text: (index: number) => string, perIntent = 1): Row[] => Array.from({ length: count }, (_, index) => {
  const verb = fakeSchema.verbs[index % 4]!
  return { instruction: text(index), context: null, output: JSON.stringify({ do: verb, n: index }), intent: `intent-${Math.floor(index / perIntent)}`, slice: { command: fakeSchema.verbs[Math.floor(index / perIntent) % 4]!, case: 'positive' } }
})
const distinct = (index: number) => `${letters(index)} ${letters(index + 10_000)} ${letters(index + 20_000)}`

async function split(rows: Row[], options: Partial<Parameters<typeof splitRows>[0]> = {}) {
  const corpus = await corpusOf(fakeFamily, fakeSchema, rows)
  return splitRows({ corpus, kept: rows.map((_, index) => index), seed: 1, ...options })
}

test('rows go to 80/5/5/10, spread over the slices, and no intent stands on two sides', async () => {
  const rows = makeRows(1200, distinct, 3)
  const { rows: splits, dropped } = await split(rows)
  expect(dropped).toEqual([])
  const shares = splitNames.map((name) => splits[name].length / rows.length)
  for (const [at, wanted] of [0.8, 0.05, 0.05, 0.1].entries()) expect(Math.abs(shares[at]! - wanted)).toBeLessThan(0.01)
  const sideOf = new Map<string, string>()
  for (const name of splitNames) for (const index of splits[name]) {
    const known = sideOf.get(rows[index]!.intent!)
    expect(known ?? name).toBe(name)
    sideOf.set(rows[index]!.intent!, name)
  }
  for (const verb of fakeSchema.verbs) expect(splits.test.filter((index) => rows[index]!.slice!.command === verb).length).toBeGreaterThan(20)
})

test('a split is the same for the same seed and another for another', async () => {
  const rows = makeRows(200, distinct)
  const first = await split(rows)
  expect(await split(rows)).toEqual(first)
  expect((await split(rows, { seed: 2 })).rows.test).not.toEqual(first.rows.test)
})

test('rows made from templates lose few neighbours and none is left', async () => {
  const verbs = ['show me the pull request', 'please list every open issue of', 'could you merge', 'delete branch']
  const rows = makeRows(800, (index) => `${verbs[index % 4]} ${letters(index)}${index % 3 ? '' : ' in the browser'}`)
  const result = await split(rows)
  const heldOut = [...result.rows.test, ...result.rows.validation, ...result.rows.calibration]
  for (const a of result.rows.train) for (const b of heldOut) expect(jaccard(rows[a]!.instruction, rows[b]!.instruction)).toBeLessThan(0.7)
  expect(result.rows.train.length).toBeGreaterThan(300)
  expect(result.rows.test.length).toBeGreaterThan(20)
})

test('a row that reads like a hand-written one stands in no split', async () => {
  const rows = makeRows(100, distinct)
  const { rows: splits, dropped } = await split(rows, { golden: [rows[7]!.instruction.toLowerCase()] })
  expect(dropped).toEqual([{ index: 7, near: 0, similarity: 1, split: 'golden' }])
  expect(splitNames.flatMap((name) => splits[name])).not.toContain(7)
})

test('twenty rows still give every split something', async () => {
  const { rows: splits } = await split(makeRows(20, distinct))
  for (const name of splitNames) expect(splits[name].length).toBeGreaterThan(0)
})

test('where no family wants other shares, held-out splits of large sets are no larger than they need to be', () => {
  expect(ratiosFor(50_000)).toEqual({ train: expect.closeTo(0.956), validation: 0.01, calibration: 0.01, test: 0.024 })
  expect(ratiosFor(1_000)).toEqual({ ...defaultRatios, train: expect.closeTo(0.8) })
})

test('shares that do not add up are refused', async () => {
  await expect(split(makeRows(4, distinct), { ratios: { train: 0.8, validation: 0.1, calibration: 0.1, test: 0.1 } })).rejects.toThrow(/add up to 1/)
})

test('a family can bound what is kept together for reading alike, so that no slice loses all of a meaning to the held-out rows', async () => {
  // Forty requests of one slice that all read alike, among many others.
  const alike = (index: number) => `please list all of the idle sessions number ${letters(index).slice(0, 2)}`
  const rows: Row[] = [...makeRows(4_000, distinct), ...Array.from({ length: 40 }, (_, index) => ({ instruction: alike(index), context: null, output: '{}', intent: `alike-${index}`, slice: { command: 'list', case: 'positive' } }))]
  const together = (await split(rows)).groups
  const apart = (await split(rows, { groupShare: 0.2 })).groups
  expect(apart).toBeGreaterThan(together)
})
