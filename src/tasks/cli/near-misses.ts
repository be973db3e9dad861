import type { Row } from '../../dataset/row.ts'
import { missesOf } from '../comparing.ts'
import type { Answer, CommandAnswer } from './answer.ts'
import { clarification, clarificationCases, inOwnOrder } from './completion.ts'
import { findLeaf, leaves, type Arg, type CliSchema, type Leaf } from './schema.ts'
import { comparison } from './score.ts'

/**
 * Wrong answers that look right, as completions: one argument, flag, value or subcommand off, or a clarification in place of
 * a command and the other way round. All are allowed by the schema, none is equivalent to a right one; `salt` picks which.
 */
export const nearMisses = (schema: CliSchema, row: Row, salt: number): string[] =>
  missesOf(comparison(schema), row, salt, (truth) => (truth.type === 'command' ? besideCommand(schema, inOwnOrder(schema, truth) as CommandAnswer, row.instruction) : besideClarification(schema, truth.suggestions)))
    .map((answer) => JSON.stringify(inOwnOrder(schema, answer)))

function besideCommand(schema: CliSchema, answer: CommandAnswer, instruction: string): Answer[] {
  const leaf = findLeaf(schema, answer.command, answer.subcommand)!
  const found: Answer[] = []
  const withArgs = (args: CommandAnswer['args']) => found.push({ ...answer, args })
  for (const [name, value] of Object.entries(answer.args)) {
    const { [name]: _, ...others } = answer.args
    withArgs(others)
    const arg = leaf.args.find((arg) => arg.name === name)!
    for (const other of otherValues(arg, value, instruction)) withArgs({ ...answer.args, [name]: other })
    for (const twin of leaf.args) {
      if (twin.type === arg.type && twin.repeatable === arg.repeatable && !Object.hasOwn(answer.args, twin.name)) withArgs({ ...others, [twin.name]: value })
    }
  }
  for (const { name } of leaf.flags) {
    found.push({ ...answer, flags: answer.flags.includes(name) ? answer.flags.filter((flag) => flag !== name) : [...answer.flags, name] })
  }
  for (const near of leaves(schema)) {
    if (near.command !== leaf.command && near.subcommand !== leaf.subcommand) continue
    found.push(moved(answer, near))
  }
  found.push(clarification(schema, 'missing_required', [leaf]))
  return found
}

/** The same words under another subcommand, as far as it takes them. */
function moved(answer: CommandAnswer, leaf: Leaf): CommandAnswer {
  const args = Object.entries(answer.args).filter(([name]) => leaf.args.some((arg) => arg.name === name))
  const flags = answer.flags.filter((name) => leaf.flags.some((flag) => flag.name === name))
  return { type: 'command', command: leaf.command, subcommand: leaf.subcommand, args: Object.fromEntries(args), flags }
}

type Value = CommandAnswer['args'][string]

function otherValues(arg: Arg, value: Value, instruction: string): Value[] {
  if (Array.isArray(value)) return [...(value.length > 1 ? value.map((_, i) => value.toSpliced(i, 1)) : []), ...otherValues({ ...arg, repeatable: false }, value[0]!, instruction).map((other) => [other as string, ...value.slice(1)])]
  if (arg.type === 'enum') return arg.values!.filter((other) => other !== value)
  if (typeof value === 'number') return [value + 1, value - 1, Math.trunc(value / 10), value * 10].filter((other) => other > 0)
  const text = String(value)
  const words = instruction.split(/\s+/).filter((word) => word !== text && /\w/.test(word))
  return [text.slice(0, -1), text.slice(1), text.split(/[\s/]/)[0]!, text.split(/[\s/]/).at(-1)!, ...words.slice(-3)].filter((other) => other !== '' && other !== text)
}

function besideClarification(schema: CliSchema, suggestions: { command: string; subcommand?: string | null | undefined }[]): Answer[] {
  const all = leaves(schema)
  const suggested = suggestions.flatMap(({ command, subcommand }) => findLeaf(schema, command, subcommand) ?? [])
  const bare = (leaf: Leaf): CommandAnswer => ({ type: 'command', command: leaf.command, subcommand: leaf.subcommand, args: {}, flags: [] })
  return [
    ...(suggested.length ? suggested : all).map(bare),
    ...suggested.map((leaf) => clarification(schema, 'missing_required', [leaf])),
    ...(suggested.length ? [clarification(schema, clarificationCases[2], [])] : all.map((leaf) => clarification(schema, 'missing_required', [leaf]))),
    ...suggested.map((leaf) => clarification(schema, 'multiple', suggested.filter((other) => other !== leaf))),
  ]
}
