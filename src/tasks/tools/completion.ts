import { InputError } from '../../errors.ts'
import { escapeRegExp, shorten } from '../../text.ts'
import { honest } from '../orders.ts'
import { checkAnswer, isClarification, readAnswer, type Answer, type ClarificationAnswer } from './answer.ts'
import { humanized, type Property, type Tool } from './node.ts'
import { askable, findTool, type ToolsSchema } from './schema.ts'
import { canonicalObject } from './values.ts'

/** When a clarification is the right answer. */
export const clarificationCases = ['ambiguous', 'missing_required', 'unclear', 'off_topic'] as const
export type ClarificationCase = (typeof clarificationCases)[number]

/**
 * The canonical answer, one string for all outputs that mean it: compact JSON, schema order, defaults dropped, canonical message and labels.
 * @throws InputError when the output is not an answer that the schema allows
 */
export function completion(schema: ToolsSchema, output: string): string {
  const { answer, problems } = readAnswer(output)
  const all = answer ? checkAnswer(schema, answer) : problems
  if (!answer || all.length) throw new InputError(`expected an answer that the schema allows, found: ${all[0]!.message}.`)
  return JSON.stringify(canonical(schema, answer))
}

/** The canonical form of an answer that `checkAnswer` accepts. */
export function canonical(schema: ToolsSchema, answer: Answer): Answer {
  if (!isClarification(answer)) return { name: answer.name, parameters: canonicalObject(findTool(schema, answer.name)!.parameters, answer.parameters) }
  const suggested = schema.tools.filter(({ name }) => answer.suggestions.some(({ command }) => command === name))
  return clarification(schema, caseOf(answer), suggested, suggested[0] && askedFor(suggested[0], answer.message))
}

/** The canonical clarification of a case; `suggested` in schema order, `asked` the parameter that `missing_required` asks for. */
export function clarification(schema: ToolsSchema, kind: ClarificationCase, suggested: readonly Tool[], asked?: Property): ClarificationAnswer {
  return {
    type: 'clarification',
    message: clarificationMessage(schema, kind, suggested[0], asked),
    suggestions: suggested.map((tool) => ({ label: suggestionLabel(tool), command: tool.name })),
  }
}

/** The canonical sentence of a case; of `missing_required` it names the parameter that is asked for, unless told the first required one. */
export function clarificationMessage(schema: ToolsSchema, kind: ClarificationCase, tool?: Tool, asked = tool && askable(tool)[0]): string {
  switch (kind) {
    case 'ambiguous':
      return 'Which of these would you like to do?'
    case 'missing_required':
      return asked ? `Which ${humanized(asked.name)} do you mean?` : 'One more detail is needed. Which one do you mean?'
    case 'unclear':
      return 'What would you like to do?'
    case 'off_topic':
      return `That is outside of what ${schema.name} can do${honest(schema.description) ? `: ${shorten(honest(schema.description), 120)}` : ''}.`
  }
}

/** What `missing_required` may ask of a tool: one message a required parameter. */
export function missingMessages(schema: ToolsSchema, tool: Tool): string[] {
  const messages = askable(tool).map((property) => clarificationMessage(schema, 'missing_required', tool, property))
  return messages.length ? messages : [clarificationMessage(schema, 'missing_required', tool)]
}

/** The required parameter that a message names, of several the first that it names. */
export function askedFor(tool: Tool, message: string): Property | undefined {
  const place = ({ name }: Property) => message.search(new RegExp(`(?<![\\w-])(?:${escapeRegExp(name)}|${escapeRegExp(humanized(name))})(?![\\w-])`, 'i'))
  return askable(tool).map((property) => ({ property, at: place(property) })).filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)[0]?.property
}

/** Every message a completion may have. */
export function clarificationMessages(schema: ToolsSchema): string[] {
  return [...new Set([...clarificationCases.map((kind) => clarificationMessage(schema, kind)), ...schema.tools.flatMap((tool) => missingMessages(schema, tool))])]
}

/** How a suggestion is named: the first words of its description, unless that speaks to the teacher and not of the tool. */
export const suggestionLabel = (tool: Tool): string => shorten(honest(tool.description), 60) || humanized(tool.name)

/** The case of a stored row: its slice says it, else its suggestions do; undefined for calls and unreadable rows. */
export function clarificationCase(row: { output: string; slice?: Record<string, string> | undefined }): ClarificationCase | undefined {
  const { answer } = readAnswer(row.output)
  if (!answer || !isClarification(answer)) return undefined
  return clarificationCases.find((kind) => kind === row.slice?.case) ?? caseOf(answer)
}

function caseOf({ message, suggestions }: ClarificationAnswer): ClarificationCase {
  if (suggestions.length === 0) return /\b(outside|only|scope|unrelated|can't|cannot|can not|not able|unable)\b/i.test(message) ? 'off_topic' : 'unclear'
  return suggestions.length === 1 ? 'missing_required' : 'ambiguous'
}
