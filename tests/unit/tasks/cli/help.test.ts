import { expect, test } from 'vitest'
import { compareWithHelp } from '../../../../src/tasks/cli/help/compare.ts'
import { readHelp } from '../../../../src/tasks/cli/help/page.ts'
import { schemaFromHelp } from '../../../../src/tasks/cli/help/schema.ts'
import type { CliSchema } from '../../../../src/tasks/cli/schema.ts'
import { loadSchema } from '../../../../src/tasks/index.ts'

const value = (type: 'string' | 'integer' | 'enum', more: object = {}) => ({ type, repeatable: false, optional: false, ...more })

test('cobra: commands with descriptions, flags by type, inherited ones apart', () => {
  const root = readHelp(`Boats keeps a harbour in order.

Usage:
  boats [command]

Available Commands:
  berth       Give a boat a place
  completion  Generate the autocompletion script for the specified shell
  help        Help about any command
  list        List boats

Flags:
  -h, --help            help for boats
      --harbour string  which harbour (default "north")

Use "boats [command] --help" for more information about a command.
`, ['boats'])
  expect(root).toMatchObject({ description: 'Boats keeps a harbour in order.', positionals: [] })
  expect(root.commands.map(({ name, description }) => [name, description])).toEqual([['berth', 'Give a boat a place'], ['list', 'List boats']])

  const list = readHelp(`List boats

Usage:
  boats list [flags]

Aliases:
  list, ls

Flags:
  -n, --limit int            at most so many (default 20)
      --colour stringArray   of these colours
      --sort string          Sort them. Accepted values: name, length,
                             age. Use
                             --reverse to turn it round. (default "name")
      --reverse              the last first
  -w, --within duration      came in (default 24h0m0s)

Global Flags:
      --harbour string   which harbour
`, ['boats', 'list'])
  expect(list.commands).toEqual([])
  expect(list.inherited).toEqual(['harbour'])
  expect(list.options.map(({ name, short, value: takes }) => [name, short, takes])).toEqual([
    ['limit', 'n', value('integer', { default: '20' })], ['colour', undefined, value('string', { repeatable: true })],
    ['sort', undefined, value('enum', { values: ['name', 'length', 'age'], default: 'name' })], ['reverse', undefined, undefined], ['within', 'w', value('string', { format: 'duration', default: '24h0m0s' })],
  ])
  expect(list.options[2]!.description).toBe('Sort them. Accepted values: name, length, age. Use --reverse to turn it round.')
})

test('click: choices in brackets, switches of two names, arguments by their brackets', () => {
  const page = readHelp(`Usage: bake cake [OPTIONS] FLAVOUR [TOPPING]...

  Bakes one cake.

Options:
  --oven, --heat [low|middle|high]
                                  How hot.  [default: middle]
  --glaze / --no-glaze            With a glaze.
  --layers INTEGER                How many.
  --help                          Show this message and exit.
`, ['bake', 'cake'])
  expect(page.description).toBe('Bakes one cake.')
  expect(page.positionals).toEqual([{ name: 'flavour', required: true, repeatable: false }, { name: 'topping', required: false, repeatable: true }])
  expect(page.options.map(({ name, value: takes }) => [name, takes])).toEqual([['oven', value('enum', { values: ['low', 'middle', 'high'], default: 'middle' })], ['glaze', undefined], ['no-glaze', undefined], ['layers', value('integer')]])
})

test('argparse: subcommands in braces with their descriptions, a usage over several lines', () => {
  const root = readHelp(`usage: ledger [-h] {add,close} ...

Keeps accounts.

positional arguments:
  {add,close}
    add        book an amount
    close      close a year

options:
  -h, --help   show this help message and exit
`, ['ledger'])
  expect(root.commands).toEqual([{ name: 'add', aliases: [], description: 'book an amount' }, { name: 'close', aliases: [], description: 'close a year' }])
  const add = readHelp(`usage: ledger add [-h] [--account ACCOUNT] [--kind {in,out}]
                  [-n NOTE]
                  amount [tag ...]

positional arguments:
  amount                how much
  tag

options:
  -h, --help            show this help message and exit
  --kind {in,out}       which way (default: in)
  -n NOTE, --note NOTE  what for
`, ['ledger', 'add'])
  expect(add.positionals).toEqual([{ name: 'amount', required: true, repeatable: false }, { name: 'tag', required: false, repeatable: true }])
  expect(add.options).toMatchObject([{ name: 'kind', value: { values: ['in', 'out'], default: 'in' } }, { name: 'note', short: 'n' }])
})

test('clap and cargo: descriptions below their options, possible values, aliases of commands', () => {
  const page = readHelp(`Sends pigeons

Usage: pigeon [OPTIONS] <COMMAND>

Commands:
  send, s  Send one home
    ...    See all with --list

Options:
      --loft <LOFT>
          Where from [env: PIGEON_LOFT=] [default: roof] [possible values: roof, barn]
  -v, --verbose...
          Say more
`, ['pigeon'])
  expect(page.commands).toEqual([{ name: 'send', aliases: ['s'], description: 'Send one home' }])
  expect(page.options).toMatchObject([{ name: 'loft', description: 'Where from', value: { type: 'enum', values: ['roof', 'barn'], default: 'roof' } }, { name: 'verbose', short: 'v' }])
  expect(page.options[1]!.value).toBeUndefined()
})

test('kubectl: options by their initial values, descriptions below', () => {
  const page = readHelp(`Show crates.

Examples:
  # Show them
  crane get --all

Options:
    -A, --all=false:
        In every yard.

    -f, --filename=[]:
        Files that name them.

    -o, --output='':
        Output format. One of: (json, yaml, wide).

    --chunk=500:
        So many at a time.

Usage:
  crane get [(-o|--output=)json|yaml|wide] (KIND[.GROUP] [NAME | -l label] | KIND/NAME ...) [flags] [options]

Use "crane options" for a list of options.
`, ['crane', 'get'])
  expect(page.options.map(({ name, value: takes }) => [name, takes])).toEqual([['all', undefined], ['filename', value('string', { repeatable: true })], ['output', value('enum', { values: ['json', 'yaml', 'wide'] })], ['chunk', value('integer', { default: '500' })]])
  expect(page.positionals).toEqual([{ name: 'kind', required: true, repeatable: false }, { name: 'name', required: false, repeatable: false }])
})

test('git and manual pages: commands below headings of their own, overstriking, options inside of sections', () => {
  const root = readHelp(`usage: tree [-v | --version] [-C <path>]
            <command> [<args>]

These are common commands:

plant something (see also: tree help garden)
   seed      Put a seed into the ground
   graft     Join two

look at it
   rings     Count the rings
`, ['tree'])
  expect(root.commands.map(({ name }) => name)).toEqual(['seed', 'graft', 'rings'])
  const manual = readHelp(`TREE-SEED(1)                     Tree Manual

N\bNA\bAM\bME\bE
       tree-seed - Put a seed into the ground

SYNOPSIS
       tree seed [--deep] [--depth <depth>] [--] <kind> [<place>]

OPTIONS
       --depth <depth>
           How deep.

       -q, --quiet
           Say nothing.
`, ['tree', 'seed'])
  expect(manual).toMatchObject({ description: 'Put a seed into the ground', positionals: [{ name: 'kind', required: true }, { name: 'place', required: false }] })
  expect(manual.options.map(({ name }) => name)).toEqual(['depth', 'quiet'])
})

test('GitHub\'s layout, lists of names alone, and boxes', () => {
  expect(readHelp('Work with things.\n\nUSAGE\n  thing <command> <subcommand> [flags]\n\nCORE COMMANDS\n  auth:        Log in\n  repo:        Manage repositories\n\nINHERITED FLAGS\n  --help   Show help\n', ['thing']).commands.map(({ name }) => name)).toEqual(['auth', 'repo'])
  expect(readHelp('All commands:\n\n    access, adduser, audit,\n    bugs, cache\n', ['np']).commands.map(({ name }) => name)).toEqual(['access', 'adduser', 'audit', 'bugs', 'cache'])
  expect(readHelp(' Usage: typer [OPTIONS] COMMAND [ARGS]...\n\n╭─ Options ──────────────────────────╮\n│ --name   -n   TEXT   Who.          │\n╰────────────────────────────────────╯\n╭─ Commands ─────────────────────────╮\n│ greet   Say hello.                 │\n╰────────────────────────────────────╯\n', ['typer']).commands).toEqual([{ name: 'greet', aliases: [], description: 'Say hello.' }])
})

const page = (help: Partial<ReturnType<typeof readHelp>>) => ({ description: '', commands: [], options: [], inherited: [], positionals: [], ...help })
const command = (name: string, description = '') => ({ name, aliases: [], description })
const pages = new Map([
  ['', page({ description: 'Keeps a harbour.', commands: [command('boat', 'Boats'), command('light'), command('odd name')], options: [{ name: 'config', description: '', value: value('string') }] })],
  ['boat', page({ commands: [command('list'), command('deep')] })],
  ['boat list', page({ description: 'List boats', options: [{ name: 'all', short: 'a', description: 'All of them.' }, { name: 'again', short: 'a', description: '' }, { name: 'sort', description: '', value: value('enum', { values: ['name', 'age'], default: 'name' }) }], positionals: [{ name: 'sort', required: true, repeatable: true }, { name: 'pier', required: false, repeatable: true }] })],
  ['boat deep', page({ commands: [command('deeper')] })],
  ['light', page({ options: [{ name: 'when', description: 'When', value: value('string', { optional: true }) }] })],
])
const read = (text: string) => loadSchema({ name: 'harbour', file: 'schemas/harbour.yaml', text }).schema as CliSchema

test('pages become a schema that can be trained on; what it has no place for is named', () => {
  const text = schemaFromHelp('harbour', 'harbour', pages)
  const schema = read(text)
  expect(schema.commands.map(({ name, subcommands }) => [name, subcommands.map((sub) => sub.name)])).toEqual([['boat', ['list']], ['light', []]])
  const [list] = schema.commands[0]!.subcommands
  expect(list!.flags.map(({ name, short }) => [name, short])).toEqual([['all', 'a'], ['again', undefined]])
  // An argument's name is its key: the second gets another; a list stands at the end only.
  expect(list!.args.map(({ name, type, positional, repeatable }) => [name, type, positional, repeatable])).toEqual([['sort', 'enum', false, false], ['sort-argument', 'string', true, false], ['pier', 'string', true, true]])
  expect(schema.commands[1]!.args).toMatchObject([{ name: 'when', joined: true }])
  expect(text).toContain('#   odd name, boat deep deeper\n')
})

test('a schema is held against the program: missing, misspelt, removed; what all commands may have apart', () => {
  const leaf = (name: string, ...flags: string[]) => `  - {name: ${name}, flags: [${flags.map((flag) => `{name: ${flag}}`).join(', ')}]}`
  const schema = read(`kind: cli\ncli_name: harbour\ncommands:\n${[leaf('light', 'when', 'config'), leaf('lihgt2'), ...['a', 'b', 'c', 'd', 'e'].map((name) => leaf(`x${name}`, 'namespace'))].join('\n')}\n`)
  const help = new Map([['', page({ commands: ['light', 'light2', 'dark', 'xa', 'xb', 'xc', 'xd', 'xe'].map((name) => command(name)), options: [{ name: 'config', description: '' }] })], ...['light2', 'dark', 'xa', 'xb', 'xc', 'xd', 'xe'].map((name) => [name, page({})] as const), ['light', page({ options: [{ name: 'whem', description: '' }], inherited: ['quiet'] })] as const])
  expect(compareWithHelp(schema, help)).toEqual([
    { kind: 'not in the program', command: 'light', option: '--when', meant: '--whem' },
    { kind: 'not in the schema', command: 'light', option: '--whem' },
    { kind: 'not in the program', command: 'lihgt2', meant: 'light2' },
    ...['a', 'b', 'c', 'd', 'e'].map((name) => ({ kind: 'perhaps of all commands', command: `x${name}`, option: '--namespace' })),
    { kind: 'not in the schema', command: 'light2' },
    { kind: 'not in the schema', command: 'dark' },
  ])
})

test('what is there and cannot be compared is not said to be removed', () => {
  const boat = (...names: string[]) => `  - name: boat\n    subcommands: [${names.map((name) => `{name: ${name}, flags: [{name: fast}]}`).join(', ')}]`
  const schema = read(`kind: cli\ncli_name: harbour\ncommands:\n${boat('deep', 'mute', 'gone')}\n  - {name: dumb, flags: [{name: loud}]}\n  - {name: still, subcommands: [{name: here}]}\n`)
  const help = new Map([
    ['', page({ commands: [command('boat'), { ...command('stupid'), aliases: ['dumb'] }, command('still')] })],
    ['boat', page({ commands: [command('deep'), command('mute')] })],
    ['boat deep', page({ commands: [command('deeper')], options: [{ name: 'fast', description: '' }, { name: 'slow', description: '' }] })],
  ])
  expect(compareWithHelp(schema, help)).toEqual([
    { kind: 'not in the schema', command: 'boat deep', option: '--slow' },
    { kind: 'could not be read', command: 'boat mute' },
    { kind: 'not in the program', command: 'boat gone' },
    { kind: 'could not be read', command: 'dumb' },
    { kind: 'could not be read', command: 'still here' },
  ])
})
