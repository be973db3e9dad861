import { expect, test } from 'vitest'
import { quality } from '../../../../src/tasks/recovery/quality.ts'
import { classifierPhases, isAbout, mostSteps, predictorPhases, schedulePhases, stepsNote } from '../../../../src/tasks/recovery/phases.ts'
import { dryRun } from '../../../../src/tasks/recovery/dry-run.ts'
import { asked, command, control, failing, recovered, row, written } from './fixtures.ts'

const host = { host: 'build.acme.dev' }
const good = row('no network', recovered('connection_failed', 'network_down', command('connect', host), { step: 'check_connection' }, { step: 'wait', parameters: { seconds: 30 } }, { step: 'retry' }), { context: failing('connect', host) })
const missed = (rows: Parameters<typeof quality>[1]) => quality(control, rows).filter(({ value, least }) => value < least).map(({ name }) => name)

test('what the offline teacher writes passes the checks of the document', () => {
  const checks = quality(control, written(400, 5))
  expect(checks.map(({ name, method, least }) => [name, method, least])).toEqual([['semantic_validity', 'expert_rules', 0.9], ['syntactic_correctness', 'grammar_check', 0.99], ['execution_validation: commands', 'dry_run', 0.95], ['execution_validation: recoveries', 'dry_run', 0.95]])
  for (const { name, value } of checks) expect(value, name).toBe(1)
})

test('recoveries that break the rules of experts fail the first, told by the rule', () => {
  const hasty = row('no network', recovered('connection_failed', 'network_down', command('connect', host), { step: 'retry' }), { context: failing('connect', host) })
  expect(missed([good, hasty])).toContain('semantic_validity')
  expect(quality(control, [good, hasty])[0]!.example).toContain('rule 2 (Nothing is tried again without having done anything about it)')
})

test('one row in a hundred that is no answer fails the second, one in two hundred does not', () => {
  const broken = row('x', '{"command":')
  expect(missed([...Array.from({ length: 197 }, () => good), broken, broken, broken])).toEqual(['syntactic_correctness'])
  expect(missed([...Array.from({ length: 199 }, () => good), broken])).toEqual([])
})

test('more than one in twenty that does not help fails the third', () => {
  const useless = row('no network', recovered('connection_failed', 'network_down', command('connect', host), { step: 'check_connection' }, { step: 'clear_cache' }, { step: 'retry' }), { context: failing('connect', host) })
  expect(missed([...Array.from({ length: 18 }, () => good), useless])).toEqual(['execution_validation: recoveries'])
  expect(quality(control, [useless])[3]!.example).toContain('"connect" still lacks network')
})

test('good commands hide no useless recovery, and good recoveries no command that cannot run', () => {
  const useless = row('no network', recovered('connection_failed', 'network_down', command('connect', host), { step: 'check_connection' }, { step: 'clear_cache' }, { step: 'retry' }), { context: failing('connect', host) })
  const runs = row('read a.txt', asked('read_file', 'inspect', { path: 'a.txt' }))
  const invented = row('read the file', asked('read_file', 'inspect', { path: 'b.txt' }))
  expect(missed([...Array.from({ length: 9 }, () => good), useless, ...Array.from({ length: 90 }, () => runs)])).toEqual(['execution_validation: recoveries'])
  expect(missed([...Array.from({ length: 9 }, () => runs), invented, ...Array.from({ length: 90 }, () => good)])).toEqual(['execution_validation: commands'])
})

test.each([
  ['what the request names', 'stop session Alpha', asked('stop_session', 'stop', { session: 'alpha' }), null, undefined],
  ['what the state names', 'stop this session', asked('stop_session', 'stop', { session: 'alpha' }), { state: { session: 'alpha' } }, undefined],
  ['a preference of the one parameter that follows it', 'show the tasks', asked('list_tasks', 'inspect', { format: 'json' }), { preferences: { format: 'json' } }, undefined],
  ['another file than the open one', 'read this file', asked('read_file', 'inspect', { path: 'b.txt' }), { state: { file: 'a.txt' } }, '"read_file" finds no path "b.txt": neither the request nor the state names it'],
  ['a session that only the history has', 'stop this session', asked('stop_session', 'stop', { session: 'connect' }), { history: { last_command: 'connect' } }, '"stop_session" finds no session "connect": neither the request nor the state names it'],
  ['the very command that failed', 'connect to build.acme.dev', asked('connect', 'connect', host), failing('connect', host), '"connect" has just failed, and nothing was done about it'],
  ['a missing parameter', 'read it', asked('read_file', 'inspect'), null, '"read_file" requires the key "path", which is missing'],
] as const)('the dry run of a command with %s', (_, instruction, answer, context, why) => expect(dryRun(control, row(instruction, answer, { context: context as never }))).toBe(why))

test('the stages of tuning have the rates of the document, and shares of their model\'s steps', () => {
  const predictor = predictorPhases(control)
  expect(predictor.map(({ name }) => name)).toEqual(['domain_adaptation', 'task_specific_tuning', 'error_recovery_specialization'])
  expect(predictor[0]).toMatchObject({ learning_rate: 1e-5, batch_size: 16, epochs: 5, warmup_ratio: 0.1, rows: undefined })
  const classifier = classifierPhases(control)
  expect(classifier.map(({ name }) => name)).toEqual(['base_model_adaptation', 'intent_specialization', 'context_integration'])
  expect(classifier[0]).toMatchObject({ learning_rate: 2e-5, batch_size: 32, label_smoothing: 0.1 })
  expect(classifier.reduce((sum, { epochs }) => sum + epochs, 0)).toBeCloseTo(10)
  for (const phases of [predictor, classifier]) expect(phases.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
})

test('the schedule has the steps of the document; the embedded default takes the declared part of them', () => {
  expect(schedulePhases(control).map(({ name, steps, learning_rate, batch_size }) => [name, steps, learning_rate, batch_size])).toEqual([
    ['initial_phase', 1_000, 'linear_warmup', 'start_small'], ['main_phase', 10_000, 'cosine_decay', 'gradual_increase'], ['fine_tuning_phase', 2_000, 'small_constant', 'full_size'],
  ])
  expect(schedulePhases(control).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
  expect(mostSteps(control)).toEqual({ scratch: 2_600, downloaded: 13_000 })
  expect(stepsNote(control)).toContain("the schedule's 13,000 steps; from scratch 0.2 of them (training.scale), which are 2,600")
})

test('a stage is about the rows that its slices name', () => {
  const [domain, task, recovery] = predictorPhases(control)
  const of = (slice: Record<string, string>) => [domain!, task!, recovery!].map((phase) => isAbout(phase, { slice }))
  expect(of({ task: 'command' })).toEqual([true, true, false])
  expect(of({ task: 'recovery' })).toEqual([true, false, true])
  expect(classifierPhases(control).map((phase) => isAbout(phase, { slice: { task: 'command', case: 'positive', augmentation: 'load_simulation' } }))).toEqual([true, true, true])
})
