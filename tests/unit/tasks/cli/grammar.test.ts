import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Engine } from '../../../../src/inference/engine.ts'
import { checkAnswer, type Answer } from '../../../../src/tasks/cli/answer.ts'
import { target } from '../../../../src/tasks/cli/completion.ts'
import { copyingGrammar } from '../../../../src/tasks/cli/copying.ts'
import { grammar } from '../../../../src/tasks/cli/grammar.ts'
import { parse } from '../../../../src/tasks/cli/parse.ts'
import { leaves, type Arg, type CliSchema } from '../../../../src/tasks/cli/schema.ts'
import { randomModel } from '../../inference/random-model.ts'
import { acceptor as acceptorOf } from '../acceptor.ts'

let engine: Engine
beforeAll(async () => {
  engine = await Engine.load({ gguf: randomModel() })
}, 60_000)
afterAll(() => engine?.close())

const acceptor = (schema: CliSchema, gbnf = grammar(schema)) => acceptorOf(engine, gbnf)

const shop = parse({
  name: 'shop',
  file: 'shop.yaml',
  text: `
cli_name: shop
description: A shop
commands:
  - name: item
    description: Manage items
    subcommands:
      - name: list
        description: List items
        args:
          - {name: state, type: enum, values: [open, sold, all], default: open}
          - {name: label, repeatable: true}
          - {name: limit, type: integer}
        flags: [{name: web}, {name: long}]
      - name: buy
        description: Buy an item
        args:
          - {name: count, type: integer}
          - {name: item, required: true, positional: true}
          - {name: note}
      - {name: drop, description: "Say \\"bye\\" to it"}
      - name: move
        description: Move an item
        args: [{name: item, required: true}, {name: new-shelf, required: true}]
  - name: status
    description: Show the state
`,
})

describe('a small schema', () => {
  const suggest = (...names: string[]) => leaves(shop).filter(({ path }) => names.includes(path)).map(({ command, subcommand }) => ({ label: 'x', command, subcommand }))
  const right: unknown[] = [
    { type: 'command', command: 'item', subcommand: 'list', args: {}, flags: [] },
    { type: 'command', command: 'item', subcommand: 'list', args: { state: 'sold', label: ['a b', 'c,"d"'], limit: -30 }, flags: ['web', 'long'] },
    { type: 'command', command: 'item', subcommand: 'list', args: { limit: 0 }, flags: ['long'] },
    { type: 'command', command: 'item', subcommand: 'list', args: { limit: 3, label: ['a'], state: 'sold' }, flags: ['long', 'web'] },
    { type: 'command', command: 'item', subcommand: 'buy', args: { note: 'n', item: 'x', count: 3 }, flags: [] },
    { type: 'command', command: 'item', subcommand: 'buy', args: { item: 'x', count: 3 }, flags: [] },
    { type: 'command', command: 'item', subcommand: 'buy', args: { item: 'größe 你好 🙂 \\ "q" \n\t\u0001' }, flags: [] },
    { type: 'command', command: 'item', subcommand: 'buy', args: { count: 3, item: 'x', note: 'x'.repeat(400) }, flags: [] },
    { type: 'command', command: 'item', subcommand: 'drop', args: {}, flags: [] },
    { type: 'command', command: 'status', subcommand: null, args: {}, flags: [] },
    { type: 'clarification', message: 'What do you want?', suggestions: [] },
    { type: 'clarification', message: 'That is outside of my scope', suggestions: [] },
    { type: 'clarification', message: 'Which?', suggestions: suggest('item buy') },
    { type: 'clarification', message: 'Which?', suggestions: suggest('status') },
    { type: 'clarification', message: 'Which item?', suggestions: suggest('item move') },
    { type: 'clarification', message: 'Which new shelf?', suggestions: suggest('item move') },
    { type: 'clarification', message: 'Which?', suggestions: suggest('item list', 'item buy', 'item drop') },
    { type: 'clarification', message: 'Did you mean', suggestions: suggest('item list', 'status') },
  ]
  test.each(right.map((answer) => target(shop, JSON.stringify(answer))))('accepts %s', async (text) => expect((await acceptor(shop))(text)).toBe(true))

  test.each([
    ['', 'nothing'],
    ['{"type":"command","command":"item","subcommand":"list","args":{},"flags":[]', 'an answer that is cut'],
    ['{"type":"command","command":"item","subcommand":"list","args":{},"flags":[]} ', 'anything after the end'],
    ['{"type":"command", "command":"item","subcommand":"list","args":{},"flags":[]}', 'white space'],
    ['{"type":"command","command":"item","subcommand":"sell","args":{},"flags":[]}', 'an unknown subcommand'],
    ['{"type":"command","command":"item","subcommand":null,"args":{},"flags":[]}', 'a missing subcommand'],
    ['{"type":"command","command":"status","subcommand":"list","args":{},"flags":[]}', 'a subcommand of another command'],
    ['{"type":"command","command":"item","subcommand":"list","args":{"limit":3,},"flags":[]}', 'an empty trailing comma'],
    ['{"type":"command","command":"item","subcommand":"list","args":{"state":"open"},"flags":[]}', 'a default value'],
    ['{"type":"command","command":"item","subcommand":"list","args":{"state":"lost"},"flags":[]}', 'a value the enum lacks'],
    ['{"type":"command","command":"item","subcommand":"list","args":{"label":[]},"flags":[]}', 'an empty list'],
    ['{"type":"command","command":"item","subcommand":"list","args":{"label":"a"},"flags":[]}', 'one value for a list'],
    ['{"type":"command","command":"item","subcommand":"list","args":{"limit":"3"},"flags":[]}', 'text for an integer'],
    ['{"type":"command","command":"item","subcommand":"list","args":{"limit":03},"flags":[]}', 'a leading zero'],
    ['{"type":"command","command":"item","subcommand":"list","args":{"limit":-0},"flags":[]}', 'minus zero'],
    ['{"type":"command","command":"item","subcommand":"list","args":{"limit":1234567890123456},"flags":[]}', 'an integer of 16 digits'],
    ['{"type":"command","command":"item","subcommand":"buy","args":{},"flags":[]}', 'a missing required argument'],
    ['{"type":"command","command":"item","subcommand":"buy","args":{"count":1},"flags":[]}', 'a missing required argument after another'],
    ['{"type":"command","command":"item","subcommand":"buy","args":{"item":"x","item":"y"},"flags":[]}', 'a required argument twice'],
    ['{"type":"command","command":"item","subcommand":"buy","args":{"item":""},"flags":[]}', 'empty text'],
    [`{"type":"command","command":"item","subcommand":"buy","args":{"item":"${'x'.repeat(401)}"},"flags":[]}`, 'text of 401 characters'],
    ['{"type":"command","command":"item","subcommand":"buy","args":{"item":"a\nb"},"flags":[]}', 'a raw line break in text'],
    ['{"type":"command","command":"item","subcommand":"buy","args":{"item":"\\u0000"},"flags":[]}', 'a NUL'],
    ['{"type":"clarification","message":"Hello","suggestions":[]}', 'a message of its own'],
    ['{"type":"clarification","message":"What would you like to do?","suggestions":[{"label":"Buy an item","command":"item","subcommand":"buy"}]}', 'suggestions where there are none'],
    ['{"type":"clarification","message":"Which new-shelf do you mean?","suggestions":[{"label":"Buy an item","command":"item","subcommand":"buy"}]}', 'a question for what the command lacks'],
    ['{"type":"clarification","message":"Which of these would you like to do?","suggestions":[]}', 'no suggestions where there are some'],
  ])('refuses %s (%s)', async (text) => expect((await acceptor(shop))(text)).toBe(false))
})

describe('narrowed to what a text holds', () => {
  const buy = (args: Record<string, unknown>) => target(shop, JSON.stringify({ type: 'command', command: 'item', subcommand: 'buy', args, flags: [] }))
  const text = 'buy two of "red shoe-12" noting C:\\new \\"x\\"\ncurrent=bag'
  const narrowed = () => copyingGrammar(shop, grammar(shop), text)!

  test.each([{ item: 'red shoe-12' }, { item: 'shoe', count: 2 }, { item: 'bag', count: 12 }, { item: '>12' }, { item: '"x\\"'.slice(0, 3), note: 'C:\\new' }])('it allows values that stand there: %o', async (args) => {
    expect((await acceptor(shop, narrowed()))(buy(args))).toBe(true)
  })
  test.each([{ item: 'red shop' }, { item: 'sho' }, { item: 'red  shoe' }, { item: 'bag', count: 3 }, { item: 'bag', note: 'new C' }])('it refuses others: %o', async (args) => {
    expect((await acceptor(shop, narrowed()))(buy(args))).toBe(false)
  })
})

describe.each(['gh', 'kubectl'])('%s', (name) => {
  const schema = parse({ name, file: `${name}.yaml`, text: readFileSync(`schemas/${name}.yaml`, 'utf8') })

  test('every answer that the schema allows is accepted, whatever its order', async () => {
    const accepts = await acceptor(schema)
    fc.assert(fc.property(anyAnswer(schema), (answer) => {
      const text = target(schema, JSON.stringify(answer))
      if (!accepts(text)) throw new Error(text)
    }), { numRuns: 300 })
  })

  test('every answer of the golden set is accepted', async () => {
    const accepts = await acceptor(schema)
    const outputs = readFileSync(`schemas/${name}.golden.jsonl`, 'utf8').trim().split('\n').flatMap((line) => {
      const row = JSON.parse(line) as { output: string; accepted?: string[] }
      return [row.output, ...(row.accepted ?? [])]
    })
    expect(outputs.map((output) => target(schema, output)).filter((text) => !accepts(text))).toEqual([])
  })

  test('is compact', () => expect(grammar(schema).length).toBeLessThan(64_000))
})

/** Commands with any mix of arguments and flags, and clarifications. */
function anyAnswer(schema: CliSchema): fc.Arbitrary<unknown> {
  const value = (arg: Arg): fc.Arbitrary<unknown> => {
    const one: fc.Arbitrary<string | number> = arg.type === 'integer' ? fc.integer() : arg.type === 'enum' ? fc.constantFrom(...arg.values!) : arg.pattern && arg.examples.length ? fc.constantFrom(...arg.examples) : fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => !arg.pattern || new RegExp(arg.pattern).test(text))
    return arg.repeatable ? fc.array(one, { minLength: 1, maxLength: 4 }) : one
  }
  const commands = leaves(schema).map((leaf) => {
    const positionals = leaf.args.filter((arg) => arg.positional)
    const options = leaf.args.filter((arg) => !arg.positional)
    const record = (args: Arg[], requiredKeys: string[]) => fc.record(Object.fromEntries(args.map((arg) => [arg.name, value(arg)])), { requiredKeys })
    const flags = fc.shuffledSubarray(leaf.flags.map(({ name }) => name))
    return fc.tuple(record(positionals, positionals.map(({ name }) => name)), record(options, options.filter(({ required }) => required).map(({ name }) => name)), flags)
      .chain(([given, others, flags]) => fc.shuffledSubarray(Object.entries({ ...given, ...others }), { minLength: Object.keys(given).length + Object.keys(others).length })
        .map((args) => ({ type: 'command', command: leaf.command, subcommand: leaf.subcommand, args: Object.fromEntries(args), flags })))
  })
  const clarifications = fc.tuple(fc.constantFrom('Did you mean', 'Which one', 'Outside of scope'), fc.subarray(leaves(schema), { maxLength: 3 }))
    .map(([message, suggested]) => ({ type: 'clarification', message, suggestions: suggested.map(({ command, subcommand }) => ({ label: 'x', command, subcommand })) }))
  return fc.oneof(...commands.map((command) => command.filter((answer) => checkAnswer(schema, answer as Answer).length === 0)), { arbitrary: clarifications, weight: 10 })
}
