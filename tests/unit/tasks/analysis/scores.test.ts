import { describe, expect, test } from 'vitest'
import { analysis as family } from '../../../../src/tasks/analysis/index.ts'
import { order, orderText, row, schema } from './fixtures.ts'

const truth = row(order)
const scored = (answer: unknown, of = truth) => family.score(schema, JSON.stringify(answer), of)
const figures = (answer: unknown, of = truth) => family.metrics!(schema, JSON.stringify(answer), of, scored(answer, of))
const entities = (changed: Record<string, string[] | undefined>) => ({ ...order, entities: JSON.parse(JSON.stringify({ ...order.entities, ...changed })) })

describe('the same analysis', () => {
  test.each([
    ['other letter case and spaces', entities({ order: ['po-4471 '], person: ['dana  whitfield'] })],
    ['values twice', entities({ order: ['PO-4471', 'PO-4471'] })],
    ['other order of keys', { actions: order.actions, entities: order.entities, summary: order.summary, priority: order.priority, state: order.state }],
    ['a sentence with the right facts', { ...order, summary: 'Dana Whitfield ordered 40 MX-220 under PO-4471.' }],
    ['the sentence of the pattern', { ...order, summary: 'New order PO-4471: 40 x MX-220.' }],
  ])('may have %s', (_what, answer) => expect(scored(answer)).toEqual({ valid: true, allowed: true, equivalent: true }))
})

describe('errors are named', () => {
  test.each([
    ['format', 'no JSON at all'],
    ['format', { state: 'orders/start' }],
    ['format', { ...order, state: 'orders/began' }],
    ['wrong state', { ...order, state: 'orders/progress' }],
    ['hallucination', entities({ part: ['MX-230'] })],
    ['hallucination', { ...order, summary: 'New order PO-4471 for 40 MX-220 worth $900.' }],
    ['wrong entities', entities({ part: undefined, quote: ['MX-220'] })],
    ['missing information', entities({ quantity: undefined })],
    ['missing information', { ...order, actions: [] }],
    ['wrong priority', { ...order, priority: 'low' }],
    ['wrong action items', { ...order, actions: [{ ...order.actions[0], when: undefined }] }],
    ['wrong summary', { ...order, summary: { pattern: 'order_changed' } }],
  ])('%s', (name, answer) => {
    const { equivalent, error } = family.score(schema, typeof answer === 'string' ? answer : JSON.stringify(answer), truth)
    expect({ equivalent, error }).toEqual({ equivalent: false, error: name })
  })
})

test("an error's category is one of the training plan's, and an answer is of its state", () => {
  expect(['format', 'wrong state', 'hallucination', 'wrong entities', 'missing information', 'wrong priority'].map((name) => family.errorCategories![name])).toEqual(['format', 'wrong state', 'hallucination', 'wrong entities', 'missing information', undefined])
  expect([JSON.stringify(order), '{"priority":"high"}', 'no JSON'].map((output) => family.classes!.of(schema, output))).toEqual(['orders/start', undefined, undefined])
})

describe('figures', () => {
  test('are all 1 of the right answer', () => expect([...new Set(Object.values(figures(order)))]).toEqual([1]))

  test('completeness counts key entities only, precision all', () => {
    const answer = entities({ person: undefined, part: undefined, company: ['Tom'] })
    // order, quantity and date of four key entities; three of four values right.
    expect(figures(answer)['completeness (recall of key entities)']).toBe(3 / 4)
    expect(figures(answer)['precision of entities']).toBe(3 / 4)
    expect(figures(answer)['recall of all entities']).toBe(3 / 5)
  })

  test('relevance asks whether a value is part of the matter, not for its type', () => {
    expect(figures(entities({ part: undefined, quote: ['MX-220'] })).relevance).toBe(1)
    // "Hi" stands in the mails and has no business here: one of seven values.
    expect(figures(entities({ company: ['Hi'] })).relevance).toBeCloseTo(6 / 7)
  })

  test('factual correctness asks whether a value stands in the mails', () => {
    expect(figures(entities({ company: ['Hi'] }))['factual correctness']).toBe(1)
    expect(figures(entities({ company: ['Acme'] }))['factual correctness']).toBeCloseTo(6 / 7)
  })

  test('coherence asks whether the parts agree', () => {
    // The pattern of another state, a priority against the criteria, and an action about what is no entity: none of three agrees.
    const answer = { ...entities({ order: undefined }), summary: { pattern: 'quote_sent' }, priority: 'low' }
    expect(figures(answer).coherence).toBe(0)
    expect(figures({ ...order, summary: { pattern: 'quote_sent' } }).coherence).toBeCloseTo(2 / 3)
  })

  test('of an answer that is accepted, too, are all 1; of one near to it they are against that', () => {
    const other = { ...entities({ quantity: ['40 pieces'] }), state: 'orders/progress', priority: 'normal', summary: { pattern: 'order_changed' }, actions: [] }
    const of = { ...truth, accepted: [JSON.stringify(other)] }
    expect(figures(other)['accuracy (state)']).toBe(0)
    expect(figures(other, of)).toMatchObject({ 'accuracy (state)': 1, priority: 1, 'action items': 1, summary: 1, 'recall of all entities': 1 })
    expect(figures(order, of)).toEqual(figures(order))
    expect(figures({ ...other, priority: 'low' }, of)).toMatchObject({ 'accuracy (state)': 1, priority: 0, 'action items': 1 })
  })

  test('what a row does not ask for is left out', () => {
    const of = row({ state: 'orders/start' }, orderText, { task: 'state' })
    expect(Object.keys(figures({ state: 'orders/start' }, of))).toEqual(['accuracy (state)', 'relevance', 'coherence', 'factual correctness'])
    expect(figures({ state: 'orders/progress' }, of)['accuracy (state)']).toBe(0)
  })

  test('an answer that is none has nothing right', () => expect([...new Set(Object.values(family.metrics!(schema, '', truth, { valid: false, allowed: false, equivalent: false })))].filter((value) => value > 0)).toEqual([]))
})

describe('near misses', () => {
  test('are allowed and none is right', () => {
    const misses = family.nearMisses(schema, truth, 1)
    expect(misses.length).toBe(8)
    for (const miss of misses) expect(family.score(schema, miss, truth)).toMatchObject({ valid: true, allowed: true, equivalent: false })
    expect(family.nearMisses(schema, truth, 2)).not.toEqual(misses)
  })
})

describe('doubts', () => {
  const doubts = (answer: unknown) => family.doubts!(schema, JSON.stringify(answer), orderText)
  test('speak against values that nobody wrote, sure values left out, and parts that do not agree', () => {
    expect(doubts(order)).toBe(0)
    expect(doubts(entities({ part: ['MX-999'] }))).toBeGreaterThan(0)
    expect(doubts({ ...entities({ order: undefined }), actions: [] })).toBeGreaterThan(0)
    expect(doubts({ ...order, summary: { pattern: 'quote_sent' } })).toBeGreaterThan(0)
    expect(doubts({ state: 'nowhere' })).toBe(Infinity)
  })

  test.each([
    ['a value of two types', { quote: ['PO-4471'] }],
    ['a value that surely is of another', { order: undefined, quote: ['PO-4471'] }],
    ['a part of a value', { part: ['MX'] }],
    ['the end of a value', { order: ['4471'] }],
    ['what is no sum of money', { amount: ['40 MX-220'] }],
    ['what is no number', { quantity: ['MX-220'] }],
  ])('speak against %s', (_what, changed) => {
    expect(doubts({ ...entities(changed), actions: [] })).toBeGreaterThan(doubts({ ...order, actions: [] }))
  })
})
