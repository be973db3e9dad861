import { integerRule, inner, list, literal, Rules, space, stringRule } from '../gbnf.ts'
import { longestValue, mostSuggestions, mostValues } from './answer.ts'
import { clarificationMessage, missingMessages, suggestionLabel } from './completion.ts'
import { defaultValue, leaves, type Arg, type CliSchema, type Leaf } from './schema.ts'

const cached = new WeakMap<CliSchema, string>()

/**
 * GBNF (llama.cpp's dialect) of the answers as trained: keys and flags in any order, required ones there, no white space, enum
 * values without the default, each clarification with the suggestions its case allows. Left to validation, since a grammar says
 * it badly: patterns of strings, defaults of integers and strings, options that exclude each other, doubles in lists and among optional keys (the last counts), a
 * positional after a missing one, the order of suggestions that fit several commands.
 * Equal rules are written once.
 */
export function grammar(schema: CliSchema): string {
  let text = cached.get(schema)
  if (text === undefined) {
    text = write(schema)
    cached.set(schema, text)
  }
  return text
}

function write(schema: CliSchema): string {
  const rules = new Rules()
  const byCommand = Map.groupBy(leaves(schema), (leaf) => leaf.command)
  const commands = [...byCommand.entries()].map(([name, group]) => {
    const open = `${inner(name)}","subcommand":`
    const only = group[0]!
    if (only.subcommand === null) return `${literal(`${open}null`)} ${parameters(rules, only)}`
    const subcommands = group.map((leaf) => `${literal(`${inner(leaf.subcommand!)}"`)} ${parameters(rules, leaf)}`)
    return `${literal(`${open}"`)} ${rules.name(subcommands.join(' | '))}`
  })
  const alternatives = [`${literal('command","command":"')} ${rules.name(commands.join(' | '))}`, `${literal('clarification","message":"')} ${clarifications(rules, schema)}`]
  return `root ::= ${literal('{"type":"')} (${alternatives.join(' | ')})\n${rules.text()}`
}

/** From after `"message":"` to the end of the answer: what is asked decides how many suggestions there are, and which. */
function clarifications(rules: Rules, schema: CliSchema): string {
  const all = leaves(schema)
  const suggestion = (leaf: Leaf) => JSON.stringify({ label: suggestionLabel(leaf), command: leaf.command, subcommand: leaf.subcommand })
  const after = (message: string, suggestions: string) => `${literal(`${inner(message)}","suggestions":[`)} ${suggestions}`
  const none = literal(']}')
  const cases = [after(clarificationMessage(schema, 'unclear'), none), after(clarificationMessage(schema, 'off_topic'), none)]

  for (const [message, asked] of Map.groupBy(all.flatMap((leaf) => missingMessages(schema, leaf).map((message) => ({ leaf, message }))), ({ message }) => message)) {
    cases.push(after(message, rules.name(`(${asked.map(({ leaf }) => literal(suggestion(leaf))).join(' | ')}) ${none}`)))
  }
  const groups = [...Map.groupBy(all, (leaf) => leaf.command).values()].map((group) => group.slice(0, mostSuggestions)).filter((group) => group.length > 1)
  if (groups.length) cases.push(after(clarificationMessage(schema, 'ambiguous'), rules.name(`(${groups.map((group) => literal(group.map(suggestion).join(','))).join(' | ')}) ${none}`)))
  if (all.length > 1) {
    const any = rules.name(all.map((leaf) => literal(suggestion(leaf))).join(' | '))
    const several = rules.name(`${any} ("," ${any}){1,${mostSuggestions - 1}} ${none}`)
    for (const kind of ['multiple', 'typo_ambiguity'] as const) cases.push(after(clarificationMessage(schema, kind), several))
  }
  return rules.name(cases.join(' | '))
}

/** From after the subcommand to the end of the answer. */
function parameters(rules: Rules, { args, flags }: Leaf): string {
  const object = anyOrder(rules, keys(rules, args))
  const switches = anyOrder(rules, flags.map(({ name }) => ({ text: literal(JSON.stringify(name)), required: false })))
  return rules.name(`${literal(',"args":{')}${space(object)} ${literal('},"flags":[')}${space(switches)} ${literal(']}')}`)
}

interface Item { text: string; required: boolean }

const keys = (rules: Rules, args: Arg[]): Item[] =>
  args.flatMap((arg) => {
    const value = valueOf(rules, arg)
    return value === undefined ? [] : [{ text: rules.name(`${literal(`${JSON.stringify(arg.name)}:`)} ${value}`), required: arg.required }]
  })

/** More required arguments than these are left to validation: each doubles the rules. */
const mostRequired = 4

/**
 * Items in any order with commas between, the required ones each once.
 * @returns the text of a rule, empty when there are no items
 */
function anyOrder(rules: Rules, items: Item[]): string {
  if (items.length === 0) return ''
  const required = items.filter((item) => item.required).slice(0, mostRequired).map(({ text }) => text)
  const others = items.map(({ text }) => text).filter((text) => !required.includes(text))
  const other = others.length ? rules.name(others.join(' | ')) : undefined
  const more = other && `("," ${other}){0,${others.length}}`

  /** What may follow a first item while `missing` have yet to come. */
  const after = (missing: string[]): string => {
    const next = missing.map((text) => `"," ${text}${space(after(missing.filter((each) => each !== text)))}`)
    return compact(more, next.length ? rules.name(next.join(' | ')) : '')
  }
  const first = required.map((text) => `${text}${space(after(required.filter((each) => each !== text)))}`)
  if (other) first.push(`${other}${space(after(required))}`)
  return required.length ? rules.name(first.join(' | ')) : `(${first.join(' | ')})?`
}

const compact = (...parts: (string | undefined)[]) => parts.filter(Boolean).join(' ')

/** undefined when no value is left: an enum whose only value is its default. */
function valueOf(rules: Rules, arg: Arg): string | undefined {
  let one: string
  if (arg.type === 'integer') one = integerRule(rules)
  else if (arg.type === 'string') one = stringRule(rules, longestValue)
  else {
    const values = (arg.values ?? []).filter((value) => arg.repeatable || value !== defaultValue(arg))
    if (values.length === 0) return undefined
    one = rules.name(values.map((value) => literal(JSON.stringify(value))).join(' | '))
  }
  return arg.repeatable ? rules.name(`"[" ${list(one, mostValues)} "]"`) : one
}
