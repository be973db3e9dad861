import { expect, test } from 'vitest'
import { quality } from '../../../../src/tasks/recovery/quality.ts'
import { classifierPhases, isAbout, mostSteps, predictorPhases, schedulePhases, stepsNote } from '../../../../src/tasks/recovery/phases.ts'
import { command, control, failing, recovered, row, written } from './fixtures.ts'

const host = { host: 'build.acme.dev' }
const good = row('no network', recovered('connection_failed', 'network_down', command('connect', host), { step: 'check_connection' }, { step: 'wait', parameters: { seconds: 30 } }, { step: 'retry' }), { context: failing('connect', host) })
const missed = (rows: Parameters<typeof quality>[1]) => quality(control, rows).filter(({ value, least }) => value < least).map(({ name }) => name)

test('what the offline teacher writes passes the three checks of the document', () => {
  const checks = quality(control, written(400, 5))
  expect(checks.map(({ name, method, least }) => [name, method, least])).toEqual([['semantic_validity', 'expert_rules', 0.9], ['syntactic_correctness', 'grammar_check', 0.99], ['execution_validation', 'dry_run', 0.95]])
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
  expect(missed([...Array.from({ length: 18 }, () => good), useless])).toContain('execution_validation')
  expect(quality(control, [useless])[2]!.example).toContain('"connect" still lacks network')
})

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
