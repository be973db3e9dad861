import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { segment } from '../../../../src/tasks/cli/pieces.ts'
import { recovery as family } from '../../../../src/tasks/recovery/index.ts'
import { anyAnswer, asked, command, control, failing, recovered, row, written } from './fixtures.ts'

const clarification = (...commands: string[]) => ({ type: 'clarification', message: commands.length ? '?' : 'That is outside of this.', suggestions: commands.map((each) => ({ label: each, command: each })) })
const moved = recovered('file_not_found', 'file_moved', command('read_file', { path: 'b.txt' }), { step: 'refresh_index' }, { step: 'apply_correction' })

describe('the canonical completion', () => {
  test('has the order of the schema, and neither defaults nor what follows from the rest', () => {
    expect(family.completion(control, '{"confidence":0.9,"command":{"parameters":{"priority":"normal","title":"x y"},"normalized_input":"whatever","intent":"create","command_type":"create_task"}}')).toBe(JSON.stringify(asked('create_task', 'create', { title: 'x y' })))
    const whole = { recovery: { ...moved.recovery, severity_level: 'medium', error_category: 'resource', recovery_complexity: 0.25, recovery_steps: [{ step: 'refresh_index', parameters: {} }, { step: 'apply_correction' }] } }
    expect(family.completion(control, JSON.stringify(whole))).toBe(JSON.stringify(moved))
  })
  test('is its own completion', () => fc.assert(fc.property(anyAnswer, (answer) => {
    const once = family.completion(control, answer)
    expect(family.completion(control, once)).toBe(once)
  })))
  test.each([
    ['an unknown command', asked('red_file', 'inspect', { path: 'x' }), /no command "red_file"; did you mean "read_file"/],
    ['an intent of another command', asked('read_file', 'stop', { path: 'x' }), /"read_file" has no intent "stop"; it has inspect/],
    ['a missing parameter', asked('read_file', 'inspect'), /requires the key "path"/],
    ['an unknown cause', recovered('timeout', 'no_awnser', null, { step: 'retry' }), /no root cause "no_awnser"; did you mean "no_answer"/],
    ['a cause of another error', recovered('timeout', 'locked', null, { step: 'retry' }), /expected the error type of "locked" to be "conflict"/],
    ['an unknown step', recovered('timeout', 'no_answer', null, { step: 'retyr' }), /no recovery step "retyr"; did you mean "retry"/],
    ['no steps', recovered('timeout', 'no_answer', null), /expected 1 to 8 recovery steps, found 0/],
    ['something else', '[1]', /expected an answer that the schema allows/],
  ])('%s is refused', (_, output, message) => expect(() => family.completion(control, row('x', output).output)).toThrow(message))
})

describe('the score', () => {
  const truth = row('run t1 for 30 seconds', asked('run_task', 'execute', { task: 't1', timeout: 30 }))
  test.each([
    ['equal', asked('run_task', 'execute', { timeout: 30, task: 't1' }), undefined],
    ['another intent, which does the same', asked('run_task', 'retry', { task: 't1', timeout: 30 }), undefined],
    ['no JSON', '{"command"', 'not JSON'],
    ['another command', asked('cancel_task', 'stop', { task: 't1' }), 'wrong command'],
    ['a question back', clarification('run_task'), 'should not have asked'],
    ['one less', asked('run_task', 'execute', { task: 't1' }), 'missing argument'],
    ['a value from nowhere', asked('run_task', 'execute', { task: 'zzz9', timeout: 30 }), 'value error: invented'],
    ['a recovery', moved, 'nothing to recover'],
  ])('of a command: %s', (_, predicted, error) => expect(family.score(control, row('', predicted).output, truth).error).toBe(error))

  const lost = row('a.txt was moved to b.txt', moved, { context: failing('read_file', { path: 'a.txt' }) })
  test.each([
    ['equal', moved, undefined],
    ['a command', asked('read_file', 'inspect', { path: 'b.txt' }), 'should have recovered'],
    ['another error', recovered('conflict', 'locked', command('read_file', { path: 'b.txt' }), { step: 'refresh_index' }, { step: 'apply_correction' }), 'wrong error type'],
    ['another cause', recovered('file_not_found', 'misspelt_path', command('read_file', { path: 'b.txt' }), { step: 'refresh_index' }, { step: 'apply_correction' }), 'wrong root cause'],
    ['another correction', recovered('file_not_found', 'file_moved', command('read_file', { path: 'a.txt' }), { step: 'refresh_index' }, { step: 'apply_correction' }), 'wrong correction'],
    ['steps in another order', recovered('file_not_found', 'file_moved', command('read_file', { path: 'b.txt' }), { step: 'apply_correction' }, { step: 'refresh_index' }), 'wrong recovery steps'],
  ])('of a recovery: %s', (_, predicted, error) => expect(family.score(control, row('', predicted).output, lost).error).toBe(error))

  test('the figures tell of a row what there is to tell', () => {
    const figures = (predicted: unknown, of: typeof truth) => family.metrics!(control, row('', predicted).output, of, family.score(control, row('', predicted).output, of))
    expect(figures(asked('run_task', 'retry', { task: 't1' }), truth)).toEqual({ command_prediction: 1, intent_classification: 0, parameter_extraction: 0 })
    expect(figures(recovered('file_not_found', 'file_moved', null, { step: 'refresh_index' }, { step: 'apply_correction' }), lost)).toEqual({
      'error_recovery: error type': 1, 'error_recovery: root cause': 1, 'error_recovery: correction': 0, 'error_recovery: steps': 1, error_recovery: 0,
    })
    expect(figures(moved, lost).error_recovery).toBe(1)
    expect(figures(moved, truth)).toEqual({ command_prediction: 0, intent_classification: 0, parameter_extraction: 0 })
    expect(figures(clarification(), row('sing', clarification()))).toEqual({})
  })
})

test('an answer that is accepted as well has its figures, and a wrong one those of the right answer it is nearest to', () => {
  const accepted = [JSON.stringify(asked('run_task', 'retry', { task: 't1' })), JSON.stringify(clarification('run_task'))]
  const truth = row('run t1 again', asked('resume_session', 'resume', { session: 't1' }), { accepted })
  const figures = (predicted: unknown) => family.metrics!(control, JSON.stringify(predicted), truth, family.score(control, JSON.stringify(predicted), truth))
  expect(figures(asked('run_task', 'retry', { task: 't1' }))).toEqual({ command_prediction: 1, intent_classification: 1, parameter_extraction: 1 })
  expect(figures(asked('run_task', 'execute', { task: 't2' }))).toEqual({ command_prediction: 1, intent_classification: 0, parameter_extraction: 0 })
  expect(figures(clarification('run_task'))).toEqual({})
  expect(figures(clarification())).toEqual({ command_prediction: 0, intent_classification: 0, parameter_extraction: 0 })
})

test('pieces and free values make up every completion', () => {
  const list = family.pieces(control)
  expect(list.filter((piece) => piece.startsWith('","'))).toEqual([])
  fc.assert(fc.property(anyAnswer, (answer) => {
    const completion = family.completion(control, answer)
    const values = JSON.stringify(answer) + answer
    for (const { text, piece } of segment(completion, list)) if (!piece) expect(values).toContain(text)
  }))
})

test('near misses are allowed, wrong and different', () => {
  for (const truth of written(300, 2).filter((_, i) => i % 12 === 0)) {
    const misses = family.nearMisses(control, truth, 1)
    expect(misses.length, truth.output).toBeGreaterThan(0)
    expect(new Set(misses).size).toBe(misses.length)
    for (const miss of misses) expect(family.score(control, miss, truth)).toMatchObject({ valid: true, allowed: true, equivalent: false })
  }
})

describe('doubts', () => {
  const doubts = (answer: unknown, text: string) => family.doubts!(control, JSON.stringify(answer), text)
  test('speak against values that nobody said and values that were passed over', () => {
    expect(doubts(asked('run_task', 'execute', { task: 't1', timeout: 30 }), 'run t1 for 30 seconds')).toBe(0)
    expect(doubts(asked('run_task', 'execute', { task: 't9', timeout: 30 }), 'run t1 for 30 seconds')).toBeGreaterThan(0)
    expect(doubts(asked('run_task', 'execute', { task: 't1' }), 'run t1 for 30 seconds')).toBeGreaterThan(0)
  })
  test('a value of the context was not said, and may be meant', () => {
    expect(doubts(asked('stop_session', 'stop', { session: 'alpha' }), 'stop this session\nsession=alpha')).toBe(0)
    expect(doubts(asked('stop_session', 'stop', { session: 'beta' }), 'stop this session\nsession=alpha')).toBeGreaterThan(0)
  })
  test('speak against recoveries that break the rules of experts, and against no recovery where there is one to make', () => {
    const text = 'a.txt was moved to b.txt\nfailed {"command_type":"read_file","parameters":{"path":"a.txt"}}'
    expect(doubts(moved, text)).toBe(0)
    expect(doubts(recovered('file_not_found', 'file_moved', command('read_file', { path: 'b.txt' }), { step: 'refresh_index' }, { step: 'retry' }), text)).toBeGreaterThan(0)
    expect(doubts(asked('read_file', 'inspect', { path: 'b.txt' }), text)).toBeGreaterThan(0)
  })
})

test('an answer is shown with what follows from it', () => {
  expect(family.answer(control, JSON.stringify(asked('read_file', 'inspect', { path: 'a b', lines: 3 })), 0.9)).toEqual({ command: { command_type: 'read_file', intent: 'inspect', parameters: { path: 'a b', lines: 3 }, normalized_input: 'read file path="a b" lines=3' }, confidence: 0.9 })
  expect(family.answer(control, JSON.stringify(moved), 0.9)).toMatchObject({ recovery: { ...moved.recovery, error_category: 'resource', severity_level: 'medium', recovery_complexity: 0.25 } })
})

test('a command may be executed; a question back and a recovery, which is advice, never', () => {
  expect(family.executable(control, JSON.stringify(asked('show_status', 'inspect')))).toBe(true)
  expect(family.executable(control, JSON.stringify(clarification('show_status')))).toBe(false)
  expect(family.executable(control, JSON.stringify(moved))).toBe(false)
  expect(family.executable(control, JSON.stringify(asked('rob_bank', 'inspect')))).toBe(false)
})

test('copied values stand in the words, the failed command or the context', () => {
  const copied = (instruction: string, output: unknown, context: Record<string, unknown> | null) => family.copiedValues(control, row(instruction, output, { context })).map(({ value }) => value)
  expect(copied('run t-1 for 30 seconds', asked('run_task', 'execute', { task: 't-1', timeout: 30 }), null)).toEqual(['t-1', '30'])
  expect(copied('stop this session', asked('stop_session', 'stop', { session: 'alpha' }), { state: { session: 'alpha' } })).toEqual(['alpha'])
  expect(copied('a.txt was moved to b.txt', moved, failing('read_file', { path: 'a.txt' }))).toEqual(['b.txt'])
})
