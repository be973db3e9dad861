import { expect, test } from 'vitest'
import type { Load, SmokeTest } from '../../../src/production/performance.ts'
import { smokeRows } from '../../../src/production/smoke-rows.ts'
import { requirePassed } from '../../../src/production/smoke-test.ts'

const evaluation = { n: 300, equivalent: 0.8, interval: [0.75, 0.84] as [number, number] }
const differing = { instruction: 'light it', then: { confidence: 0.9 }, now: { error: 'wrong command', confidence: 0.2 } }
const smoke = (others: number, right = 40): SmokeTest => ({ recorded: 50, alike: 50 - others, differing: Array<typeof differing>(others).fill(differing), test: { n: 50, right }, unanswered: 0 })
const load = (other_answers: number) => [{ at_once: 4, answers: 100, other_answers } as Load]
const bad = (answers_on: boolean) => [{ what: 'empty', result: 'refused' as const, latency_ms: 1, answers_on }]

test.each([
  ['all as recorded', smoke(0), load(0), bad(true), undefined],
  ['one in fifty, as another processor rounds', smoke(1), load(2), bad(true), undefined],
  ['more than that', smoke(2), load(0), bad(true), '2 of 50 questions are answered otherwise than when this version was evaluated (at most 1 may be), e.g. "light it": right with confidence 90.0% then, wrong command with confidence 20.0% now'],
  ['much worse on the test split', smoke(0, 20), load(0), bad(true), '20 of 50 rows of the test split are answered rightly; in the evaluation it was 80.0% of 300'],
  ['a little worse on the test split, as chance has it', smoke(0, 34), load(0), bad(true), undefined],
  ['other answers beside others', smoke(0), load(3), bad(true), '3 of 100 questions got another answer than before when 4 were asked at a time'],
  ['silent after a bad question', smoke(0), load(0), bad(false), 'After a bad question (empty) a good one did not get its answer any more'],
])('%s', (_what, smoke_test, load_test, bad_questions, message) => {
  const pass = () => requirePassed({ smoke_test, load_test, bad_questions }, { evaluation })
  if (message === undefined) expect(pass).not.toThrow()
  else expect(pass).toThrow(message)
})

test('rows with a record and rows without are chosen from the whole of their split; an answer that was cut is none', () => {
  const rows = (split: string) => Array.from({ length: 200 }, (_, i) => ({ id: `${split} ${i}`, instruction: `${i}`, context: null, output: '{}' }))
  const outcomes = rows('validation').slice(0, 150).map(({ id }, i) => ({ id, confidence: 0.5, ...(i < 20 && { error: 'did not end' }) }))
  const chosen = smokeRows({ validation: rows('validation'), test: rows('test') }, outcomes)
  expect(chosen).toHaveLength(100)
  const recorded = chosen.filter((row) => row.recorded)
  expect([recorded[0]!.id, recorded.at(-1)!.id, recorded.length]).toEqual(['validation 20', 'validation 149', 50])
  expect(recorded[0]!.recorded).toEqual({ confidence: 0.5 })
  expect(chosen.at(-1)!.id).toBe('test 199')
})
