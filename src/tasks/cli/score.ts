import type { Row } from '../../dataset/row.ts'
import { editDistance } from '../../text.ts'
import { type Comparison, scoreBy } from '../comparing.ts'
import type { Score } from '../family.ts'
import { checkAnswer, checkValue, readAnswer, type Answer, type CommandAnswer } from './answer.ts'
import { canonical, clarificationCase } from './completion.ts'
import { findLeaf, type CliSchema } from './schema.ts'
import { userText } from './user-text.ts'
import { stands } from './values.ts'

/** All names an error can have, in the order in which they are looked for. */
export const errorNames = ['not JSON', 'off-topic answered', 'should have asked', 'should not have asked', 'wrong suggestions', 'wrong command', 'missing required', 'missing argument', 'unexpected argument', 'type error', 'value error: copied wrong', 'value error: invented', 'value error: not normalised', 'wrong flag'] as const
type ErrorName = (typeof errorNames)[number]

/** The ladder valid → allowed → equivalent, and the name of the first error. */
export const score = (schema: CliSchema, predicted: string, row: Row): Score => scoreBy(comparison(schema), predicted, row, (answer, truth) => nameError(schema, answer, truth, row))

export const comparison = (schema: CliSchema): Comparison<Answer> => ({
  read: (output) => readAnswer(output).answer,
  isAllowed: (answer) => checkAnswer(schema, answer).length === 0,
  signature: (answer) => signature(schema, answer),
})

/** Equal strings are equivalent answers: defaults dropped, lists and flags as sets, messages and labels left out. */
export function signature(schema: CliSchema, answer: Answer): string {
  if (answer.type === 'clarification') return JSON.stringify(answer.suggestions.map(({ command, subcommand }) => `${command} ${subcommand ?? ''}`).sort().filter((path, i, all) => path !== all[i - 1]))
  if (checkAnswer(schema, answer).length) return JSON.stringify(answer)
  const { command, subcommand, args, flags } = canonical(schema, answer) as CommandAnswer
  return JSON.stringify([command, subcommand, Object.entries(args).map(([name, value]) => [name, Array.isArray(value) ? value.toSorted() : value]), flags])
}

function nameError(schema: CliSchema, answer: Answer, truth: Answer, row: Row): ErrorName {
  if (truth.type === 'clarification') {
    if (answer.type === 'clarification') return 'wrong suggestions'
    return clarificationCase(schema, row) === 'off_topic' ? 'off-topic answered' : 'should have asked'
  }
  if (answer.type === 'clarification') return 'should not have asked'
  const leaf = findLeaf(schema, truth.command, truth.subcommand)
  if (!leaf || answer.command !== leaf.command || (answer.subcommand ?? null) !== leaf.subcommand) return 'wrong command'

  const wanted = (canonical(schema, truth) as CommandAnswer).args
  const given = Object.fromEntries(Object.entries(answer.args).filter(([name, value]) => String(value) !== leaf.args.find((arg) => arg.name === name)?.default))
  const missing = leaf.args.filter((arg) => Object.hasOwn(wanted, arg.name) && !Object.hasOwn(given, arg.name))
  if (missing.length) return missing.some((arg) => arg.required) ? 'missing required' : 'missing argument'
  if (Object.keys(given).some((name) => !Object.hasOwn(wanted, name))) return 'unexpected argument'
  for (const arg of leaf.args) {
    if (Object.hasOwn(given, arg.name) && arg.type !== 'enum' && arg.pattern === undefined && checkValue(leaf, arg, given[arg.name]).length) return 'type error'
  }
  const text = userText(schema, row.instruction, row.context)
  for (const arg of leaf.args) {
    const [own, right] = [given, wanted].map((args) => [Object.hasOwn(args, arg.name) ? args[arg.name]! : []].flat() as (string | number)[]) as [(string | number)[], (string | number)[]]
    const wrong = own.find((value) => !right.includes(value))
    const lost = right.find((value) => !own.includes(value))
    if (wrong === undefined && lost === undefined) continue
    if (wrong === undefined) return 'value error: copied wrong'
    const verbatim = text.includes(String(wrong))
    if (lost !== undefined && (arg.type === 'enum' || !text.includes(String(lost)))) return verbatim || arg.type === 'enum' ? 'value error: not normalised' : 'value error: invented'
    const near = lost !== undefined && editDistance(String(wrong).slice(0, 200), String(lost).slice(0, 200)) <= String(lost).length / 2
    return verbatim || near || stands(arg, wrong, text) ? 'value error: copied wrong' : 'value error: invented'
  }
  return 'wrong flag'
}
