import { expect, test } from 'vitest'
import { parse } from '../../../../src/tasks/recovery/parse.ts'
import { mistakeOf } from '../mistake.ts'
import { control, text } from './fixtures.ts'

/** What is said of the real schema with one thing changed. */
const changed = (from: string, to: string) => {
  expect(text).toContain(from)
  return mistakeOf(parse, text.replace(from, () => to))
}

test('Claude Control has its commands, causes and steps', () => {
  expect(control.commands.tools.length).toBeGreaterThanOrEqual(15)
  expect(new Set(control.causes.map(({ error_type }) => error_type)).size).toBeGreaterThanOrEqual(10)
  expect(control.causes.length).toBeGreaterThanOrEqual(20)
  expect(new Set(control.causes.map(({ simulation }) => simulation))).toEqual(new Set(['parameter_corruption', 'context_modification', 'resource_constraints', 'timing_issues']))
})

test.each([
  ['broken YAML', 'kind: recovery\nname: "x', /^schemas\/x\.yaml:2:\d+: expected YAML/],
  ['a list', '- a', /expected a map with the keys "kind", "name", "commands", "recovery_steps" and "errors"/],
  ['an unknown key', 'kind: recovery\nname: x\ncomands: []', /:3:1: .*found "comands"; did you mean "commands"\?/],
])('%s is refused with its place', (_, yaml, message) => expect(mistakeOf(parse, yaml)).toMatch(message))

test.each([
  ['a command twice', '- command_type: stop_session', '- command_type: start_session', /:\d+:\d+: expected every command once, found a second "start_session"/],
  ['a cause twice', 'root_cause: file_moved', 'root_cause: misspelt_path', /expected every root cause once, found a second "misspelt_path"/],
  ['an intent that is not declared', '    intents:\n      stop:\n', '    intents:\n      stopp:\n', /expected a declared intent, found "stopp"; did you mean "stop"\?/],
  ['a slot that leads nowhere', 'stop|end|close|terminate|quit|exit|kill) session {session}', 'stop) session {sesion}', /found \{sesion\}; did you mean "session"\?/],
  ['a second intent without words', '        synonyms: [retry, rerun, run again, repeat, redo]\n', '', /expected some "synonyms" for "retry"/],
  ['a preference of nothing', 'from_context: {format: preferences.format}', 'from_context: {format: preferences.formt}', /found "preferences.formt"; did you mean "preferences.format"\?/],
  ['two fields that read the same', 'history.attempts: {', 'history.session: {', /expected the second part of a field's name once, found "history.session" beside "state.session"/],
  ['an unknown category', 'category: timing', 'category: tming', /expected a declared category, found "tming"; did you mean "timing"\?/],
  ['a place that is none', 'at: [connect.host]', 'at: [connect.hst]', /expected a parameter of "connect", found "hst"; did you mean "host"\?/],
  ['a message with an unknown slot', 'getaddrinfo ENOTFOUND {value} (did', 'getaddrinfo ENOTFOUND {valu} (did', /expected a slot of the cause, found "valu"; did you mean "value"\?/],
  ['a step that is none', 'steps: [rotate_logs, retry]', 'steps: [rotate_log, retry]', /expected a recovery step, found "rotate_log"; did you mean "rotate_logs"\?/],
  ['a step without what it requires', '{step: wait, parameters: {seconds: 30}}', 'wait', /expected "seconds", which "wait" requires, found none/],
  ['steps that do not help', 'steps: [rotate_logs, retry]', 'steps: [refresh_index, retry]', /expected steps that help with "logs_too_large", found that .* still lacks disk/],
  ['a correction that nobody runs', 'steps: [check_connection, apply_correction]', 'steps: [check_connection]', /found that no step runs a command or hands over to a person/],
  ['corruption of what is not corrupted', 'simulation: parameter_corruption\n        corruption: misspelt\n        at: [connect.host]', 'simulation: timing_issues\n        corruption: misspelt\n        at: [connect.host]', /expected "corruption" with parameter_corruption and only with it/],
  ['an unknown check of a rule', '{is: hands_over}', '{is: hand_over}', /found "hand_over"; did you mean "hands_over"\?/],
  ['a rule about a step that is none', 'check: {is: preceded_by, step: restart_service, by: collect_logs}', 'check: {is: preceded_by, step: restart_service, by: collect_log}', /expected a recovery step, found "collect_log"/],
  ['a duration in other words', '1000_steps', '1000 steps', /:\d+:\d+: expected "duration"/],
  ['a threshold beyond 1', 'confidence_threshold: 0.9', 'confidence_threshold: 9', /expected "confidence_threshold" to be at most 1, found 9; lower it/],
  ['a stage of unknown rows', 'rows: {task: [recovery]}', 'rows: {tsk: [recovery]}', /expected a slice of the rows, found "tsk"; did you mean "task"\?/],
  ['a frame without message', '  - "Error: {message}"', '  - "Error"', /expected a frame around \{message\}, found "Error"/],
])('%s is refused with its place', (_, from, to, message) => expect(changed(from, to)).toMatch(message))
