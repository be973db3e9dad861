import { expect, test } from 'vitest'
import { GateError } from '../../../src/errors.ts'
import { assertNoLeakage, checkLeakage } from '../../../src/dataset/leakage.ts'

test('splits with nothing in common pass', async () => {
  const report = await checkLeakage({ train: ['open the door'], heldOut: { test: ['merge branch main'] } })
  expect(report.passed).toBe(true)
  expect(() => assertNoLeakage(report)).not.toThrow()
})

test('an exact double, whatever its case, is a leak with an example', async () => {
  const report = await checkLeakage({ train: ['Open the door'], heldOut: { test: ['open  the door'] } })
  expect(report).toMatchObject({ passed: false, exact_duplicates: 1, near_duplicates: { test: 1 }, nearest: 1 })
  expect(() => assertNoLeakage(report)).toThrow(GateError)
  expect(() => assertNoLeakage(report)).toThrow(/"open the door"/)
})

test('a stream of re-lexicalised texts that comes near a test row is a leak', async () => {
  const report = await checkLeakage({ train: ['show pull request 12 in the browser', 'nothing like it'], heldOut: { test: ['show pull request 13 in the browser'], golden: [] } })
  expect(report.near_duplicates).toEqual({ test: 1, golden: 0 })
  expect(report.examples.near[0]!.similarity).toBeGreaterThanOrEqual(0.7)
})

test('one question with two answers and an intent on two sides are leaks', async () => {
  const report = await checkLeakage({
    train: [{ text: 'abcdef', question: 'q', completion: '1', intent: 'i' }],
    heldOut: { test: [{ text: 'uvwxyz', question: 'q', completion: '2', intent: 'i' }] },
  })
  expect(report).toMatchObject({ passed: false, two_answers: 1, shared_intents: 1, exact_duplicates: 0 })
  expect(() => assertNoLeakage(report)).toThrow(/1 questions with two answers.*1 intents in two splits/)
})

test('a held-out question that differs from a training question only by its values is told, and no leak', async () => {
  const report = await checkLeakage({
    train: [{ text: 'close 5', wording: 'close \0' }, { text: 'list all of them' }],
    heldOut: { test: [{ text: 'close 48213', wording: 'close \0' }, { text: 'open 48213', wording: 'open \0' }, { text: 'who am i' }], golden: [{ text: 'close 77', wording: 'close \0' }] },
  })
  expect(report).toMatchObject({ passed: true, same_wording: { test: 1, golden: 1 }, examples: { same_wording: ['close 48213', 'close 77'] } })
})
