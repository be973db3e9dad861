import { InputError } from '../../errors.ts'
import { shorten } from '../../text.ts'
import { honest } from '../orders.ts'
import { checkAnswer, readAnswer, type Answer, type ClarificationAnswer, type CommandAnswer } from './answer.ts'
import { askable, defaultValue, findLeaf, leaves, type Arg, type CliSchema, type Leaf } from './schema.ts'

/** When a clarification is the right answer; the specification's six negative cases. */
export const clarificationCases = ['ambiguous', 'missing_required', 'unclear', 'off_topic', 'multiple', 'typo_ambiguity'] as const
export type ClarificationCase = (typeof clarificationCases)[number]

/**
 * The canonical answer, one string for all outputs that mean it: compact JSON, schema order, defaults dropped, canonical message and labels.
 * @throws InputError when the output is not an answer that the schema allows
 */
export const completion = (schema: CliSchema, output: string): string => JSON.stringify(canonical(schema, allowed(schema, output)))

/**
 * The answer as trained on and predicted: canonical, but for arguments and flags in the output's own order (a teacher's: that of the question).
 * @throws InputError when the output is not an answer that the schema allows
 */
export const target = (schema: CliSchema, output: string): string => JSON.stringify(inOwnOrder(schema, allowed(schema, output)))

function allowed(schema: CliSchema, output: string): Answer {
  const { answer, problems } = readAnswer(output)
  const all = answer ? checkAnswer(schema, answer) : problems
  if (!answer || all.length) throw new InputError(`expected an answer that the schema allows, found: ${all[0]!.message}.`)
  return answer
}

/** The canonical form of an answer that `checkAnswer` accepts. */
export function canonical(schema: CliSchema, answer: Answer): Answer {
  return answer.type === 'command' ? canonicalCommand(schema, answer) : canonicalClarification(schema, answer)
}

/** The canonical form but for the order of arguments and flags, which stays. */
export function inOwnOrder(schema: CliSchema, answer: Answer): Answer {
  if (answer.type !== 'command') return canonical(schema, answer)
  const inOrder = canonicalCommand(schema, answer)
  const kept = Object.keys(answer.args).filter((name) => Object.hasOwn(inOrder.args, name))
  return { ...inOrder, args: Object.fromEntries(kept.map((name) => [name, inOrder.args[name]!])), flags: [...new Set(answer.flags)] }
}

function canonicalCommand(schema: CliSchema, answer: CommandAnswer): CommandAnswer {
  const leaf = findLeaf(schema, answer.command, answer.subcommand)!
  const args: CommandAnswer['args'] = {}
  for (const arg of leaf.args) {
    if (!Object.hasOwn(answer.args, arg.name)) continue
    const value = answer.args[arg.name]!
    if (arg.repeatable) args[arg.name] = [...new Set(value as (string | number)[])]
    else if (value !== defaultValue(arg)) args[arg.name] = value
  }
  const flags = leaf.flags.map((flag) => flag.name).filter((name) => answer.flags.includes(name))
  return { type: 'command', command: leaf.command, subcommand: leaf.subcommand, args, flags }
}

function canonicalClarification(schema: CliSchema, answer: ClarificationAnswer): ClarificationAnswer {
  const suggested = leaves(schema).filter((leaf) => answer.suggestions.some(({ command, subcommand }) => leaf.command === command && leaf.subcommand === (subcommand ?? null)))
  return clarification(schema, caseOf(schema, answer), suggested, suggested[0] && askedFor(schema, suggested[0], answer.message))
}

/** The canonical clarification of a case; `suggested` in schema order, `asked` the argument that `missing_required` asks for. */
export function clarification(schema: CliSchema, kind: ClarificationCase, suggested: Leaf[], asked?: Arg): ClarificationAnswer {
  return {
    type: 'clarification',
    message: clarificationMessage(schema, kind, suggested[0], asked),
    suggestions: suggested.map((leaf) => ({ label: suggestionLabel(leaf), command: leaf.command, subcommand: leaf.subcommand })),
  }
}

/** The canonical sentence of a case; of `missing_required` it names the argument that is asked for, unless told the first required one. */
export function clarificationMessage(schema: CliSchema, kind: ClarificationCase, leaf?: Leaf, asked = leaf && usuallyAsked(leaf)): string {
  switch (kind) {
    case 'ambiguous':
      return 'Which of these would you like to do?'
    case 'missing_required':
      return asked ? `Which ${asked.name} do you mean?` : 'One more detail is needed. Which one do you mean?'
    case 'unclear':
      return 'What would you like to do?'
    case 'off_topic':
      return `That is outside of what ${schema.cli_name} can do${honest(schema.description) ? `: ${shorten(honest(schema.description), 120)}` : ''}.`
    case 'multiple':
      return 'That fits several commands. Which one do you mean?'
    case 'typo_ambiguity':
      return 'Did you mean one of these?'
  }
}

const usuallyAsked = (leaf: Leaf): Arg | undefined => leaf.args.find((arg) => arg.required) ?? askable(leaf)[0] ?? leaf.args.find((arg) => arg.positional)

/** What `missing_required` may ask of a leaf: one message an askable argument. */
export function missingMessages(schema: CliSchema, leaf: Leaf): string[] {
  const messages = askable(leaf).map((arg) => clarificationMessage(schema, 'missing_required', leaf, arg))
  return messages.length ? messages : [clarificationMessage(schema, 'missing_required', leaf)]
}

/** The askable argument that a message names, of several the first that it names. */
export function askedFor(schema: CliSchema, leaf: Leaf, message: string): Arg | undefined {
  const known = askable(leaf)
  const exact = known.find((arg) => clarificationMessage(schema, 'missing_required', leaf, arg) === message)
  if (exact) return exact
  const place = ({ name }: Arg) => message.search(new RegExp(`(?<![\\w-])${name.replace(/[-_.]+/g, '[-_. ]+')}(?![\\w-])`, 'i'))
  return known.map((arg) => ({ arg, at: place(arg) })).filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)[0]?.arg
}

/** Every message a completion may have. */
export function clarificationMessages(schema: CliSchema): string[] {
  const fixed = clarificationCases.map((kind) => clarificationMessage(schema, kind))
  return [...new Set([...fixed, ...leaves(schema).flatMap((leaf) => missingMessages(schema, leaf))])]
}

/** How a suggestion is named: the first words of its description, unless that speaks to the teacher and not of the command. */
export const suggestionLabel = (leaf: Leaf): string => shorten(honest(leaf.description), 60) || leaf.path

/** The case of a stored row: its slice says it, else its suggestions do; undefined for commands and unreadable rows. */
export function clarificationCase(schema: CliSchema, row: { output: string; slice?: Record<string, string> | undefined }): ClarificationCase | undefined {
  const { answer } = readAnswer(row.output)
  if (answer?.type !== 'clarification') return undefined
  return clarificationCases.find((kind) => kind === row.slice?.case) ?? caseOf(schema, answer)
}

function caseOf(schema: CliSchema, { message, suggestions }: ClarificationAnswer): ClarificationCase {
  if (suggestions.length === 0) return /\b(outside|only|scope|unrelated|can't|cannot|can not|not able|unable)\b/i.test(message) ? 'off_topic' : 'unclear'
  if (suggestions.length === 1) return 'missing_required'
  const first = suggestions[0]!.command
  const firstThree = schema.commands.find(({ name }) => name === first)?.subcommands.slice(0, 3) ?? []
  const same = suggestions.length === firstThree.length && firstThree.every(({ name }) => suggestions.some((s) => s.command === first && s.subcommand === name))
  if (/^did you mean/i.test(message) && !(same && suggestions.length === 3)) return 'typo_ambiguity'
  return same ? 'ambiguous' : 'multiple'
}
