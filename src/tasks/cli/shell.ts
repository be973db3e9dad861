import { InputError } from '../../errors.ts'
import { didYouMean, oneOf, quote, shown } from '../../text.ts'
import type { CommandLine } from '../family.ts'
import { checkAnswer, type CommandAnswer } from './answer.ts'
import { canonical } from './completion.ts'
import { matches } from '../pattern.ts'
import { defaultValue, findLeaf, leaves, synonymsOf, type Arg, type CliSchema, type Leaf } from './schema.ts'
import { oneText, splitWords, wordsIn } from './shell-words.ts'

/** Formats whose lists are given by repeating the option; the others are comma lists too (pflag's StringSlice, a CSV line). */
const repeatedOnly = new Set(['key', 'field', 'json', 'text', 'query', 'title', 'path', 'secret', 'selector'])
const takesCommas = (arg: Arg) => arg.repeatable && !arg.positional && !(arg.format && repeatedOnly.has(arg.format))

/**
 * The argument vector of an allowed command, and the line that a shell reads as exactly it. A value that begins with a dash
 * stands as `--name=value`, or behind `--`: it can never become an option. `handedOn` words at the end are a command for another program.
 * @throws InputError when the schema does not allow the answer
 */
export function renderLine(schema: CliSchema, answer: CommandAnswer): CommandLine {
  const problem = checkAnswer(schema, answer)[0]
  if (problem) throw new InputError(`expected a command that the schema allows, found: ${problem.message}.`)
  const leaf = findLeaf(schema, answer.command, answer.subcommand)!
  const { args, flags } = canonical(schema, answer) as CommandAnswer
  const valuesOf = (arg: Arg) => (Object.hasOwn(args, arg.name) ? [args[arg.name]!].flat().map(String) : [])

  const typed = leaf.args.filter((arg) => arg.positional && !arg.after_dashes)
  const last = typed.findLastIndex((arg) => valuesOf(arg).length)
  const positionals = typed.slice(0, last + 1).flatMap((arg) => {
    const values = valuesOf(arg)
    return values.length || arg.default === undefined ? values : [arg.default]
  })
  const options = leaf.args.filter((arg) => !arg.positional).flatMap((arg) => valuesOf(arg).flatMap((value) => option(arg, value)))
  const switches = flags.map((flag) => `--${flag}`)
  const head = [schema.cli_name, leaf.command, ...(leaf.subcommand === null ? [] : [leaf.subcommand])]
  const dashed = positionals.some((value) => value.startsWith('-'))
  const handedOn = leaf.args.filter((arg) => arg.after_dashes).flatMap(valuesOf).flatMap(wordsIn)
  const argv = [...head, ...(dashed ? [] : positionals), ...options, ...switches, ...(dashed || handedOn.length ? ['--'] : []), ...(dashed ? positionals : []), ...handedOn]
  return { argv, line: argv.map(quote).join(' '), handedOn: handedOn.length }
}

function option(arg: Arg, value: string): string[] {
  const field = takesCommas(arg) && /[,"\n\r]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
  return arg.joined || field.startsWith('-') ? [`--${arg.name}=${field}`] : [`--${arg.name}`, field]
}

/**
 * Reads a command line by the schema; the answer is canonical.
 * @throws InputError naming the word that the schema does not know
 */
export function parseLine(schema: CliSchema, line: string): CommandAnswer {
  const words = splitWords(line.replace(/^\s*\$\s+/, ''))
  if (words[0] === schema.cli_name) words.shift()
  const { leaf, rest } = findCommand(schema, words)
  const { args, flags, positionals } = readOptions(leaf, rest)
  readPositionals(leaf, positionals, args)
  const answer: CommandAnswer = { type: 'command', command: leaf.command, subcommand: leaf.subcommand, args, flags: [...flags] }
  const problem = checkAnswer(schema, answer)[0]
  if (problem) throw new InputError(`${problem.message}.`)
  return canonical(schema, answer) as CommandAnswer
}

/** The leaf that the first words name; options may stand before and between them. */
function findCommand(schema: CliSchema, words: string[]): { leaf: Leaf; rest: string[] } {
  const valued = new Set(leaves(schema).flatMap(({ args }) => args.flatMap((arg) => (arg.positional ? [] : [`--${arg.name}`, `-${arg.short}`]))))
  const before: string[] = []
  const names: string[] = []
  let i = 0
  for (; i < words.length && names.length < 2; i++) {
    const word = words[i]!
    if (word.startsWith('-')) before.push(word, ...(valued.has(word) ? words.slice(++i, i + 1) : []))
    else {
      names.push(word)
      const only = findLeaf(schema, word, null)
      if (names.length === 1 && only) return { leaf: only, rest: [...before, ...words.slice(i + 1)] }
    }
  }
  const leaf = findLeaf(schema, names[0], names[1])
  if (leaf) return { leaf, rest: [...before, ...words.slice(i)] }
  const command = schema.commands.find(({ name }) => name === names[0])
  const known = command ? command.subcommands.map(({ name }) => name) : schema.commands.map(({ name }) => name)
  const wrong = command ? names[1] : names[0]
  throw new InputError(`expected ${command ? `a subcommand of ${shown(command.name)}` : 'a command'} (${oneOf(known, 6)}), found ${shown(wrong)}${wrong === undefined ? '.' : didYouMean(wrong, known) || '.'}`)
}

function readOptions(leaf: Leaf, words: string[]) {
  const args: CommandAnswer['args'] = {}
  const flags = new Set<string>()
  const positionals: string[] = []
  const options = leaf.args.filter((arg) => !arg.positional)
  const unknown = (word: string): never => {
    const names = [...options, ...leaf.flags].map(({ name }) => `--${name}`)
    throw new InputError(`"${leaf.path}" has no option ${shown(word)}${didYouMean(word, names) || '.'}`)
  }
  const set = (arg: Arg, value: string | undefined) => {
    if (value === undefined) throw new InputError(`expected a value after --${arg.name}, found the end of the line.`)
    const values = (takesCommas(arg) ? commaList(value) : [value]).map((item) => typed(arg, item))
    if (arg.repeatable) args[arg.name] = [...((args[arg.name] as (string | number)[] | undefined) ?? []), ...values]
    else args[arg.name] = values[0]!
  }
  const turn = (name: string, value: string | undefined) => {
    if (value !== undefined && !/^(true|false|1|0|t|f)$/i.test(value)) throw new InputError(`expected true or false after --${name}=, found ${shown(value)}.`)
    if (value !== undefined && /^[f0]/i.test(value)) flags.delete(name)
    else flags.add(name)
  }

  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '--') {
      positionals.push(...words.slice(i + 1))
      break
    }
    if (word === '-' || !word.startsWith('-')) {
      positionals.push(word)
      continue
    }
    if (word.startsWith('--')) {
      const [, name, given] = /^--([^=]*)(?:=(.*))?$/s.exec(word)!
      const arg = options.find((arg) => arg.name === name)
      const flag = leaf.flags.find((flag) => flag.name === name)
      const negated = leaf.flags.find((flag) => `no-${flag.name}` === name)
      if (arg) set(arg, given ?? words[++i])
      else if (flag) turn(flag.name, given)
      else if (negated && given === undefined) flags.delete(negated.name)
      else unknown(word)
      continue
    }
    for (let k = 1; k < word.length; k++) {
      const flag = leaf.flags.find((flag) => flag.short === word[k])
      const arg = options.find((arg) => arg.short === word[k])
      if (flag) turn(flag.name, undefined)
      else if (arg) {
        const attached = word.slice(k + 1).replace(/^=/, '')
        set(arg, attached === '' ? words[++i] : attached)
        break
      } else unknown(`-${word[k]}`)
    }
  }
  return { args, flags, positionals }
}

/** Words to positionals in order; an optional one is passed over when a later required one would go short, or alone fits the word. */
function readPositionals(leaf: Leaf, words: string[], args: CommandAnswer['args']): void {
  const wanted = leaf.args.filter((arg) => arg.positional)
  let left = words
  wanted.forEach((arg, i) => {
    if (left.length === 0) return
    const later = wanted.slice(i + 1)
    const needed = later.filter((other) => other.required).length
    if (!arg.required && left.length <= needed) return
    if (!arg.required && fits(arg, left[0]!) < Math.max(-1, ...later.filter((other) => other.required).map((other) => fits(other, left[0]!)))) return
    const slash = arg.type === 'enum' ? /^([^/]+)\/(.+)$/.exec(left[0]!) : null
    if (slash && later[0] && fits(arg, slash[1]!) === 1) left = [slash[1]!, slash[2]!, ...left.slice(1)]
    if (arg.after_dashes) {
      args[arg.name] = oneText(left)
      left = []
      return
    }
    const count = arg.repeatable ? left.length - needed : 1
    const values = left.slice(0, count).map((word) => typed(arg, word))
    args[arg.name] = arg.repeatable ? values : values[0]!
    left = left.slice(count)
  })
  if (left.length) throw new InputError(`"${leaf.path}" takes ${wanted.length} words, found one more: ${shown(left[0])}.`)
}

/** 1: certainly of this argument's kind; 0: may be; -1: not. */
function fits(arg: Arg, word: string): number {
  if (arg.type === 'enum') return arg.values!.includes(typed(arg, word) as string) ? 1 : -1
  if (arg.type === 'integer') return /^-?\d+$/.test(word) ? 1 : -1
  return arg.pattern === undefined ? 0 : matches(arg.pattern, word) ? 1 : -1
}

/** The word as it stands in an answer: integers as numbers, an enum's other spellings folded. */
export function typed(arg: Arg, word: string): string | number {
  if (arg.type === 'integer' && /^-?\d{1,15}$/.test(word)) return Number(word) || 0
  if (arg.type !== 'enum' || arg.values!.includes(word)) return word
  const lower = word.toLowerCase()
  const same = (other: string) => other.toLowerCase() === lower
  return arg.values!.find(same) ?? arg.values!.find((value) => synonymsOf(arg, value).some(same)) ?? word
}

/** One line of comma-separated values, quoted as in RFC 4180. */
function commaList(text: string): string[] {
  const fields = [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"(?=,|$)|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
  return fields.filter((field) => field !== '')
}
