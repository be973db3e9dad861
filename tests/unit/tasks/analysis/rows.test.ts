import { describe, expect, test } from 'vitest'
import { analysis as family } from '../../../../src/tasks/analysis/index.ts'
import { priorityOf } from '../../../../src/tasks/analysis/priority.ts'
import { golden, mail, order, orderText, row, schema, taught, text } from './fixtures.ts'

describe('rows that people have', () => {
  const batch = { id: '7', emails: [mail('Hi Tom, please book 40 MX-220 and confirm it by Friday.')] }
  test.each([
    ['a batch and its analysis', { batch, analysis: order }],
    ['a batch with its analysis inside', { ...batch, analysis: order }],
    ['the form of the house', { instruction: orderText, context: null, output: JSON.stringify(order) }],
    ['words and a batch as context', { instruction: 'analyse', context: batch, output: JSON.stringify(order) }],
  ])('%s', (_what, record) => {
    const read = family.fromForeign(schema, record)
    expect(read.instruction).toBe(orderText)
    expect(family.validate(schema, read)).toEqual([])
    expect(family.score(schema, JSON.stringify(order), read).equivalent).toBe(true)
  })

  test('one task alone', () => {
    const read = family.fromForeign(schema, { batch, task: 'priority', analysis: { priority: 'high' } })
    expect(read.context).toEqual({ task: 'priority' })
    expect(family.validate(schema, read)).toEqual([])
    expect(family.validate(schema, { ...read, context: { task: 'state' } }).map(({ message }) => message).join()).toMatch(/expected state, found priority/)
  })

  test.each([
    ['no batch', { text: 'x' }, /found the keys \["text"\]/],
    ['an unknown task', { batch, task: 'weather', analysis: {} }, /expected a task .*found "weather"/],
  ])('%s is refused', (_what, record, message) => expect(() => family.fromForeign(schema, record)).toThrow(message))

  test.each([
    ['a value that nobody wrote', { ...order, entities: { ...order.entities, part: ['MX-999'] } }, /expected "mx-999" in the mails/],
    ['a state that there is not', { ...order, state: 'orders/strat' }, /did you mean "orders\/start"/],
    ['half of the parts', { state: 'orders/start', priority: 'low' }, /expected all of state, priority, summary, entities, actions, or one of them, found state, priority/],
    ['an action about another thing', { ...order, actions: [{ kind: 'confirm_order', what: '40' }] }, /one of the entities order, quote, part, found "40"/],
    ['keys that mean nothing', { ...order, mood: 'good' }, /mood/],
  ])('%s is a reason', (_what, answer, reason) => expect(family.validate(schema, row(answer)).map(({ message }) => message).join()).toMatch(reason))
})

describe('the golden set', () => {
  test('has a hundred rows and more, half of each part, every state and every kind of batch', () => {
    expect(golden.length).toBeGreaterThanOrEqual(100)
    expect(Math.abs(golden.filter(({ part }) => part === 'dev').length - golden.filter(({ part }) => part === 'final').length)).toBeLessThanOrEqual(1)
    expect(new Set(golden.map(({ slice }) => slice.state)).size).toBe(new Set(family.coverable!(schema).filter((label) => label.startsWith('state '))).size)
    for (const kind of ['plain', 'thread', 'quoted', 'malformed', 'incomplete', 'unseen']) expect(golden.filter(({ slice }) => slice.kind === kind).length, kind).toBeGreaterThanOrEqual(5)
  })

  test.each(golden.map((record) => [String(record.batch.id), record] as const))('%s: valid, its priority by the criteria, equivalent to itself', (_id, record) => {
    const read = family.fromForeign(schema, record)
    expect(family.validate(schema, read)).toEqual([])
    expect(family.score(schema, family.target(schema, read.output), read)).toEqual({ valid: true, allowed: true, equivalent: true })
    const { state, priority, actions } = record.analysis
    if (actions && state) expect(priorityOf(schema, { text: read.instruction, state, actions })).toBe(priority)
  })

  test('is said in other words than the teacher\'s: hardly a row shares seven words on end with its rows', () => {
    const plain = (line: string) => line.split(' | ').at(-1)!.toLowerCase().replace(/[a-z]*[-/]?\d[\w/.,-]*/g, '#').replace(/[^a-z# ]+/g, ' ').trim().split(/ +/)
    const runs = (instruction: string) => instruction.split('\n').flatMap((line) => plain(line).map((_, i, words) => words.slice(i, i + 7)).filter(({ length }) => length === 7).map((words) => words.join(' ')))
    const known = new Set(taught(6_000).flatMap(({ instruction }) => runs(instruction)))
    const shared = golden.filter((record) => runs(family.fromForeign(schema, record).instruction).some((run) => known.has(run)))
    expect(shared.length / golden.length).toBeLessThan(0.12)
  })
})

describe('the offline teacher', () => {
  const rows = taught(1_500)

  test('writes valid rows, each state, event, type and action among them', () => {
    expect(rows.flatMap((each) => family.validate(schema, each))).toEqual([])
    const covered = new Set(rows.flatMap((each) => family.coverage!(schema, each)))
    expect(family.coverable!(schema).filter((label) => !covered.has(label))).toEqual([])
  })

  test('the same for the same seed, others for another', () => {
    expect(taught(40)).toEqual(taught(40))
    expect(taught(40, 4).map(({ instruction }) => instruction)).not.toEqual(taught(40).map(({ instruction }) => instruction))
  })

  test('short enough for a small model, and hardly a text twice', () => {
    const sizes = rows.map(({ instruction }) => instruction.length).sort((a, b) => a - b)
    expect(sizes.at(-1)).toBeLessThanOrEqual(schema.mail.longest)
    expect(sizes[Math.floor(0.9 * sizes.length)]).toBeLessThan(400)
    expect(new Set(rows.filter(({ slice }) => slice!.event !== 'unreadable').map(({ instruction }) => instruction)).size).toBeGreaterThan(0.9 * rows.filter(({ slice }) => slice!.event !== 'unreadable').length)
  })

  test('values that a trainer may exchange stand in the mails and in the answer', () => {
    for (const each of rows.slice(0, 300)) {
      const target = family.target(schema, each.output)
      for (const { value } of family.copiedValues(schema, each)) {
        expect(each.instruction).toContain(value)
        expect(target).toContain(JSON.stringify(value).slice(1, -1))
      }
    }
  })
})

test('a paid teacher\'s batch becomes a row; one of another event is told', () => {
  const [brief] = family.plan(schema, { count: 20, seed: 1 }).filter(({ slice }) => slice.event === 'order_placed')
  const example = { brief: 1, emails: [{ from: 'Dana Whitfield <d@norvik.example>', subject: 'PO-4471', body: 'Hi Tom, please book 40 MX-220 and confirm it by Friday.' }], state: 'orders/start', priority: 'high', pattern: 'order_placed', entities: Object.entries(order.entities).map(([type, [value]]) => ({ type, value })), actions: order.actions }
  const [written] = family.fromTeacher(schema, [{ ...brief!, slice: { ...brief!.slice, task: 'all' } }], { examples: [example] })
  expect(written!.problems).toEqual([])
  expect(family.validate(schema, written!.row!)).toEqual([])
  expect(family.score(schema, JSON.stringify(order), written!.row!).equivalent).toBe(true)
  const [other] = family.fromTeacher(schema, [brief!], { examples: [{ ...example, pattern: 'order_changed' }] })
  expect(other!.problems[0]!.message).toMatch(/asks for the event order_placed, found order_changed/)
  expect(family.teacherRequest(schema, [brief!]).user).toContain('event: order_placed')
})
