import { expect, test } from 'vitest'
import { corpusOf } from '../../../src/dataset/corpus.ts'
import { findDuplicates } from '../../../src/dataset/duplicates.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'
import type { Row } from '../../../src/dataset/row.ts'

const row = (instruction: string, verb: string, n?: number, context: Row['context'] = null): Row => ({ instruction, context, output: JSON.stringify({ do: verb, n }) })

async function duplicates(rows: Row[]) {
  const corpus = await corpusOf(fakeFamily, fakeSchema, rows)
  return findDuplicates({ family: fakeFamily, schema: fakeSchema, corpus })
}

test('the first of equal questions with equal answers stays', async () => {
  const { kept, removed } = await duplicates([row('open 5', 'open', 5), row('Open  5', 'open', 5), row('close 5', 'close', 5)])
  expect(kept).toEqual([0, 2])
  expect(removed).toEqual([{ index: 1, why: 'exact duplicate', because: 0 }])
})

test('the same words in another context are another question', async () => {
  const { kept } = await duplicates([row('open it', 'open', 5, { pr: 5 }), row('open it', 'open', 6, { pr: 6 }), row('open it', 'ask')])
  expect(kept).toEqual([0, 1, 2])
})

test('a question answered in two ways is taken out', async () => {
  const { kept, removed } = await duplicates([row('open 5', 'open', 5), row('open 5', 'close', 5)])
  expect(kept).toEqual([])
  expect(removed.map(({ why }) => why)).toEqual(['contradiction', 'contradiction'])
})

test('a clear majority keeps its answer', async () => {
  const { kept, removed } = await duplicates([row('open 5', 'close', 5), row('open 5', 'open', 5), row('open 5', 'open', 5)])
  expect(kept).toEqual([1])
  expect(removed).toEqual([{ index: 0, why: 'contradiction', because: 1 }, { index: 2, why: 'exact duplicate', because: 1 }])
})

test('what a person wrote outweighs what was made, however often that was', async () => {
  const made = [row('open 5', 'close', 5), row('open 5', 'close', 5), row('open 5', 'close', 5)]
  expect((await duplicates([...made, { ...row('open 5', 'open', 5), source: 'import' }])).kept).toEqual([3])
  expect((await duplicates([...made, { ...row('open 5', 'close', 5), source: 'import' }])).kept).toEqual([3])
  const disagreeing = [{ ...row('open 5', 'open', 5), source: 'import' as const }, { ...row('open 5', 'ask'), source: 'hand' as const }]
  expect((await duplicates([...made, ...disagreeing])).kept).toEqual([])
})

test('a correction outweighs what a person had written before', async () => {
  const before = { ...row('open 5', 'close', 5), source: 'import' as const }
  const correction = { ...row('open 5', 'open', 5), source: 'import' as const, rejected: before.output }
  expect((await duplicates([before, correction])).kept).toEqual([1])
  // The same answer once more, now with what it puts right.
  expect((await duplicates([{ ...before, output: correction.output }, correction])).kept).toEqual([1])
})

test('near-duplicates go only when the answer is the same', async () => {
  const long = 'please open the pull request number 5 for me right now in this repository'
  const { removed } = await duplicates([row(long, 'open', 5), row(`${long}!`, 'open', 5), row(`${long}?`, 'close', 5)])
  expect(removed).toEqual([{ index: 1, why: 'near duplicate', because: 0 }])
})

test('the same words with another context that does not matter are kept', async () => {
  const long = 'please open the pull request number 5 for me'
  const { kept } = await duplicates([row(long, 'open', 5, { branch: 'feature/one' }), row(long, 'open', 5, { branch: 'hotfix-for-monday' })])
  expect(kept).toEqual([0, 1])
})
