import { didYouMean, oneOf, shown } from '../../text.ts'
import { compile, matches, Trial } from '../pattern.ts'
import { contextFields, type Arg, type CliSchema, type Leaf } from './schema.ts'
import { limit } from '../yaml-limits.ts'
import type { Mistake, YamlSource } from '../yaml-source.ts'

type Path = (string | number)[]

/** What zod cannot see: doubles, contradictions, and names that point nowhere; the first of them where there are very many. */
export function semanticMistakes(schema: CliSchema, yaml: YamlSource): Mistake[] {
  const mistakes: Mistake[] = []
  const enough = new Error()
  const report = (path: Path, message: string) => {
    mistakes.push({ offset: yaml.offset(path), message })
    if (mistakes.length === limit.looked) throw enough
  }
  try {
    findMistakes(schema, report)
  } catch (error) {
    if (error !== enough) throw error
  }
  return mistakes
}

function findMistakes(schema: CliSchema, report: Report): void {
  const trial = new Trial()
  reportDoubles(schema.commands.map(({ name }, i) => ({ name, path: ['commands', i, 'name'] })), 'command', report)
  reportDoubles(contextFields(schema).map(({ name, path }) => ({ name, path: ['context', path] })), 'context field', report)
  schema.commands.forEach((command, i) => {
    const path: Path = ['commands', i]
    const own = command.args.length ? 'args' : command.flags.length ? 'flags' : undefined
    if (command.subcommands.length && own) {
      report([...path, own], `expected subcommands or ${own} of its own, found both in ${shown(command.name)}; move the ${own} into the subcommands.`)
    }
    reportDoubles(command.subcommands.map(({ name }, k) => ({ name, path: [...path, 'subcommands', k, 'name'] })), 'subcommand', report)
    checkParameters(schema, command, path, trial, report)
    command.subcommands.forEach((sub, k) => checkParameters(schema, sub, [...path, 'subcommands', k], trial, report))
  })
}

type Report = (path: Path, message: string) => void

function reportDoubles(list: { name: string; path: Path }[], what: string, report: Report): void {
  const seen = new Set<string>()
  for (const { name, path } of list) {
    if (seen.has(name)) report(path, `expected every ${what} once, found a second ${shown(name)}; remove or rename one.`)
    seen.add(name)
  }
}

function checkParameters(schema: CliSchema, owner: Pick<Leaf, 'args' | 'flags' | 'exclusive'>, path: Path, trial: Trial, report: Report): void {
  const all = [...owner.args.map((item, i) => ({ item, at: [...path, 'args', i] })), ...owner.flags.map((item, i) => ({ item, at: [...path, 'flags', i] }))]
  reportDoubles(all.map(({ item, at }) => ({ name: item.name, path: [...at, 'name'] })), 'argument or flag', report)
  reportDoubles(all.filter(({ item }) => item.short).map(({ item, at }) => ({ name: item.short!, path: [...at, 'short'] })), 'short letter', report)
  owner.args.forEach((arg, i) => checkArg(schema, arg, [...path, 'args', i], trial, report))

  owner.exclusive.forEach((group, i) => {
    const names = all.map(({ item }) => item.name)
    group.forEach((name, k) => {
      if (!names.includes(name)) report([...path, 'exclusive', i, k], `expected the name of an argument or flag of the same command, found ${shown(name)}${didYouMean(name, names) || '; remove it.'}`)
    })
    reportDoubles(group.map((name, k) => ({ name, path: [...path, 'exclusive', i, k] })), 'name', report)
    const required = owner.args.filter((arg) => arg.required && group.includes(arg.name))
    if (required.length > 1) report([...path, 'exclusive', i], `expected at most one required argument in a group, found ${required.map(({ name }) => shown(name)).join(' and ')}, which no command could have both; change the group.`)
  })

  const positionals = owner.args.filter((arg) => arg.positional)
  let list: Arg | undefined
  owner.args.forEach((arg, i) => {
    if (!arg.positional) return
    const at = [...path, 'args', i]
    if (list) report(at, `expected a repeatable positional to be the last one, found ${shown(arg.name)} after ${shown(list.name)}; change the order.`)
    if (arg.repeatable) list = arg
    if (!arg.after_dashes) return
    const others = positionals.filter((other) => other !== arg)
    const optional = others.find((other) => !other.required || other.repeatable)
    if (arg !== positionals.at(-1)) report([...at, 'after_dashes'], `expected after_dashes on the last positional, found it on ${shown(arg.name)} before ${shown(positionals.at(-1)!.name)}; change the order.`)
    else if (optional) report([...at, 'after_dashes'], `expected each positional before ${shown(arg.name)} to be one required word, found ${shown(optional.name)}; without it nobody could tell where the words behind the dashes begin.`)
  })
}

function checkArg(schema: CliSchema, arg: Arg, at: Path, trial: Trial, report: Report): void {
  const name = shown(arg.name)
  if (arg.type === 'enum' && !arg.values) report(at, `expected "values" for the enum ${name}, found none; list them, or use the type string.`)
  if (arg.type !== 'enum' && arg.values) report([...at, 'values'], `expected "values" only with the type enum, found them on the ${arg.type} ${name}; write type: enum.`)
  reportDoubles((arg.values ?? []).map((value, i) => ({ name: value, path: [...at, 'values', i] })), 'value', report)
  for (const value of arg.type === 'enum' ? Object.keys(arg.value_synonyms) : []) {
    if (!arg.values?.includes(value)) report([...at, 'value_synonyms'], `expected synonyms of ${oneOf(arg.values ?? [])}, found some of ${shown(value)}${didYouMean(value, arg.values ?? []) || '; remove them.'}`)
  }
  if (arg.after_dashes && !arg.positional) report([...at, 'after_dashes'], `expected after_dashes only on a positional, found it on ${name}; write positional: true.`)
  if (arg.after_dashes && (arg.type !== 'string' || arg.repeatable)) report([...at, 'after_dashes'], `expected after_dashes only on one text, found it on the ${arg.repeatable ? 'list' : arg.type} ${name}; write type: string, and repeatable: false.`)
  if (arg.joined && arg.positional) report([...at, 'joined'], `expected joined only on an option, found it on the positional ${name}; remove it.`)
  if (arg.positional && arg.short) report([...at, 'short'], `expected no short letter on the positional ${name}, found ${shown(arg.short)}; remove it.`)

  if (arg.default !== undefined) {
    const where = [...at, 'default']
    if (arg.required) report(where, `expected a required argument without default, found the default ${shown(arg.default)} on ${name}; remove one of the two keys.`)
    if (arg.repeatable) report(where, `expected a repeatable argument without default, found ${shown(arg.default)} on ${name}; remove it.`)
    if (arg.type === 'integer' && !/^-?\d{1,15}$/.test(arg.default)) report(where, `expected an integer as default of ${name}, found ${shown(arg.default)}; write a whole number.`)
    if (arg.type === 'enum' && arg.values && !arg.values.includes(arg.default)) {
      report(where, `expected the default of ${name} to be ${oneOf(arg.values)}, found ${shown(arg.default)}${didYouMean(arg.default, arg.values) || '; choose one of them.'}`)
    }
  }

  if (arg.pattern !== undefined) {
    const where = [...at, 'pattern']
    if (arg.type !== 'string') report(where, `expected a pattern only on strings, found one on the ${arg.type} ${name}; remove it.`)
    if (!compile(arg.pattern)) report(where, `expected a regular expression, found ${shown(arg.pattern)}; check its brackets and escapes.`)
    else if (trial.neverEnds(arg.pattern)) report(where, `expected a pattern that decides quickly, found ${shown(arg.pattern)}, which some values keep busy without end; repeat nothing that is itself a repetition of the same.`)
    else if (arg.default !== undefined && trial.within(() => matches(arg.pattern!, arg.default!)) === false) report([...at, 'default'], `expected a default that matches ${arg.pattern}, found ${shown(arg.default)}; change one of the two.`)
  }

  if (arg.context !== undefined) {
    const fields = Object.keys(schema.context)
    const field = Object.hasOwn(schema.context, arg.context) ? schema.context[arg.context] : undefined
    if (!field) {
      const advice = didYouMean(arg.context, fields) || '; declare it under the key "context".'
      report([...at, 'context'], `expected a declared context field, found ${shown(arg.context)}${advice}`)
    } else if (arg.type === 'integer' && field.type !== 'integer') {
      report([...at, 'context'], `expected an integer context field for the integer ${name}, found ${shown(arg.context)} of type ${field.type}; change one of the types.`)
    }
  }
}
