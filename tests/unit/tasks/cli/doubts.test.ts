import { expect, test } from 'vitest'
import { cli } from '../../../../src/tasks/cli/index.ts'
import { parse } from '../../../../src/tasks/cli/parse.ts'

const schema = parse({
  name: 'shop',
  file: 'shop.yaml',
  text: `
cli_name: shop
commands:
  - name: item
    subcommands:
      - name: buy
        args:
          - {name: count, type: integer, default: 1}
          - {name: size, type: enum, values: [small, medium, large], default: medium, value_synonyms: {large: [big, xl]}}
          - {name: item, required: true, positional: true}
          - {name: label, repeatable: true}
          - {name: colour, type: enum, values: [red, blue], repeatable: true, value_synonyms: {red: [crimson]}}
          - {name: stars, type: integer}
          - {name: sort, type: enum, values: [price, stars]}
        flags: [{name: web, synonyms: [on shop.com]}, {name: gift, short: g, adjectives: [wrapped]}, {name: gift-card}]
        exclusive: [[web, gift]]
        phrases: [buy <item> with a voucher = --gift-card]
`,
})
const doubts = (text: string, args: Record<string, unknown>, flags: string[] = []) => cli.doubts!(schema, JSON.stringify({ type: 'command', command: 'item', subcommand: 'buy', args, flags }), text)

test.each([
  ['buy 3 red-shoe', { count: 3, item: 'red-shoe' }],
  ['buy "old hat" on shop.com', { item: 'old hat' }, ['web']],
  ['buy twelve of #7.', { count: 12, item: '7' }],
  ['buy it\ncurrent_item=bag-9', { item: 'bag-9' }],
  ['could you please buy me a wrapped, big hat quickly?', { item: 'hat', size: 'large' }, ['gift']],
  ['buy a medium hat', { item: 'hat' }],
  ["buy zelda's hat", { item: 'hat', label: ['zelda'] }],
  ['buy a crimson or blue hat', { item: 'hat', colour: ['red', 'blue'] }],
  ['buy 1 hat', { item: 'hat' }],
  ['buy a hat with 4 stars', { item: 'hat', stars: 4 }],
  ['buy a hat, not wrapped', { item: 'hat' }],
  ['shop item buy hat --gift', { item: 'hat' }, ['gift']],
  ['buy hats and/or hats', { item: 'hats' }],
  ['buy the small hat', { item: 'small hat' }],
  ['buy hats with lable red', { item: 'hats', label: ['red'] }],
  ['shop item buy hat --label=v1.2 --count=3', { count: 3, item: 'hat', label: ['v1.2'] }],
] as const)('nothing speaks against the answer to %j', (text, args, flags?: readonly string[]) => expect(doubts(text, args, [...(flags ?? [])])).toBe(0))

test.each([
  ['a value that nobody said', 'buy a hat', { item: 'hat', label: ['red'] }],
  ['a number left out', 'buy 3 hats', { item: 'hats' }],
  ['quoted text left out', 'buy hat, "for me"', { item: 'hat' }],
  ['a path cut off', 'buy shoes/red', { item: 'red' }],
])('%s is a doubt', (_why, text, args) => expect(doubts(text, args)).toBe(5))

test.each([
  ['a flag', 'buy a wrapped hat', { item: 'hat' }],
  ['a flag as one types it', 'shop item buy hat --gift', { item: 'hat' }],
  ['a value of an enum', 'buy a hat, xl', { item: 'hat' }],
  ['a word that only a name can be', 'buy a hat for zelda', { item: 'hat' }],
])('%s that is passed over is a smaller one', (_why, text, args) => expect(doubts(text, args)).toBe(2))

test.each([
  ['a flag', 'buy a hat', { item: 'hat' }, ['web']],
  ['a value of an enum', 'buy a hat', { item: 'hat', size: 'large' }, []],
])('%s that no word speaks of is one, too', (_why, text, args, flags) => expect(doubts(text, args, flags)).toBe(2))

test('the phrase of a longer flag does not speak of one that it begins with', () => {
  expect(doubts('buy hat with a voucher', { item: 'hat' }, ['gift-card'])).toBe(0)
  expect(doubts('buy hat with a voucher', { item: 'hat' }, ['gift'])).toBeGreaterThan(0)
})

test('another value than was said is passed over and unsaid', () => {
  expect(doubts('buy a small hat', { item: 'hat', size: 'large' })).toBe(4)
})

test.each([
  ['a misspelt ending', 'buy a hat, wraped'],
  ['its short letter', 'buy hat -g'],
  ['another form of its name', 'buy hat, it is to be gifted'],
])('a flag is said by %s', (_why, text) => expect(doubts(text, { item: 'hat' }, ['gift'])).toBe(0))

test('a value that is a piece of a word is a doubt, and so is one that two arguments claim', () => {
  expect(doubts('buy hat by async-labs', { item: 'hat', label: ['sync-labs'] })).toBeGreaterThan(0)
  expect(doubts('buy hat labelled red hat', { item: 'red hat', label: ['hat'] })).toBe(0)
  expect(doubts('buy the red hat', { item: 'red hat', label: ['hat'] })).toBe(5)
  expect(doubts('buy the large hat', { item: 'hat', size: 'large', label: ['large'] })).toBe(0)
})

test('an item that stands twice in a list is a doubt', () => {
  expect(doubts('buy hat red', { item: 'hat', label: ['red', 'red'], colour: ['red'] })).toBe(5)
  expect(doubts('buy hat on shop.com', { item: 'hat' }, ['web', 'web'])).toBe(5)
})

test('what the schema forbids is added to what else speaks against an answer', () => {
  expect(doubts('buy 3 wrapped hats on shop.com', { item: 'hats' }, ['web', 'gift'])).toBe(10)
})

test('so is a key that comes twice, and what the schema forbids', () => {
  expect(cli.doubts!(schema, '{"type":"command","command":"item","subcommand":"buy","args":{"item":"hat","item":"hat"},"flags":[]}', 'buy hat')).toBe(5)
  expect(doubts('buy wrapped hat on shop.com', { item: 'hat' }, ['web', 'gift'])).toBe(5)
})

test('an answer that cannot be read is worse than any other, and a question back has nothing to copy', () => {
  expect(cli.doubts!(schema, '{"type":"command"', 'buy 3')).toBe(Infinity)
  expect(cli.doubts!(schema, JSON.stringify({ type: 'clarification', message: 'What?', suggestions: [] }), 'buy 3')).toBe(0)
})

test('a name that took the full stop along is a doubt; free text may end with one', () => {
  expect(doubts('buy a hat labelled red.', { item: 'hat', label: ['red.'] })).toBe(5)
  expect(doubts('buy a hat labelled red.', { item: 'hat', label: ['red'] })).toBe(0)
  expect(doubts('buy hat, is it red?', { item: 'hat', label: ['is it red?'] })).toBe(0)
})
