import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Row } from '../../../../src/dataset/row.ts'
import { segment } from '../../../../src/tasks/cli/pieces.ts'
import { tools } from '../../../../src/tasks/tools/index.ts'
import type { ToolsSchema } from '../../../../src/tasks/tools/schema.ts'
import { anyCall, asked, call, home, shop } from './fixtures.ts'

const row = (instruction: string, output: string, more: Partial<Row> = {}): Row => ({ instruction, context: null, output, ...more })
const find = (parameters: Record<string, unknown>) => call('find_items', parameters)

describe('the canonical completion', () => {
  test('has schema order and neither defaults nor confidence, at every level', () => {
    expect(tools.completion(shop, '{"confidence":0.9,"parameters":{"limit":10,"tags":["b","a","b"],"sort":"name","text":"x"},"name":"find_items"}')).toBe(find({ text: 'x', sort: 'name', tags: ['b', 'a'] }))
    expect(tools.completion(shop, call('order_items', { note: null, to: { address: { zip: '12345' }, name: 'jo' }, lines: [{ count: 1, item: 'pen' }] }))).toBe(call('order_items', { lines: [{ item: 'pen' }], to: { name: 'jo', address: { zip: '12345' } } }))
  })
  test('is its own completion', () => {
    fc.assert(fc.property(anyCall(shop), ({ name, parameters }) => {
      const once = tools.completion(shop, call(name, parameters))
      expect(tools.completion(shop, once)).toBe(once)
    }))
  })
  test('of a clarification has the sentence of its case and suggestions in schema order', () => {
    expect(JSON.parse(tools.completion(shop, asked('?', 'cancel_order', 'order_items')))).toEqual({ type: 'clarification', message: 'Which of these would you like to do?', suggestions: [{ label: 'Order items', command: 'order_items' }, { label: 'Cancel an order', command: 'cancel_order' }] })
    expect(tools.completion(shop, asked('I can only help with the shop.'))).toContain('That is outside of what shop can do: A shop for everything.')
    expect(tools.completion(shop, asked('Which number?', 'cancel_order'))).toContain('Which number do you mean?')
  })
  test.each([
    ['an unknown tool', call('find_item'), /no tool "find_item"; did you mean "find_items"/],
    ['an unknown parameter', find({ txt: 'x' }), /has no parameter "txt"/],
    ['a missing parameter', call('cancel_order'), /requires the key "number", which is missing/],
    ['a missing inner one', call('order_items', { lines: [{ item: 'x' }], to: {} }), /requires the key "name" in "to"/],
    ['another type', find({ limit: '3' }), /expects "limit" to be an integer, found "3"/],
    ['a value out of bounds', find({ limit: 0 }), /expects "limit" to be at least 1/],
    ['an empty choice of keys', find({ price: {} }), /one of the keys "least" or "most"/],
    ['a text that does not match', call('order_items', { lines: [{ item: 'x' }], to: { name: 'a', address: { zip: 'abc' } } }), /expects "to.address.zip" to be text that matches/],
    ['something else', '[1]', /expected an answer that the schema allows/],
  ])('%s is refused', (_, output, message) => expect(() => tools.completion(shop, output)).toThrow(message))
})

describe('the score', () => {
  const truth = row('3 red shoes', find({ text: 'red shoes', limit: 3 }))
  test.each([
    ['equal', find({ limit: 3, text: 'red shoes' }), undefined],
    ['a default beside it', find({ text: 'red shoes', limit: 3, sort: 'price', exact: false }), undefined],
    ['no JSON', '{"name"', 'not JSON'],
    ['another tool', call('open_cart'), 'wrong tool'],
    ['a clarification', asked('?', 'find_items'), 'should not have asked'],
    ['one less', find({ text: 'red shoes' }), 'missing argument'],
    ['one more', find({ text: 'red shoes', limit: 3, exact: true }), 'unexpected argument'],
    ['another type', find({ text: 'red shoes', limit: '3' }), 'type error'],
    ['half the value', find({ text: 'shoes', limit: 3 }), 'value error: copied wrong'],
    ['a value from nowhere', find({ text: 'hats galore', limit: 3 }), 'value error: invented'],
  ])('%s', (_, predicted, error) => expect(tools.score(shop, predicted, truth).error).toBe(error))
  test('compares lists in their order, but where the schema says that it means nothing', () => {
    expect(tools.score(shop, find({ tags: ['b', 'a'] }), row('x', find({ tags: ['a', 'b', 'a'] }))).equivalent).toBe(true)
    const lines = (...items: string[]) => call('order_items', { lines: items.map((item) => ({ item })) })
    expect(tools.score(shop, lines('b', 'a'), row('x', lines('a', 'b'))).equivalent).toBe(false)
  })
  test('takes any accepted answer, and suggestions in any order', () => {
    expect(tools.score(shop, call('open_cart'), row('x', find({}), { accepted: [call('open_cart')] })).equivalent).toBe(true)
    expect(tools.score(shop, asked('Hm?', 'open_cart', 'find_items'), row('x', asked('Which?', 'find_items', 'open_cart'))).equivalent).toBe(true)
    expect(tools.score(shop, call('open_cart'), row('x', asked('That is outside.'), { slice: { case: 'off_topic' } })).error).toBe('off-topic answered')
  })
  test('knows a wrong one by its first difference in a nested object', () => {
    const order = (name: string) => call('order_items', { lines: [{ item: 'pen' }], to: { name } })
    expect(tools.score(shop, order('bo'), row('a pen for bob', order('bob'))).error).toBe('value error: copied wrong')
  })
})

test.each([['a small schema', () => shop], ['home', home]])('pieces and free values make up every completion of %s', (_, schemaOf) => {
  const schema: ToolsSchema = schemaOf()
  const list = tools.pieces(schema)
  expect(list.filter((piece) => piece.startsWith('","'))).toEqual([])
  fc.assert(fc.property(anyCall(schema), ({ name, parameters }) => {
    const completion = tools.completion(schema, call(name, parameters))
    const free = segment(completion, list).filter(({ piece }) => !piece)
    for (const { text } of free) expect(JSON.stringify(parameters)).toContain(text)
    expect(completion.startsWith(list.find((piece) => piece.startsWith(`{"name":"${name}"`))!)).toBe(true)
  }))
})

test('copied values are texts and free numbers that stand in the request as whole words', () => {
  expect(tools.copiedValues(shop, row('order 12 pens and ink for bob to 12345', call('order_items', { lines: [{ item: 'pens', count: 12 }, { item: 'ink' }], to: { name: 'bob', address: { zip: '12345' } } })))).toEqual([
    { value: 'pens', kind: 'item' }, { value: '12', kind: 'number' }, { value: 'ink', kind: 'item' }, { value: 'bob', kind: 'name' },
  ])
  expect(tools.copiedValues(shop, row('sorted by name', find({ sort: 'name' })))).toEqual([])
})

test('near misses are allowed, wrong and different', () => {
  for (const truth of [row('3 red shoes by name', find({ text: 'red shoes', limit: 3, sort: 'name' })), row('cancel it', asked('Which number?', 'cancel_order')), row('buy a pen', call('order_items', { lines: [{ item: 'pen' }] }))]) {
    const misses = tools.nearMisses(shop, truth, 1)
    expect(misses.length).toBeGreaterThan(2)
    expect(new Set(misses).size).toBe(misses.length)
    for (const miss of misses) expect(tools.score(shop, miss, truth)).toMatchObject({ valid: true, allowed: true, equivalent: false })
  }
})

describe('validation', () => {
  const problems = (instruction: string, output: string, more: Partial<Row> = {}) => tools.validate(shop, row(instruction, output, more)).map(({ rule }) => rule)
  test('takes what is said, in parts and in other words too', () => {
    expect(problems('three red shoes', find({ text: 'red shoes', limit: 3 }))).toEqual([])
    expect(problems('newest first', find({ sort: 'age' }))).toEqual([])
    expect(problems('gift for mom', call('order_items', { lines: [{ item: 'gift' }], to: { name: 'mom' } }))).toEqual([])
  })
  test('refuses values from nowhere, but in a hand-written test set', () => {
    expect(problems('shoes', find({ text: 'hats' }))).toEqual(['value'])
    expect(problems('some shoes', find({ text: 'shoes', limit: 7 }))).toEqual(['value'])
    expect(problems('shoes', find({ text: 'hats' }), { part: 'dev' })).toEqual([])
  })
  test('refuses what is no answer', () => {
    expect(problems('', find({}))).toEqual(['shape'])
    expect(problems('x', 'ls -la')).toEqual(['json'])
    expect(problems('x', '{"type":"clarification"}')).toEqual(['shape', 'shape'])
  })
})

test('doubts speak against values that nobody said and values that were passed over', () => {
  expect(tools.doubts!(shop, find({ text: 'shoes', limit: 3 }), 'find 3 shoes')).toBe(0)
  expect(tools.doubts!(shop, find({ text: 'hats', limit: 3 }), 'find 3 shoes')).toBeGreaterThan(0)
  expect(tools.doubts!(shop, find({ text: 'shoes' }), 'find 3 shoes')).toBeGreaterThan(0)
  // One word is a text or a tag; said twice it may be both.
  expect(tools.doubts!(shop, find({ text: 'shoes', tags: ['shoes'] }), 'find shoes')).toBeGreaterThan(0)
  expect(tools.doubts!(shop, find({ text: 'shoes', tags: ['shoes'] }), 'find shoes: shoes')).toBe(0)
  expect(tools.doubts!(shop, asked('?', 'open_cart'), 'find 3 shoes')).toBe(0)
})

test('a misspelt word of the schema has another reading, a right one and a quoted one have none', () => {
  expect(tools.otherReading!(shop, 'cancle my order', '')).toBe('cancel my order')
  expect(tools.otherReading!(shop, 'cancel my "odrer"', '')).toBeUndefined()
})

describe('rows from elsewhere', () => {
  const wanted = { name: 'cancel_order', parameters: { number: 7 } }
  test.each([
    ['{question, answer}', { question: 'cancel 7', answer: JSON.stringify(wanted) }],
    ['the specification', { instruction: 'cancel 7', context: null, output: JSON.stringify(wanted) }],
    ['arguments as an object', { question: 'cancel 7', answer: { name: 'cancel_order', arguments: { number: 7 } } }],
    ['arguments as text', { question: 'cancel 7', answer: { type: 'function', function: { name: 'cancel_order', arguments: '{"number":7}' } } }],
    ['a list of one call', { input: 'cancel 7', expected_response: [{ name: 'cancel_order', input: { number: 7 } }] }],
  ])('%s', (_, record) => {
    const read = tools.fromForeign(shop, record as Record<string, unknown>)
    expect(read.instruction).toBe('cancel 7')
    expect(JSON.parse(read.output)).toEqual(wanted)
    expect(tools.validate(shop, read)).toEqual([])
  })
  test('tell of what they are examples', () => {
    expect(tools.fromForeign(shop, { question: 'cancel 7', answer: wanted }).slice).toEqual({ tool: 'cancel_order', case: 'positive' })
    expect(tools.fromForeign(shop, { question: 'cancel it', answer: asked('Which number?', 'cancel_order') }).slice).toEqual({ tool: 'cancel_order', case: 'missing_required' })
    expect(tools.fromForeign(shop, { question: 'sing', answer: asked('That is outside of what I can do.'), slice: { case: 'rude' } }).slice).toEqual({ case: 'rude' })
  })
  test('keep their bookkeeping, and are refused where they are none', () => {
    expect(tools.fromForeign(shop, { question: 'x', answer: wanted, accepted: [{ name: 'open_cart', arguments: {} }], part: 'dev' })).toMatchObject({ accepted: [call('open_cart')], part: 'dev' })
    expect(() => tools.fromForeign(shop, { foo: 1 })).toThrow(/expected \{"instruction", "output"\}, \{"question", "answer"\}.*found the keys \["foo"\]/)
  })
})

test('a call may be executed, a clarification and an unknown call never; there is no shell line', () => {
  expect(tools.executable(shop, call('open_cart'))).toBe(true)
  expect(tools.executable(shop, asked('?', 'open_cart'))).toBe(false)
  expect(tools.executable(shop, call('rob_bank'))).toBe(false)
  expect(tools.commandLine).toBeUndefined()
  expect(tools.answer(shop, call('open_cart'), 0.9)).toEqual({ name: 'open_cart', parameters: {}, confidence: 0.9 })
})

test('a call that is not sure stands among what else the question may mean', () => {
  expect(tools.alternatives!(shop, call('cancel_order', { number: 1 }), 'order 1 pen').map(({ command }) => command)).toEqual(['cancel_order', 'order_items'])
})

test('coverage names tools and parameters at every level', () => {
  const output = call('order_items', { lines: [{ item: 'pen' }], to: { name: 'bob' } })
  expect(tools.coverage!(shop, row('x', output))).toEqual(['tool order_items', 'parameter order_items lines', 'parameter order_items to', 'parameter order_items to.name'])
  expect(tools.coverable!(shop)).toEqual(expect.arrayContaining(tools.coverage!(shop, row('x', output))))
})
