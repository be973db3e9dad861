import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { program } from '../../src/cli/main.ts'
import { TrainInput } from '../../src/plan.ts'
import { temporalVersion } from '../../src/setup/temporal-cli.ts'
import * as workflows from '../../src/workflows/index.ts'

const root = resolve(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const pages = ['README.md', ...readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)]

/** Commands of the shell blocks, and whole commands in running text. */
function commandsOf(page: string): string[] {
  const text = read(page)
  const blocks = [...text.matchAll(/^```sh.*\n([^]*?)^```/gm)].flatMap(([, block]) => block!.replaceAll('\\\n', ' ').split('\n'))
  const units = [...text.matchAll(/^(?:ExecStart|CMD|command:)[ =]+(.*)$/gm)].map(([, command]) => command!)
  const inline = [...text.replace(/^```[^]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!)
  return [...blocks, ...units, ...inline].flatMap((line) => line.replace(/(^|\s)#.*$/, '').replace(/\b([\w-]+)(\|[\w-]+)+/g, '$1').split(/&&|;/)).map((command) => command.trim().replace(/^export .*/, '').replace(/^([A-Z_]+=\S+ +)+/, '')).filter(Boolean)
}

const words = (command: string) => [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare!)

/** Every mention with its page, of what begins with one of `names`. */
const mentioned = (...names: string[]) => [...new Set(pages.flatMap((page) => commandsOf(page)
  .map((command) => command.replace(/^npx (?=clitron |just )/, ''))
  .filter((command) => names.some((name) => command === name || command.startsWith(`${name} `)))
  .map((command) => `${page}: ${command}`)))].map((mention) => [mention, words(mention.slice(mention.indexOf(': ') + 2)).slice(1)] as const)

it.each(mentioned('clitron'))('%s is understood by the command line', (_mention, args) => {
  const cli = program()
  for (const command of cli.commands) {
    command.action(() => {}).configureOutput({ writeErr: () => {}, writeOut: () => {} })
    // In running text a command is often named without its arguments.
    for (const argument of command.registeredArguments) argument.required = false
  }
  if (args.length === 0 || args[0] === 'COMMAND' || args[0]!.startsWith('-')) return
  expect(cli.commands.map((command) => command.name())).toContain(args[0])
  if (!args.includes('--help')) expect(() => cli.parse([...args], { from: 'user' })).not.toThrow()
})

it.each(mentioned('just'))('%s names a recipe', (_mention, [recipe = '--list']) => {
  const recipes = [...read('justfile').matchAll(/^([a-z][a-z-]*)(?: \*args)?:/gm)].map(([, name]) => name)
  expect(['--list', ...recipes]).toContain(recipe)
})

it.each(mentioned('npm run', 'npm test'))('%s is a script of package.json', (_mention, [verb, script]) => {
  expect(Object.keys(JSON.parse(read('package.json')).scripts)).toContain(verb === 'run' ? script : verb)
})

it.each(mentioned('temporal').filter(([, args]) => args.includes('--input')))('%s starts what exists, with input it accepts', (_mention, args) => {
  const value = (option: string) => args[args.indexOf(option) + 1]!
  expect(parse(read(value('--env-file'))).env).toHaveProperty(value('--env'))
  expect(Object.keys(workflows)).toContain(value('--type'))
  TrainInput.parse(JSON.parse(value('--input')))
})

it.each(mentioned('temporal').filter(([, args]) => args.includes('schedule') && args.includes('create')))('%s loses no run to a night without the server, and makes up for one at most', (_mention, args) => {
  const value = (option: string) => args[args.indexOf(option) + 1]!
  const days = (option: string) => Number(/^(\d+)d$/.exec(value(option))?.[1])
  expect(value('--overlap-policy')).toBe('Skip')
  expect(days('--catchup-window')).toBeGreaterThanOrEqual(1)
  expect(days('--catchup-window')).toBeLessThan(days('--interval'))
})

it('Clitron\'s own copy of `temporal` stands where the README puts it on the PATH', () => {
  expect(read('README.md')).toContain(`export PATH="$PATH:$HOME/.cache/clitron/temporal/${temporalVersion}"\n`)
})

const links = pages.flatMap((page) => [...read(page).replace(/^```[^]*?^```/gm, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => [page, target!] as const)).filter(([, target]) => !/^https?:/.test(target))

it.each(links)('%s: the link to %s leads somewhere', (page, target) => {
  const [file = '', anchor] = target.split('#')
  const path = file === '' ? join(root, page) : resolve(root, dirname(page), file)
  expect(existsSync(path), path).toBe(true)
  if (anchor === undefined) return
  const anchors = [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title]) => title!.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'))
  expect(anchors).toContain(anchor)
})

it('every environment variable that the code reads stands in the README', () => {
  const code = [join(root, 'src'), join(root, 'bin')].flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(ts|js)$/.test(file)).map((file) => readFileSync(join(folder, file), 'utf8'))).join('\n')
  const used = [...new Set([...code.matchAll(/process\.env\.((?:CLITRON|TEMPORAL|ANTHROPIC)_[A-Z_]+)/g)].map(([, name]) => name!))].filter((name) => !name.startsWith('CLITRON_FAULT'))
  const readme = read('README.md')
  for (const name of used) expect(readme, name).toContain(`\`${name}\``)
})

it('every key of a schema stands in docs/schema.md', () => {
  const keys = new Set<string>()
  const walk = (node: any): void => {
    for (const [key, value] of Object.entries(node?.properties ?? {})) {
      keys.add(key)
      walk(value)
    }
    for (const inner of [node?.items, node?.additionalProperties, ...(node?.anyOf ?? []), ...Object.values(node?.$defs ?? {})]) if (inner && typeof inner === 'object') walk(inner)
  }
  walk(JSON.parse(read('schemas/schema.json')))
  expect(keys.size).toBeGreaterThan(15)
  const page = read('docs/schema.md')
  for (const key of keys) expect(page).toMatch(new RegExp(`^\\| .*\`${key}\``, 'm'))
})

it("the README's golden rows are right by the schema that init writes", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clitron-readme-'))
  const clitron = (...args: string[]) => execa(process.execPath, [join(root, 'bin', 'clitron.js'), ...args], { cwd: folder, reject: false })
  try {
    await clitron('init', 'demo')
    const rows = [...read('README.md').matchAll(/^\{"instruction".*$/gm)].map(([row]) => row)
    expect(rows.length).toBeGreaterThan(0)
    writeFileSync(join(folder, 'schemas', 'demo.golden.jsonl'), `${rows.join('\n')}\n`)
    const { exitCode, stdout } = await clitron('lint', 'demo')
    expect(exitCode, stdout).toBe(0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
