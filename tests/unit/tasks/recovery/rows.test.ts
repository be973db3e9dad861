import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../../../../src/paths.ts'
import { isCommand, isRecovery, readAnswer } from '../../../../src/tasks/recovery/answer.ts'
import { recovery as family } from '../../../../src/tasks/recovery/index.ts'
import { toRecord } from '../../../../src/tasks/recovery/records.ts'
import { sources } from '../../../../src/tasks/recovery/sources.ts'
import { asked, command, control, failing, golden, recovered, row, written } from './fixtures.ts'

describe('the golden set', () => {
  const rows = golden.map((record) => family.fromForeign(control, record))
  test('has rows of both tasks, half of each part', () => {
    expect(rows.length).toBeGreaterThanOrEqual(110)
    expect(rows.filter(({ slice }) => slice?.task === 'recovery').length).toBeGreaterThanOrEqual(45)
    expect(Math.abs(rows.filter(({ part }) => part === 'dev').length - rows.filter(({ part }) => part === 'final').length)).toBeLessThanOrEqual(1)
  })
  test.each(rows.map((each) => [each.instruction, each] as const))('%s: valid, equivalent to itself', (_, each) => {
    expect(family.validate(control, each)).toEqual([])
    expect(family.score(control, family.completion(control, each.output), each)).toEqual({ valid: true, allowed: true, equivalent: true })
  })
  test('asks for every command, and for most causes', () => {
    const about = new Set(rows.map(({ slice }) => slice?.about))
    expect(control.commands.tools.filter(({ name }) => !about.has(name))).toEqual([])
    expect(control.causes.filter(({ root_cause }) => !about.has(root_cause)).map(({ root_cause }) => root_cause)).toEqual([])
  })
})

describe('the offline teacher', () => {
  const rows = written(2_600, 7)
  test('writes rows that all may be trained on', () => {
    for (const each of rows) expect(family.validate(control, each), `${each.instruction} ${JSON.stringify(each.context)} ${each.output}`).toEqual([])
    expect(rows.filter(({ instruction }) => /[\uE000-\uE4FF]|\{\w+\}|\bNaN\b/.test(instruction)).map(({ instruction }) => instruction)).toEqual([])
  })
  test('exercises everything that the schema has', () => {
    const covered = new Set(rows.flatMap((each) => family.coverage!(control, each)))
    expect(family.coverable!(control).filter((label) => !covered.has(label))).toEqual([])
  })
  test('shows each of the twelve augmentations in its rows', () => {
    expect(new Set(rows.map(({ slice }) => slice!.augmentation))).toEqual(new Set([
      'none', 'synonym_replacement', 'word_order_shuffling', 'parameter_substitution', 'style_transformation', 'parameter_corruption', 'context_modification', 'resource_constraints', 'timing_issues',
      'state_variation', 'history_modification', 'preference_alteration', 'load_simulation',
    ]))
  })
  test('writes the same rows again, and others for another seed', () => {
    expect(written(200, 7)).toEqual(written(200, 7))
    const others = written(200, 8)
    expect(written(200, 7).filter(({ instruction }, i) => instruction === others[i]!.instruction).length).toBeLessThan(40)
  })
  test('one message means what its context says', () => {
    const timeouts = rows.filter(({ slice }) => ['system_overloaded', 'no_answer', 'host_dead'].includes(slice!.about!))
    for (const { context, slice } of timeouts) {
      const [load, attempts] = [(context?.load as { level?: string } | undefined)?.level, (context?.history as { attempts?: number } | undefined)?.attempts ?? 0]
      expect(slice!.about).toBe(load === 'high' ? 'system_overloaded' : attempts >= 3 ? 'host_dead' : 'no_answer')
    }
  })
})

test('other contexts have the answer that is right there, some the same one and some another', () => {
  const others = written(160, 11).flatMap((each) => family.otherContexts!(control, each).map((other) => ({ each, other })))
  for (const { each, other } of others) {
    expect(other.instruction).toBe(each.instruction)
    expect(other.context).not.toEqual(each.context)
  }
  const changes = others.filter(({ each, other }) => family.completion(control, each.output) !== family.completion(control, other.output)).length
  expect(changes).toBeGreaterThan(5)
  expect(others.length - changes).toBeGreaterThan(50)
  const [stop] = family.otherContexts!(control, row('stop this session', asked('stop_session', 'stop', { session: 'alpha' }), { context: { state: { session: 'alpha' } } }))
  expect(JSON.parse(stop!.output).command.parameters.session).toBe((stop!.context!.state as { session: string }).session)
})

test.each([
  ['asked_back', 'sing', { type: 'clarification', message: 'x', suggestions: [] }, null],
  ['no_command_helps', 'timed out', recovered('timeout', 'host_dead', null, { step: 'check_connection' }, { step: 'escalate' }), failing('connect', { host: 'a' })],
  ['value_from_context', 'stop this session', asked('stop_session', 'stop', { session: 'alpha' }), { state: { session: 'alpha' } }],
  ['unusual_value', 'read "my notes.txt"', asked('read_file', 'inspect', { path: 'my notes.txt' }), null],
  ['context_beside', 'read a.txt', asked('read_file', 'inspect', { path: 'a.txt' }), { load: { level: 'low' } }],
  ['usual', 'read a.txt', asked('read_file', 'inspect', { path: 'a.txt' }), null],
])('the edge case %s follows from a row', (edge_case, instruction, answer, context) => expect(family.derivedSlices!(control, row(instruction, answer, { context })).edge_case).toBe(edge_case))

test('the documentation of a dataset says how rows are annotated and varied', () => {
  const { annotation, augmentation } = family.guidelines!(control)
  expect(annotation.join('\n')).toMatch(/root_cause: one of 38.*resource, security.*low, medium, high, critical[^]*Rule 7 of a recovery: The steps bring what the command lacked\./)
  expect(augmentation.join('\n')).toMatch(/Of 16 requests 8 stand as they are written[^]*of 10 errors 4 have another context/)
})

describe('the user text', () => {
  test('has the failed command and the declared context below the words', () => {
    expect(family.userText(control, 'Permission   denied', { ...failing('read_file', { path: 'a' }), state: { session: 's1', mood: 'bad' }, load: { level: 'low' } })).toBe('Permission denied\nfailed {"command_type":"read_file","parameters":{"path":"a"}}\nsession=s1 level=low')
  })
})

describe('validation', () => {
  const ready = recovered('rate_limited', 'too_many_requests', command('list_tasks'), { step: 'wait', parameters: { seconds: 25 } }, { step: 'retry' })
  const messages = (instruction: string, output: unknown, context: Record<string, unknown> | null = null) => family.validate(control, row(instruction, output, { context })).map(({ message }) => message).join()
  test.each([
    ['a value from nowhere', messages('read it', asked('read_file', 'inspect', { path: 'a.txt' })), /expected the value of "path" in the request or its context, found "a.txt"/],
    ['a step that is lacking', messages('wait 25 seconds', recovered('rate_limited', 'too_many_requests', command('list_tasks'), { step: 'check_connection' }, { step: 'retry' }), failing('list_tasks')), /"list_tasks" still lacks time/],
    ['a correction that changes nothing', messages('a was moved to b', recovered('file_not_found', 'file_moved', command('read_file', { path: 'a' }), { step: 'refresh_index' }, { step: 'apply_correction' }), failing('read_file', { path: 'a' })), /still has path "a"/],
    ['a context of another kind', messages('list tasks', asked('list_tasks', 'inspect'), { weather: {} }), /expected the context to have state, history, preferences, load and failed_command, found "weather"/],
    ['a level that is none', messages('list tasks', asked('list_tasks', 'inspect'), { load: { level: 'hihg' } }), /expected "load.level" to be low or normal or high, found "hihg"/],
    ['an unknown failed command', messages('x', ready, failing('fly')), /no command "fly", which is said to have failed/],
  ])('%s is a reason', (_, message, reason) => expect(message).toMatch(reason))
  test('what stands in the context is said', () => expect(messages('stop this session', asked('stop_session', 'stop', { session: 's1' }), { state: { session: 's1' } })).toBe(''))
})

describe('records of the document', () => {
  test('of the command dataset come in and go out with all fields and annotations', () => {
    const record = {
      raw_input: 'read src/a.ts', normalized_input: 'read file path=src/a.ts', command_type: 'read_file', parameters: { path: 'src/a.ts' }, context: { load: { level: 'low' } }, success: false, execution_time: 3.5,
      intent_labels: ['inspect'], parameter_boundaries: [{ parameter: 'path', start: 5, end: 13 }], entity_tags: [{ word: 'read', tag: 'O' }, { word: 'src/a.ts', tag: 'B-path' }], complexity_score: 0.13,
    }
    const read = family.fromForeign(control, record)
    expect(read.slice).toEqual({ task: 'command', about: 'read_file', case: 'positive' })
    expect(toRecord(control, read)).toEqual({ dataset: 'command_dataset', record })
  })
  test('a command that nobody ran has what the dry run says of it', () => {
    expect(toRecord(control, row('read a.ts', asked('read_file', 'inspect', { path: 'a.ts' })))!.record).toMatchObject({ success: true, execution_time: 0 })
    expect(toRecord(control, row('sing', { type: 'clarification', message: 'That is outside of this.', suggestions: [] }))).toBeUndefined()
  })
  test('of the error dataset as well', () => {
    const record = {
      failed_command: command('read_file', { path: 'a.txt' }), error_type: 'file_not_found', error_message: 'a.txt was moved to b.txt', correction: command('read_file', { path: 'b.txt' }), recovery_steps: [{ step: 'refresh_index' }, { step: 'apply_correction' }],
      success_indicator: true, error_category: 'resource', severity_level: 'medium', recovery_complexity: 0.25, root_cause: 'file_moved', context: {},
    }
    expect(toRecord(control, family.fromForeign(control, record))).toEqual({ dataset: 'error_dataset', record })
  })
  test('a correction may be what changes, a step its name', () => {
    const read = family.fromForeign(control, { failed_command: command('run_task', { task: 't', timeout: 5 }), error_message: 'it takes 9', root_cause: 'limit_too_short', correction: { timeout: 9 }, recovery_steps: ['stop_leftovers', 'apply_correction'] })
    expect(JSON.parse(read.output)).toEqual(recovered('timeout', 'limit_too_short', command('run_task', { task: 't', timeout: 9 }), { step: 'stop_leftovers' }, { step: 'apply_correction' }))
  })
  test.each([
    ['the value itself', 'read a.txt', 'read_file', { path: 'a.txt' }, 'a.txt'],
    ['quotes around it', 'read "My Notes.txt"', 'read_file', { path: 'My Notes.txt' }, '"My Notes.txt"'],
    ['other letters', 'stop agent Scout', 'stop_agent', { agent: 'scout' }, 'Scout'],
    ['a number in words', 'list five tasks', 'list_tasks', { limit: 5 }, 'five'],
  ])('boundaries may hold %s', (_, raw_input, command_type, parameters, there) => {
    const start = raw_input.indexOf(there)
    expect(() => family.fromForeign(control, { raw_input, command_type, parameters, parameter_boundaries: [{ parameter: Object.keys(parameters)[0], start, end: start + there.length }] })).not.toThrow()
  })
  test.each([
    ['none of them', { text: 'x' }, /found the keys \["text"\]/],
    ['an error that may have several causes', { failed_command: command('list_tasks'), error_message: 'x', error_type: 'timeout', correction: null, recovery_steps: [] }, /expected "root_cause", without which "timeout" may be limit_too_short, system_overloaded/],
    ['a recovery that failed', { failed_command: command('list_tasks'), error_message: 'x', root_cause: 'unknown', success_indicator: false }, /expected a recovery that succeeded/],
    ['boundaries of nothing', { raw_input: 'read a', command_type: 'read_file', parameters: { path: 'a' }, parameter_boundaries: [{ parameter: 'pth', start: 5, end: 6 }] }, /expected the boundaries of a parameter in the raw input/],
    ['boundaries of other words', { raw_input: 'read a.txt', command_type: 'read_file', parameters: { path: 'a.txt' }, parameter_boundaries: [{ parameter: 'path', start: 0, end: 4 }] }, /expected the boundaries of "path" around "a.txt", found "read" there/],
  ])('%s is refused', (_, record, message) => expect(() => family.fromForeign(control, record)).toThrow(message))
})

describe('what a system writes of itself', () => {
  const folder = join(packageRoot, 'tests/fixtures/recovery')
  test('every source has a sample', () => expect(readdirSync(folder).sort()).toEqual(Object.keys(sources).map((name) => `${name}.jsonl`).sort()))
  test.each(Object.keys(sources))('%s become rows that may be trained on', (name) => {
    for (const line of readFileSync(join(folder, `${name}.jsonl`), 'utf8').trim().split('\n')) {
      const read = family.fromForeign(control, JSON.parse(line))
      expect(family.validate(control, read), line).toEqual([])
      const { answer } = readAnswer(read.output)
      expect(answer && (isCommand(answer) || isRecovery(answer))).toBe(true)
    }
  })
  test('what was recorded of a command that ran stays beside it', () => {
    const recorded = (name: string, at = 0) => family.fromForeign(control, JSON.parse(readFileSync(join(folder, `${name}.jsonl`), 'utf8').split('\n')[at]!)).bookkeeping
    expect(recorded('command_logs')).toEqual({ success: true, execution_time: 0.041 })
    expect(recorded('command_logs', 1)).toEqual({ success: false, execution_time: 0.005 })
    expect(recorded('error_reports')).toEqual({ success_indicator: true })
  })
  test('metrics and states become context', () => {
    const sample = (name: string) => family.fromForeign(control, JSON.parse(readFileSync(join(folder, `${name}.jsonl`), 'utf8').split('\n')[0]!)).context
    expect(sample('resource_metrics')).toMatchObject({ load: { level: 'high' } })
    expect(sample('performance_data')).toEqual({ load: { level: 'high' } })
    expect(sample('error_states')).toMatchObject({ state: { session: 'alpha' }, history: { attempts: 4 } })
  })
  test.each([
    ['a line that lacks something', { logged_at: 'x', input: 'y', resolved: { type: 'read_file' } }, /expected a line of command logs: status: /],
    ['a thumb down without what is right', { input: 'x', answered: { type: 'list_tasks' }, rating: 'down' }, /expected a line of feedback responses: expected "should_be"/],
    ['a trace that ended badly', { trace: 't', input: 'x', spans: [{ name: 'execute', command: { type: 'list_tasks' }, status: 'failed' }] }, /expected a trace that begins with a command and ends well/],
  ])('%s is refused', (_, line, message) => expect(() => family.fromForeign(control, line)).toThrow(message))
})
