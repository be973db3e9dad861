import { z } from 'zod'
import { didYouMean, oneOf, shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { matches } from '../pattern.ts'
import { readShaped } from '../reading.ts'
import { conflict, findLeaf, leaves, type Arg, type CliSchema, type Leaf } from './schema.ts'

/** Longest string value of an answer, in characters, and most values of a list: what the grammar accepts too. */
export const longestValue = 400
export const mostValues = 20
export const mostSuggestions = 3

const Value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.union([z.string(), z.number()]))])
const confidence = z.number().min(0).max(1).optional()

export const CommandAnswer = z.strictObject({
  type: z.literal('command'),
  command: z.string(),
  subcommand: z.string().nullish(),
  args: z.record(z.string(), Value),
  flags: z.array(z.string()),
  confidence,
})
export const Suggestion = z.strictObject({ label: z.string(), command: z.string(), subcommand: z.string().nullish() })
export const ClarificationAnswer = z.strictObject({
  type: z.literal('clarification'),
  message: z.string(),
  suggestions: z.array(Suggestion),
  confidence,
})
export const Answer = z.discriminatedUnion('type', [CommandAnswer, ClarificationAnswer])
export type CommandAnswer = z.infer<typeof CommandAnswer>
export type ClarificationAnswer = z.infer<typeof ClarificationAnswer>
export type Answer = z.infer<typeof Answer>
export type Suggestion = z.infer<typeof Suggestion>

/** The answer in a string, as far as it can be read; `problems` of the rules json and shape. */
export const readAnswer = (output: string): { answer?: Answer; problems: Problem[] } => readShaped(output, () => Answer)

/** Is everything in the answer what the schema allows, and everything there that it requires? */
export function checkAnswer(schema: CliSchema, answer: Answer): Problem[] {
  const problems: Problem[] = []
  if (answer.type === 'clarification') {
    if (answer.suggestions.length > mostSuggestions) problems.push({ rule: 'shape', message: `expected at most ${mostSuggestions} suggestions, found ${answer.suggestions.length}` })
    for (const { command, subcommand } of answer.suggestions) problems.push(...unknownLeaf(schema, command, subcommand))
    return problems
  }
  const leaf = findLeaf(schema, answer.command, answer.subcommand)
  if (!leaf) return unknownLeaf(schema, answer.command, answer.subcommand)
  for (const [name, value] of Object.entries(answer.args)) {
    const arg = leaf.args.find((arg) => arg.name === name)
    if (!arg) problems.push({ rule: 'schema', message: `"${leaf.path}" has no argument ${shown(name)}${didYouMean(name, leaf.args.map((arg) => arg.name))}` })
    else problems.push(...checkValue(leaf, arg, value))
  }
  for (const name of answer.flags) {
    if (!leaf.flags.some((flag) => flag.name === name)) problems.push({ rule: 'schema', message: `"${leaf.path}" has no flag ${shown(name)}${didYouMean(name, leaf.flags.map((flag) => flag.name))}` })
  }
  for (const arg of leaf.args) {
    if (arg.required && !Object.hasOwn(answer.args, arg.name)) problems.push({ rule: 'required', message: `"${leaf.path}" requires ${shown(arg.name)}, which is missing` })
  }
  const both = conflict(leaf, [...Object.keys(answer.args), ...answer.flags])
  if (both) problems.push({ rule: 'schema', message: `"${leaf.path}" takes only one of ${both.map(shown).join(' and ')}, found ${both.length === 2 ? 'both' : 'them all'}` })
  return [...problems, ...positionalGap(leaf, answer)]
}

function unknownLeaf(schema: CliSchema, command: string, subcommand: string | null | undefined): Problem[] {
  if (findLeaf(schema, command, subcommand)) return []
  const path = subcommand ? `${command} ${subcommand}` : command
  return [{ rule: 'schema', message: `the schema has no ${shown(path)}${didYouMean(path, leaves(schema).map((leaf) => leaf.path))}` }]
}

/** A positional cannot be typed when an earlier one without default is left out. */
function positionalGap(leaf: Leaf, answer: CommandAnswer): Problem[] {
  let missing: Arg | undefined
  for (const arg of leaf.args.filter((arg) => arg.positional)) {
    const given = Object.hasOwn(answer.args, arg.name)
    if (given && !arg.required && missing && !missing.required) return [{ rule: 'required', message: `"${leaf.path}" takes ${shown(arg.name)} only after ${shown(missing.name)}, which is missing` }]
    if (!given && arg.default === undefined) missing ??= arg
  }
  return []
}

/** Type, enum, pattern, list or single value, and length. */
export function checkValue(leaf: Leaf, arg: Arg, value: unknown): Problem[] {
  const wrong = (expected: string, found: unknown = value): Problem[] => [{ rule: 'type', message: `"${leaf.path}" expects ${shown(arg.name)} to be ${expected}, found ${shown(found)}` }]
  if (arg.repeatable) {
    if (!Array.isArray(value)) return wrong('a list')
    if (value.length < 1 || value.length > mostValues) return wrong(`a list of 1 to ${mostValues} values`)
  } else if (Array.isArray(value)) return wrong('one value')
  for (const item of Array.isArray(value) ? value : [value]) {
    if (arg.type === 'integer') {
      if (!Number.isSafeInteger(item) || Math.abs(item as number) >= 1e15 || Object.is(item, -0)) return wrong('an integer', item)
    } else if (typeof item !== 'string') return wrong('text', item)
    else if (arg.type === 'enum') {
      if (!arg.values!.includes(item)) return wrong(oneOf(arg.values!), item)
    } else if (item === '' || item.length > longestValue || /[\0\p{Cs}]/u.test(item)) return wrong(`1 to ${longestValue} characters`, item)
    else if (arg.pattern !== undefined && !matches(arg.pattern, item)) return wrong(`text that matches ${arg.pattern}`, item)
  }
  return []
}
