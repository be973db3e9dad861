import { expect, test } from 'vitest'
import { companionLessons } from '../../../../src/tasks/companion.ts'
import { recovery as family } from '../../../../src/tasks/recovery/index.ts'
import { asked, command, control, failing, recovered, row, written } from './fixtures.ts'

const companion = family.companion!(control)
const lessons = companionLessons(family, companion)

test('the intent classifier tells the intents apart; what is no command wants nothing of the system', () => {
  expect(companion).toMatchObject({ name: 'intent', labels: Object.keys(control.intents) })
  expect(companion.labelOf(JSON.stringify(asked('run_task', 'retry', { task: 't' })))).toBe('retry')
  expect(companion.labelOf(JSON.stringify(recovered('timeout', 'no_answer', command('connect', { host: 'h' }), { step: 'retry' })))).toBeNull()
  expect(companion.labelOf('{"type":"clarification","message":"Which one?","suggestions":[]}')).toBeNull()
  expect(companion.labelOf('{"command":')).toBeNull()
})

test('it reads what the command predictor reads, and answers with one piece', () => {
  const of = row('run t-1 once more', asked('run_task', 'retry', { task: 't-1' }), { context: { load: { level: 'high' } } })
  expect(lessons.userText(control, of.instruction, of.context)).toBe(family.userText(control, of.instruction, of.context))
  expect(lessons.target(control, of.output)).toBe('{"intent":"retry"}')
  expect(lessons.target(control, row('no network', recovered('connection_failed', 'network_down', null, { step: 'retry' }), { context: failing('connect') }).output)).toBe('{"intent":null}')
  const pieces = lessons.pieces(control)
  for (const { output } of written(200, 4)) expect(pieces).toContain(lessons.target(control, output))
})

test('its stages go from all rows to requests, and to those with a context, each with some of the others', () => {
  const rows = written(2_000, 4).map((each, i) => ({ ...each, id: `row-${i}` }))
  const [base, intent, context] = companion.phases.map(({ takes }) => rows.filter(takes))
  expect(base).toHaveLength(rows.length)
  const share = (of: typeof rows, is: (each: (typeof rows)[number]) => boolean) => of.filter(is).length / of.length
  const isRequest = ({ slice }: (typeof rows)[number]) => slice?.task === 'command' && slice.case === 'positive'
  expect(share(intent!, isRequest)).toBeGreaterThan(share(rows, isRequest))
  expect(share(intent!, isRequest)).toBeLessThan(1)
  expect(share(context!, ({ slice }) => /state|history|preference|load/.test(slice!.augmentation!))).toBeGreaterThan(0.4)
})

test('the schedule runs across its stages, for both kinds of base with the smoothing and the batches of the document', () => {
  const piece = (begin: number, end: number) => ({ begin: expect.closeTo(begin), end: expect.closeTo(end), parts: [{ share: expect.closeTo(1 / 13), learning_rate: 'linear_warmup', batch_size: 'start_small' }, { share: expect.closeTo(10 / 13) }, { share: expect.closeTo(2 / 13), batch_size: 'full_size' }] })
  expect(companion.phases.map(({ scratch }) => scratch!.schedule)).toMatchObject([piece(0, 1 / 3), piece(1 / 3, 2 / 3), piece(2 / 3, 1)])
  expect(companion.phases[0]!.scratch!.training).toMatchObject({ batch_size: 32, label_smoothing: 0.1 })
  expect(companion.phases[0]!.downloaded).toMatchObject({ schedule: piece(0, 1 / 3), training: { learning_rate: 2e-5, per_device_train_batch_size: 32, label_smoothing: 0.1 } })
  expect(family.phases!(control)[2]).toMatchObject({ downloaded: { schedule: piece(2 / 3, 1), training: { learning_rate: 1e-5, per_device_train_batch_size: 16, warmup_ratio: 0.1 } } })
  // The command predictor from scratch keeps the rates of scratch_config.yaml.
  expect(family.phases!(control).map(({ scratch }) => scratch)).toEqual([{ training: { decay: 0 } }, { training: { decay: 0 } }, undefined])
})
