import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Engine } from '../../../../src/inference/engine.ts'
import { tools } from '../../../../src/tasks/tools/index.ts'
import type { ToolsSchema } from '../../../../src/tasks/tools/schema.ts'
import { randomModel } from '../../inference/random-model.ts'
import { acceptor as acceptorOf } from '../acceptor.ts'
import { anyCall, asked, call, home, shop } from './fixtures.ts'

let engine: Engine
beforeAll(async () => {
  engine = await Engine.load({ gguf: randomModel() })
}, 60_000)
afterAll(() => engine?.close())

const acceptor = (schema: ToolsSchema, gbnf = tools.grammar(schema)) => acceptorOf(engine, gbnf)

test('it accepts every target, whatever its values', async () => {
  const accepts = await acceptor(shop)
  fc.assert(fc.property(anyCall(shop), ({ name, parameters }) => accepts(tools.target(shop, call(name, parameters)))), { numRuns: 150 })
})

test.each([[asked('Hm')], [asked('That is outside of my scope')], [asked('Which number?', 'cancel_order')], [asked('?', 'order_items')], [asked('?', 'open_cart')], [asked('?', 'find_items', 'open_cart')], [asked('?', 'find_items', 'order_items', 'open_cart')]])('it accepts the clarification %s', async (output) => {
  expect((await acceptor(shop))(tools.target(shop, output))).toBe(true)
})

test.each([
  ['{"name":"find_items","parameters":{', 'an answer that is cut'],
  ['{"name":"find_items","parameters":{}} ', 'anything after the end'],
  ['{"name": "find_items","parameters":{}}', 'white space'],
  ['{"name":"find_things","parameters":{}}', 'an unknown tool'],
  ['{"name":"find_items","parameters":{"size":"x"}}', 'an unknown parameter'],
  ['{"name":"find_items","parameters":{"sort":"price"}}', 'a default'],
  ['{"name":"find_items","parameters":{"exact":false}}', 'a default of a boolean'],
  ['{"name":"find_items","parameters":{"sort":"size"}}', 'a value the enum lacks'],
  ['{"name":"find_items","parameters":{"limit":3,"text":"x"}}', 'another order'],
  ['{"name":"find_items","parameters":{"text":"x","text":"y"}}', 'a key twice'],
  ['{"name":"find_items","parameters":{"text":"x",}}', 'a trailing comma'],
  ['{"name":"find_items","parameters":{"limit":1.5}}', 'a fraction for an integer'],
  ['{"name":"find_items","parameters":{"limit":"3"}}', 'text for an integer'],
  ['{"name":"find_items","parameters":{"price":{}}}', 'an object without one of its keys'],
  ['{"name":"find_items","parameters":{"price":{"least":01}}}', 'a leading zero'],
  ['{"name":"order_items","parameters":{}}', 'a missing required parameter'],
  ['{"name":"order_items","parameters":{"lines":[]}}', 'an empty list where one item is the least'],
  ['{"name":"order_items","parameters":{"lines":[{}]}}', 'an item without its required key'],
  ['{"name":"order_items","parameters":{"lines":[{"item":"x"}],"to":{"address":{"zip":"12345"}}}}', 'a missing required key inside'],
  ['{"type":"clarification","message":"Hello","suggestions":[]}', 'a message of its own'],
  ['{"type":"clarification","message":"Which number do you mean?","suggestions":[{"label":"Open the cart","command":"open_cart"}]}', 'a question for what the tool lacks'],
])('it refuses %s: %s', async (text) => expect((await acceptor(shop))(text)).toBe(false))

test('it accepts every row of the offline teacher', async () => {
  const schema = home()
  const accepts = await acceptor(schema)
  for (const brief of tools.plan(schema, { count: 150, seed: 3 })) {
    const target = tools.target(schema, tools.writeOffline(schema, brief, 3).output)
    expect(accepts(target), target).toBe(true)
  }
})

test('narrowed to a text it accepts the values in it, and no others', async () => {
  const accepts = await acceptor(shop, tools.copyingGrammar!(shop, tools.grammar(shop), 'find 3 red shoes'))
  expect(accepts(call('find_items', { text: 'red shoes', limit: 3 }))).toBe(true)
  expect(accepts(call('find_items', { text: 'red hats', limit: 3 }))).toBe(false)
  expect(accepts(call('find_items', { text: 'red shoes', limit: 4 }))).toBe(false)
})
