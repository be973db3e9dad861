import { APIError } from '@anthropic-ai/sdk'
import { CancelledFailure } from '@temporalio/common'
import { expect, test } from 'vitest'
import { explain } from '../../../src/cli/explain.ts'
import type { RunState } from '../../../src/cli/run-state.ts'
import { situation } from '../../../src/cli/situation.ts'
import { diskFullInRun } from '../../../src/setup/disk.ts'
import { classify } from '../../../src/teacher/anthropic/failures.ts'

const run = (state: Partial<RunState>, progress: Partial<NonNullable<RunState['progress']>> = {}): RunState => ({
  workflowId: 'train-gh', runId: '1', status: 'RUNNING', live: [], retrying: [], historyEvents: 9, ...state,
  progress: { name: 'gh', paused: false, dollars: 0, stages: [{ stage: 'sft', title: 'Supervised fine-tuning', state: 'running' }], ...progress },
})
const waits = (waiting: string) => run({}, { waiting, paused: true })
const refused = (status: number, message: string) => {
  const failure = classify(APIError.generate(status, { error: { message } }, message, new Headers()), 'gh')
  return waits(failure.kind === 'person' ? failure.error.message : 'not a case for a person')
}
const retries = (reason: string) => run({ retrying: [{ attempt: 4, reason }] })
const ended = (status: string, error: Error) => [run({ status }), { reason: explain(error).message, command: 'clitron train gh --num 500' }] as const

test.each<[string, readonly [RunState, { reason: string; command: string }?], RegExp, RegExp]>([
  ['a full disk', [retries(diskFullInRun('/data needs 9 bytes'))], /attempt 4, because: The disk is full: \/data.*Free some space/, /what the reason names.*goes on by itself/],
  ['a refused key', [refused(401, 'invalid x-api-key')], /waits for you: .*401.*valid ANTHROPIC_API_KEY/, /^clitron resume gh$/],
  ["the provider's spend limit", [refused(400, 'your credit balance is too low')], /waits for you: .*credit balance.*Raise the limit/, /^clitron resume gh$/],
  ['a spent budget', [waits('The budget of $1.00 is spent; `clitron resume gh --budget 2` goes on.')], /waits for you: The budget.*--budget 2/, /^clitron resume gh$/],
  ['a pause', [run({}, { paused: true })], /^paused$/, /^clitron resume gh$/],
  ['a cancel', ended('CANCELLED', new CancelledFailure('cancelled')), /train-gh cancelled: The run was cancelled/, /^clitron train gh --num 500$/],
  ['bad input', ended('FAILED', new Error('The test split is empty; make more examples.')), /train-gh failed: The test split is empty/, /^clitron train gh --num 500$/],
  ['a trainer that dies', [retries('The stage ended by SIGKILL.')], /Supervised fine-tuning; attempt 4, because: The stage ended by SIGKILL/, /goes on by itself/],
  ['no GPU worker', [run({ noWorker: 'gpu' })], /Supervised fine-tuning; no GPU worker answers/, /^start one: clitron worker --role gpu$/],
  ['no worker at all', [run({ noWorker: 'pipeline' })], /no worker answers/, /^start one: clitron worker --role pipeline$/],
  ['another run of the training', [run({ live: [{ stage: 'lock', host: '', started: '', message: 'waiting for sft-gh' }] })], /^waiting for sft-gh$/, /^nothing; it goes on by itself$/],
  ['nothing wrong', [run({ live: [{ stage: 'sft', host: '', started: '', message: 'training', step: 7, steps: 9 }] })], /^running: Supervised fine-tuning training, 7 of 9$/, /^nothing; it goes on by itself$/],
])('%s: what happened, what is safe, what to do', (_what, [state, over], happened, next) => {
  const found = situation(state, 'gh', over)
  expect(found.happened).toMatch(happened)
  expect(found.safe).toMatch(/newest checkpoint are kept/)
  expect(found.next).toMatch(next)
})
