import { Random } from '../../src/teacher/random.ts'
import { Arg, CliSchema, Command, ContextField, Flag, Subcommand } from '../../src/tasks/cli/schema.ts'
import { kindGroups } from './hostile-kinds.ts'

/** A schema from somebody who means no good. Some are legal all the same: they must load, and work. */
export interface Hostile {
  name: string
  text: string
  /** Left out: either will do, as long as it is quick and clean. */
  legal?: boolean
}

export const valid = `cli_name: hub
description: Work with a hub
context:
  git.current_pr: {type: integer}
  git.current_branch: {type: string}
commands:
  - name: pr
    description: Manage pull requests
    synonyms: [pull request, PR]
    subcommands:
      - name: list
        description: List pull requests
        synonyms: [show]
        phrases: [what is open]
        args:
          - {name: limit, type: integer, default: 30, short: L}
          - {name: state, type: enum, values: [open, closed], default: open, value_synonyms: {open: [live]}}
          - {name: author, pattern: '^[a-z]+$', format: user, repeatable: true}
        flags: [{name: web, short: w, synonyms: [in the browser]}]
        exclusive: [[limit, web]]
      - name: view
        description: View a pull request
        args: [{name: number, type: integer, positional: true, required: true, context: git.current_pr}]
  - name: browse
    description: Open the repository
    args: [{name: path, positional: true, format: path}]
`

const command = (rest: string) => `cli_name: hub\ncommands:\n  - name: go\n    ${rest}\n`
const argument = (rest: string) => command(`args: [{name: it, ${rest}}]`)
const quoted = (text: string) => JSON.stringify(text)
const many = (count: number, item: (i: number) => string, joiner = ', ') => Array.from({ length: count }, (_, i) => item(i)).join(joiner)
const refused = (entries: [string, string][]): Hostile[] => entries.map(([name, text]) => ({ name, text, legal: false }))
const legal = (entries: [string, string][]): Hostile[] => entries.map(([name, text]) => ({ name, text, legal: true }))
const either = (entries: [string, string][]): Hostile[] => entries.map(([name, text]) => ({ name, text }))

/** Bytes as a file would give them. */
const bytes = (...values: (number | string)[]) => Buffer.concat(values.map((value) => (typeof value === 'number' ? Buffer.from([value]) : Buffer.from(value)))).toString('utf8')

const aliases = (): Hostile[] => [
  ...refused([
    ['300 aliases', `a: &a [1]\nb: [${'*a,'.repeat(300)}]`],
    ['a billion laughs', `a0: &a0 [${'lol,'.repeat(9)}]\n${many(9, (i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`, '\n')}`],
    ['a million maps in 150 aliases', `cli_name: hub\ncommands: [&a {name: go, flags: [${many(190, (i) => `{name: f${i}, synonyms: [a, b, c, d]}`)}]}, ${'*a, '.repeat(150)}]`],
    ['an alias of nothing', `${valid}extra: *nowhere`],
    ['a name that is an alias of nothing', valid.replace('name: browse', 'name: *nowhere')],
    ['a list in itself', `${valid}extra: &a [*a]`],
    ['a map in itself', '&a {cli_name: *a, commands: *a}'],
    ['a map in itself, by its key', '&a {*a : 1}'],
    ['an anchor defined twice, the second within itself', `${valid}x: &a [1]\ny: &a [*a]`],
    ['an alias before its anchor', `${valid}x: *a\ny: &a 1`],
  ]),
  ...legal([['a few honest aliases', valid.replace('limit, type: integer', 'limit, type: &t integer').replace('number, type: integer', 'number, type: *t')]]),
]

const shapes = { top: CliSchema, field: ContextField, command: Command, subcommand: Subcommand, arg: Arg, flag: Flag }
const places: Record<keyof typeof shapes, (pair: string) => string> = {
  top: (pair) => `cli_name: hub\ncommands: [{name: go}]\n${pair}\n`,
  field: (pair) => `cli_name: hub\ncontext: {git.pr: {${pair}}}\ncommands: [{name: go}]\n`,
  command: (pair) => `cli_name: hub\ncommands: [{name: go, ${pair}}]\n`,
  subcommand: (pair) => `cli_name: hub\ncommands: [{name: go, subcommands: [{name: on, ${pair}}]}]\n`,
  arg: (pair) => argument(pair),
  flag: (pair) => command(`flags: [{name: it, ${pair}}]`),
}
const everyKey = Object.entries(shapes).flatMap(([place, shape]) => Object.keys(shape.shape).map((key) => ({ place: place as keyof typeof shapes, key })))

const nesting = (): Hostile[] => [
  ...refused([
    ['20,000 brackets', '['.repeat(20_000)],
    ['20,000 brackets, closed', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['20,000 braces', '{a: '.repeat(20_000)],
    ['20,000 dashes', '- '.repeat(20_000)],
    ['20,000 question marks', '? '.repeat(20_000)],
    ['500,000 brackets', '['.repeat(500_000)],
    ['1,000 levels of indentation', many(1_000, (i) => `${' '.repeat(i)}a:`, '\n')],
    ['brackets in a name', `cli_name: ${'['.repeat(5_000)}`],
    ['brackets as a key', `${'['.repeat(100)}a${']'.repeat(100)}: 1`],
  ]),
  ...everyKey.flatMap(({ place, key }) => refused([[`${place}.${key} 60 lists deep`, places[place](`${key}: ${'['.repeat(60)}${']'.repeat(60)}`)], [`${place}.${key} a map of maps`, places[place](`${key}: {a: {b: {c: {d: [e]}}}}`)]])),
]

const types = (): Hostile[] =>
  everyKey.flatMap(({ place, key }) => either(['null', '.nan', '1e999', '{toString: 1, valueOf: 2}', '[null]', '!!binary aGVsbG8=', '2001-12-14t21:59:43.10-05:00'].map((value): [string, string] => [`${place}.${key}: ${value}`, places[place](`${key}: ${value}`)])))

const doubles = () =>
  refused([
    ['a second top key', `${valid}cli_name: other`],
    ['a second key in a flow map', argument('type: string, type: integer')],
    ['a key twice, once quoted', `${valid}"cli_name": other`],
    ['500 times the same key', 'cli_name: hub\n'.repeat(500)],
    ['a second command', `${valid}  - name: pr`],
    ['a second argument', command('args: [{name: a}, {name: a}]')],
    ['a flag named as an argument', command('args: [{name: a}]\n    flags: [{name: a}]')],
    ['400 flags of one name', command(`flags: [${many(200, () => '{name: a}')}]`)],
  ])

const encodings = (): Hostile[] => [
  ...refused([
    ['a byte that is no UTF-8', bytes(valid, 0xff)],
    ['half a character', bytes('cli_name: ', 0xc3, '\n', valid)],
    ['an overlong slash', bytes('cli_name: ..', 0xc0, 0xaf, 'x')],
    ['half of a surrogate pair in bytes', bytes('cli_name: ', 0xed, 0xa0, 0x80)],
    ['half of a surrogate pair', `${valid}# \ud800`],
    ['Latin-1', Buffer.from('cli_name: h\u00fcb', 'latin1').toString('utf8')],
    ['UTF-16', Buffer.from(`\ufeff${valid}`, 'utf16le').toString('utf8')],
    ['UTF-16, the other way round', Buffer.from(`\ufeff${valid}`, 'utf16le').swap16().toString('utf8')],
    ['a NUL at the end', `${valid}\0`],
    ['a NUL at the beginning', `\0${valid}`],
    ['NULs alone', '\0'.repeat(100_000)],
    ['a NUL in a name, escaped', valid.replace('name: browse', 'name: "br\\0wse"')],
    ['a gzip file', bytes(0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 'x')],
    ['a GGUF model', bytes('GGUF', 3, 0, 0, 0)],
    ['nothing', ''],
    ['a line feed', '\n'],
    ['a byte-order mark alone', '\ufeff'],
    ['a comment alone', '# nothing'],
    ['a byte-order mark in the middle', valid.replace('commands:', '\ufeffcommands:')],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----'],
    ['a page', '<!DOCTYPE html><html><body>Not found</body></html>'],
    ['JSON that is cut', '{"cli_name": "hub", "commands": [{'],
  ]),
  ...legal([
    ['a byte-order mark', `\ufeff${valid}`],
    ['Windows line ends', valid.replaceAll('\n', '\r\n')],
    ['no line end', valid.trimEnd()],
    ['JSON', '{"cli_name": "hub", "commands": [{"name": "go"}]}'],
    ['other scripts in texts', valid.replace('Manage pull requests', 'プルリクエスト 🎉 ünïcödé')],
  ]),
  ...either([['two byte-order marks', `\ufeff\ufeff${valid}`], ['old Macintosh line ends', valid.replaceAll('\n', '\r')], ['lines that Unicode separates', valid.replaceAll('\n', '\u2028')]]),
]

const badNames = ['../x', '../../etc/passwd', '/etc/passwd', 'a/b', 'a\\b', '.', '..', '', ' ', 'a b', '-x', '--web', '-rf', 'x\0', '\u001b[2J', 'a\nb', '\u202egpj', 'ä', 'x'.repeat(64), 'x'.repeat(100_000), '$(id)', '`id`', ';id', '*', '~', '__proto__', 'a:b', '%00', '#', '!x', 'C:x']
/** Members of every object, Windows' devices, a promise's method: odd, and right. */
export const oddNames = ['constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'toJSON', 'then', 'CON', 'nul', 'COM1', 'aux', 'null', 'true', '0', '1e3']
const named: ((name: string) => string)[] = [
  (name) => valid.replace('cli_name: hub', `cli_name: ${name}`),
  (name) => valid.replace('name: browse', `name: ${name}`),
  (name) => valid.replace('name: view', `name: ${name}`),
  (name) => valid.replace('name: limit', `name: ${name}`).replace('[limit, web]', `[${name}, web]`),
  (name) => valid.replace('name: web', `name: ${name}`).replace('[limit, web]', `[limit, ${name}]`),
]
const names = (): Hostile[] => [
  ...badNames.flatMap((name, i) => refused([[`the name ${quoted(name).slice(0, 30)}`, named[i % named.length]!(quoted(name))]])),
  ...oddNames.flatMap((name, i) => legal([[`the name ${name}`, named[i % named.length]!(quoted(name))]])),
  ...legal([
    ['values named like members of every object', argument(`type: enum, values: [${oddNames.map(quoted).join(', ')}]`)],
    ['arguments named like members of every object', command(`args: [${oddNames.map((name) => `{name: ${quoted(name)}}`).join(', ')}]`)],
  ]),
  ...refused([
    ...['constructor', '__proto__', 'toString', 'hasOwnProperty', 'clii', '../cli', 'x'.repeat(100_000)].map((kind): [string, string] => [`the kind ${kind.slice(0, 20)}`, `kind: ${kind}\n${valid}`]),
    ['a kind that is a list', `kind: [cli]\n${valid}`],
    ['a context field that every object has', argument('context: constructor')],
    ['a context field that every object has, dotted', argument('context: __proto__.toString')],
    ['a context field named to climb', `context: {../x.y: {}}\n${command('flags: []')}`],
    ['a context field of one part', `context: {constructor: {}}\n${command('flags: []')}`],
    ['a group of what every object has', command('flags: [{name: a}]\n    exclusive: [[a, constructor]]')],
    ['the key __proto__ at the top', `__proto__: {cli_name: hub}\n${valid}`],
    ['the key __proto__ in an argument', argument('__proto__: {required: true}')],
    ['the key constructor', `constructor: {prototype: {polluted: true}}\n${valid}`],
    ['a synonym of __proto__', argument('type: enum, values: [a], value_synonyms: {constructor: [x]}')],
  ]),
  ...either([['synonyms under __proto__', argument('type: enum, values: [a], value_synonyms: {__proto__: [polluted]}')]]),
]

const catastrophic = ['(a+)+$', '^(a+)+$', '([a-zA-Z]+)*$', '(a|aa)+$', '(a|a?)+$', '(.*a){20}', '^(\\w+\\s?)*$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(x+x+)+y', '^foo(bar|barbar)+$', '(?:\\d+,?)+$', '^(?:(?:a*)*)*b$', '^([\\s\\S]*,)*$', '(a?){60}a{60}$', '^(\\d+)*\\.$', '^https?://([a-z]+)+\\.x$']
const broken = ['(', '[', 'a{2,1}', '*', '\\', '(?<=', '(?<n>a)(?<n>b)', '\\u{110000}', '[b-a]', '\\p{Nonsense}', '(?i', '(?:a{99999}){99999}{99999']
const harmless = ['^#?[0-9A-Fa-f]{6}$', '^[a-z]+(-[a-z]+)*$', '^(\\d+\\.)+\\d+$', '^v?\\d+\\.\\d+\\.\\d+(-[\\w.]+)?$', '^[\\w.-]+/[\\w.-]+$', '^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$', '^\\S+$', '^(open|closed)$']
const patterns = (): Hostile[] => [
  ...refused([...catastrophic, ...broken].map((pattern): [string, string] => [`the pattern ${pattern}`, argument(`pattern: ${quoted(pattern)}`)])),
  ...refused([
    ['60 patterns without end', command(`args: [${many(60, (i) => `{name: a${i}, pattern: '^${i}(a+)+$'}`)}]`)],
    ['a default that keeps its pattern busy', argument(`pattern: '^(a+)+$', default: ${'a'.repeat(60)}b`)],
    ['a pattern of 10,000 characters', argument(`pattern: '${'a?'.repeat(5_000)}'`)],
  ]),
  ...legal([...harmless.map((pattern): [string, string] => [`the pattern ${pattern}`, argument(`pattern: ${quoted(pattern)}`)]), ['2,000 patterns with groups', command(`subcommands: [${many(20, (i) => `{name: s${i}, args: [${many(100, (k) => `{name: a${k}, pattern: '^(${i}x${k}-)*z$'}`)}]}`)}]`)]]),
]

const sizes = (): Hostile[] => [
  ...refused([
    ['more than a megabyte of comment', `# ${'x'.repeat(1_100_000)}\n${valid}`],
    ['more than a megabyte of text', valid.replace('Work with a hub', 'x'.repeat(1_100_000))],
    ['501 values', argument(`type: enum, values: [${many(501, (i) => `v${i}`)}]`)],
    ['100,000 values', argument(`type: enum, values: [${many(99_000, (i) => `v${i}`, ',')}]`)],
    ['501 commands', `cli_name: hub\ncommands: [${many(501, (i) => `{name: c${i}}`)}]`],
    ['20,000 commands', `cli_name: hub\ncommands: [${many(20_000, (i) => `{name: c${i}}`)}]`],
    ['201 arguments', command(`args: [${many(201, (i) => `{name: a${i}}`)}]`)],
    ['201 synonyms', command(`synonyms: [${many(201, (i) => `s${i}`)}]`)],
    ['a description of 2,001 characters', command(`description: ${'x'.repeat(2_001)}`)],
    ['a synonym of 501 characters', command(`synonyms: [${'x'.repeat(501)}]`)],
    ['a key of 100,000 characters', `${'k'.repeat(100_000)}: 1\n${valid}`],
    ['a key of a megabyte', `${'k'.repeat(1_000_000)}: 1`],
    ['a quoted key of 500,000 escapes', `"${'\\x41'.repeat(200_000)}": 1`],
    ['1,001 unknown keys', `${valid}${many(1_001, (i) => `key${i}: 1`, '\n')}`],
    ['60,000 unknown keys', many(60_000, (i) => `k${i}: 1`, '\n')],
    ['60,000 unknown keys on one line', `{${many(60_000, (i) => `k${i}: 1`)}}`],
    ['18,000 unknown keys in 400 maps', `cli_name: hub\ncommands: [${many(400, (i) => `{name: c${i}, ${many(45, (k) => `descriptiom${k}: x`)}}`)}]`],
    ['5,000 names that are not there, 200 to guess from', command(`exclusive: [${many(100, () => `[${many(50, (i) => `${'x'.repeat(55)}${i}`)}]`)}]\n    flags: [${many(200, (i) => `{name: ${'y'.repeat(55)}${i}}`)}]`)],
    ['18,000 wrong types', command(`flags: [${many(200, (i) => `{name: f${i}, synonyms: [${many(90, () => '[]', ',')}]}`)}]`)],
    ['a number of 100,000 digits', argument(`default: ${'9'.repeat(100_000)}`)],
    ['1,001 keys in a map of synonyms', argument(`type: enum, values: [a], value_synonyms: {${many(1_001, (i) => `v${i}: [x]`)}}`)],
    ['an anchor of 100,000 characters', `&${'a'.repeat(100_000)} x`],
  ]),
  ...legal([
    ['500 values', argument(`type: enum, values: [${many(500, (i) => `v${i}`)}]`)],
    ['500 commands with 24 flags each', `cli_name: hub\ncommands: [${many(500, (i) => `{name: c${i}, flags: [${many(24, (k) => `{name: f${k}}`)}]}`)}]`],
    ['a long line of spaces', valid.replace('commands:', `commands:${' '.repeat(500_000)}`)],
    ['60,000 empty lines', `${valid}${'\n'.repeat(60_000)}`],
    ['20,000 lines of comment', `${'# x\n'.repeat(20_000)}${valid}`],
  ]),
]

const yaml = (): Hostile[] => [
  ...refused([
    ...['!!js/function "function(){ process.exit(9) }"', '!!js/regexp /x/', '!!js/undefined ""', '!!python/object/apply:os.system ["id"]', '!ruby/object:Gem::Installer {}', '!<tag:yaml.org,2002:js/function> x', '!custom x', '!!set {a}', '!!omap [a: 1]', '!!timestamp 2001-01-01', '!!binary aGVsbG8=', '!!float x', '!!null x'].map((tag): [string, string] => [`the tag ${tag.slice(0, 30)}`, valid.replace('cli_name: hub', `cli_name: ${tag}`)]),
    ['a tag of its own prefix', `%TAG ! tag:evil.example,2000:\n---\n${valid.replace('cli_name: hub', 'cli_name: !x hub')}`],
    ['an unknown directive', `%FOO bar\n---\n${valid}`],
    ['a future version', `%YAML 9.9\n---\n${valid}extra: 1`],
    ['merge keys', `base: &b {name: go}\ncli_name: hub\ncommands: [{<<: *b}]`],
    ['merge keys of YAML 1.1 that bring what may not stand there', `%YAML 1.1\n---\ncli_name: hub\ncommands: [&b {name: go}, {<<: *b, evil: 1}]`],
    ['two documents', `${valid}---\n${valid}`],
    ['a thousand documents', `${valid}${'---\na: 1\n'.repeat(1_000)}`],
    ['an end of document, and more', `${valid}...\n${valid}`],
    ['tabs as indentation', valid.replaceAll('  ', '\t')],
    ['one tab', valid.replace('    description: Open', '\tdescription: Open')],
    ['an open quote', valid.replace('cli_name: hub', 'cli_name: "hub')],
    ['an open bracket', valid.replace('[limit, web]', '[limit, web')],
    ['a list for a map', `- ${valid.split('\n')[0]}`],
    ['a text', 'hello'],
    ['a number', '42'],
    ['null', '~'],
    ['a map as key', `{{a: b}: c}\n`],
    ['a null as key', `: x\n`],
    ['an include', `${valid}include: !include /etc/passwd`],
    ['a file path', '/etc/passwd'],
    ['ANSI in an unknown key', `"\\e[2J\\e[31m": 1\n${valid}`],
    ['a C1 control in a value', `cli_name: "\\x9b2J"\ncommands: []`],
  ]),
  ...legal([
    ['a document with its marks', `%YAML 1.2\n---\n${valid}...\n`],
    ['a tab after a colon', valid.replace('cli_name: hub', 'cli_name:\thub')],
    ['the core tags', valid.replace('cli_name: hub', 'cli_name: !!str hub')],
  ]),
  ...either([
    ['YAML 1.1 with an honest merge', `%YAML 1.1\n---\ncli_name: hub\ncommands: [&b {name: go}, {<<: *b, name: stop}]`],
    ['a block of a megabyte', `description: |\n${'  x\n'.repeat(240_000)}${valid.replace('description: Work with a hub\n', '')}`],
  ]),
]

/** A megabyte of one thing: what a reader that looks back at every step takes minutes for. */
const floods = (): Hostile[] =>
  either(['-\n', '- -\n', ': ', '? ', '&a ', '*a ', '! ', '!!str ', '"', "'", '"\n', '{', '}', ']', '[a]: ', ',', '| \n', '>\n', '#', '%', '@', '---\n', '...\n', 'a: b: ', '\t', ' \n', '\\', '"\\', 'a\n', 'a:\n', '- a:\n', '"a"\n', '<<: ', '[],', '{},', 'x: [\n', 'a: "\n'].map((token): [string, string] => [`a megabyte of ${quoted(token)}`, token.repeat(Math.floor(1_000_000 / token.length))]))

const fragments = ['[', ']', '{', '}', ': ', '- ', '*a ', '&a ', '"', "'", '|\n', '\t', '\0', '\ufffd', '!!js/function ', '<<: ', '__proto__: ', '../', '\u001b[2J', '?', ',', '#', '%', '---\n', '\r', '999999999999999999999', '[[[[[[[[', 'null', '@', '`', '\ud800']

/** The valid one, hurt at a few places: cut, doubled, swapped, or with something put in. */
function mutated(seed: number): Hostile {
  const r = new Random(`hostile ${seed}`)
  let text = valid
  for (let times = r.int(1, 4); times > 0; times--) {
    const at = r.int(0, text.length)
    const to = Math.min(text.length, at + r.int(1, 30))
    text = r.weighted([
      [() => text.slice(0, at) + r.pick(fragments) + text.slice(at), 5],
      [() => text.slice(0, at) + text.slice(to), 3],
      [() => text.slice(0, to) + text.slice(at), 2],
      [() => text.slice(0, at), 1],
      [() => text.replace(r.pick(['name: ', 'type: ', 'default: ', 'values: ', 'args: ', 'commands:', 'pattern: ']), (key) => key + r.pick(fragments)), 3],
    ] as const)()
  }
  return { name: `mutation ${seed}`, text }
}

export const groups: Record<string, Hostile[]> = {
  'alias bombs and knots': aliases(),
  'deep nesting': nesting(),
  'doubles': doubles(),
  'encodings': encodings(),
  'names': names(),
  'patterns': patterns(),
  'sizes': sizes(),
  'the odder parts of YAML': yaml(),
  'values of every type under every key': types(),
  'floods': floods(),
  ...kindGroups,
  'seeded mutations': Array.from({ length: 150 }, (_, seed) => mutated(seed)),
}
