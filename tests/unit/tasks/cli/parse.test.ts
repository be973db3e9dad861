import { expect, test } from 'vitest'
import { parse } from '../../../../src/tasks/cli/parse.ts'
import { leaves } from '../../../../src/tasks/cli/schema.ts'
import { mistakeOf } from '../mistake.ts'
import { real } from './fixtures.ts'

const mistake = (text: string) => mistakeOf(parse, text)
const inCommand = (text: string) => mistake(`cli_name: x\ncontext: {git.pr: {type: string}}\ncommands:\n  - name: c\n    ${text}\n`)

test('the real schemas are read', () => {
  expect(leaves(real('gh')).length).toBeGreaterThanOrEqual(40)
  expect(leaves(real('kubectl')).length).toBeGreaterThanOrEqual(25)
})

test("the specification's own example is read", () => {
  const schema = parse({ name: 'x', file: 'x.yaml', text: 'cli_name: "x"\ndescription: "d"\ncommands:\n  - name: "c"\n    description: "d"\n    subcommands:\n      - name: "s"\n        description: "d"\n        args:\n          - name: "a"\n            type: "integer"\n            required: false\n            default: "30"\n        flags:\n          - name: "f"\n            short: "f"\n            description: "d"\n' })
  expect(leaves(schema)[0]).toMatchObject({ path: 'c s', args: [{ name: 'a', default: '30' }], flags: [{ short: 'f' }] })
})

test.each([
  ['broken YAML', 'cli_name: "x', /^schemas\/x\.yaml:1:\d+: expected YAML/],
  ['an empty file', '', /expected a map with the keys "cli_name" and "commands"/],
  ['no commands', 'cli_name: x\ncommands: []', /^schemas\/x\.yaml:2:11: expected at least 1 of "commands"/],
  ['a key twice', 'cli_name: x\ncli_name: y', /^schemas\/x\.yaml:2:1: expected every key once, found a second "cli_name"/],
  ['20,000 nested brackets', '['.repeat(20_000), /levels, found more/],
  ['20,000 nested dashes', '- '.repeat(20_000), /levels, found more/],
  ['an alias bomb', `a: &a [1]\nb: [${'*a,'.repeat(300)}]`, /aliases, found more/],
  ['more than a megabyte', `# ${'x'.repeat(1_100_000)}`, /at most 1 MB/],
  ['a NUL', 'cli_name: x\0', /:1:12: expected UTF-8 text, found a NUL character/],
  ['bad UTF-8', Buffer.from([0x61, 0xff]).toString('utf8'), /not UTF-8/],
  ['an unknown key', 'cli_name: x\ncomands: []', /^schemas\/x\.yaml:2:1: .*found "comands"; did you mean "commands"\?/m],
])('%s is refused with its place', (_, text, message) => {
  expect(mistake(text)).toMatch(message)
})

test.each([
  ['args: [{name: a, type: strin}]', /:5:28: .*found "strin"; did you mean "string"/],
  ['args: [{name: a, type: enum}]', /expected "values" for the enum "a"/],
  ['args: [{name: a, required: true, default: b}]', /expected a required argument without default/],
  ['args: [{name: a, type: enum, values: [open, closed], default: opn}]', /found "opn"; did you mean "open"/],
  ['args: [{name: a, type: integer, default: many}]', /expected an integer as default of "a", found "many"/],
  ['args: [{name: a, context: git.prs}]', /found "git.prs"; did you mean "git.pr"/],
  ['args: [{name: a, type: integer, context: git.pr}]', /expected an integer context field/],
  ['args: [{name: a, short: x}, {name: b, short: x}]', /every short letter once, found a second "x"/],
  ['args: [{name: a}, {name: a}]', /every argument or flag once, found a second "a"/],
  ['args: [{name: a, pattern: "("}]', /expected a regular expression/],
  ['args: [{name: --a}]', /no leading dash/],
  ['{name: 3, args: }', /expected YAML/],
  ['args: [{name: a}]\n    subcommands: [{name: s}]', /expected subcommands or args of its own, found both in "c"/],
  ['exclusive: [[a, bb]]\n    args: [{name: a}, {name: b}]', /:5:21: .*argument or flag of the same command, found "bb"/],
  ['exclusive: [[a]]\n    args: [{name: a}]', /expected at least 2/],
  ['exclusive: [[a, b]]\n    args: [{name: a, required: true}, {name: b, required: true}]', /at most one required argument in a group, found "a" and "b"/],
  ['args: [{name: a, positional: true, repeatable: true}, {name: b, positional: true}]', /repeatable positional to be the last/],
  ['args: [{name: a, positional: true, after_dashes: true}, {name: b, positional: true}]', /after_dashes on the last positional, found it on "a" before "b"/],
  ['args: [{name: a, positional: true}, {name: b, positional: true, after_dashes: true}]', /each positional before "b" to be one required word, found "a"/],
  ['args: [{name: a, after_dashes: true}]', /after_dashes only on a positional, found it on "a"/],
  ['args: [{name: a, positional: true, joined: true}]', /joined only on an option, found it on the positional "a"/],
  ['args: [{name: a, positional: true, type: integer, after_dashes: true}]', /after_dashes only on one text, found it on the integer "a"/],
  ['args: [{name: a, positional: true, repeatable: true, after_dashes: true}]', /after_dashes only on one text, found it on the list "a"/],
])('%s', (text, message) => {
  expect(inCommand(text)).toMatch(message)
})

test('all mistakes are told at once, in the order of the file, ten at most', () => {
  const lines = inCommand(`args: [${Array.from({ length: 14 }, (_, i) => `{name: a${i}, type: x${i}}`).join(', ')}]`).split('\n')
  expect(lines).toHaveLength(11)
  expect(lines[10]).toContain('and 4 more')
  expect(lines[0]).toContain('"x0"')
})

