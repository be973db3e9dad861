import { z } from 'zod'
import { didYouMean, shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { readShaped } from '../reading.ts'
import { groundedness } from './groundedness.ts'
import { findPassage, findSection, mostQuotes, type AssistantSchema } from './schema.ts'

export const mostSuggestions = 3

const confidence = z.number().min(0).max(1).optional()

/** Why nothing is answered: it is about something else, or about the domain and not in the sources. */
export const refusals = ['off_topic', 'not_in_sources'] as const

/** Passages word for word, by their ids. */
export const QuotesAnswer = z.strictObject({ quotes: z.array(z.string()).min(1), confidence })
/** Own words; only where the schema says `answers: free`. */
export const FreeAnswer = z.strictObject({ answer: z.string().min(1).max(4_000), confidence })
export const RefusalAnswer = z.strictObject({ refusal: z.enum(refusals), confidence })
/** The heading of a suggestion's section stands in its label, the section under `command`: a clarification has one shape in all kinds of task. */
export const ClarificationAnswer = z.strictObject({ type: z.literal('clarification'), message: z.string(), suggestions: z.array(z.strictObject({ label: z.string(), command: z.string() })), confidence })

export type QuotesAnswer = z.infer<typeof QuotesAnswer>
export type FreeAnswer = z.infer<typeof FreeAnswer>
export type RefusalAnswer = z.infer<typeof RefusalAnswer>
export type ClarificationAnswer = z.infer<typeof ClarificationAnswer>
export type Answer = QuotesAnswer | FreeAnswer | RefusalAnswer | ClarificationAnswer

export const isQuotes = (answer: Answer): answer is QuotesAnswer => 'quotes' in answer
export const isFree = (answer: Answer): answer is FreeAnswer => 'answer' in answer
export const isRefusal = (answer: Answer): answer is RefusalAnswer => 'refusal' in answer
export const isClarification = (answer: Answer): answer is ClarificationAnswer => 'type' in answer
/** Does it say anything of the sources? */
export const answers = (answer: Answer): answer is QuotesAnswer | FreeAnswer => isQuotes(answer) || isFree(answer)

/** The answer in a string, as far as it can be read; `problems` of the rules json and shape. */
export const readAnswer = (output: string): { answer?: Answer; problems: Problem[] } =>
  readShaped<Answer>(output, (value) => {
    const has = (key: string) => value !== null && typeof value === 'object' && key in value
    return has('type') ? ClarificationAnswer : has('refusal') ? RefusalAnswer : has('answer') ? FreeAnswer : QuotesAnswer
  })

/** Is everything in the answer what the schema allows? */
export function checkAnswer(schema: AssistantSchema, answer: Answer): Problem[] {
  if (isRefusal(answer)) return []
  if (isClarification(answer)) {
    if (answer.suggestions.length > mostSuggestions) return [{ rule: 'shape', message: `expected at most ${mostSuggestions} suggestions, found ${answer.suggestions.length}` }]
    return answer.suggestions.flatMap(({ command }): Problem[] => (findSection(schema, command) ? [] : [{ rule: 'schema', message: `the sources have no section ${shown(command)}${didYouMean(command, schema.sections.map(({ id }) => id))}` }]))
  }
  if (isFree(answer)) {
    if (schema.answers === 'quotes') return [{ rule: 'shape', message: 'expected passages of the sources ("quotes"), found an answer in own words; the schema says `answers: quotes`' }]
    const { uncovered } = groundedness(schema, answer.answer)
    return uncovered.map((sentence) => ({ rule: 'value', message: `expected every sentence to be covered by a passage of the sources, found ${shown(sentence)}` }))
  }
  const { quotes } = answer
  if (quotes.length > mostQuotes) return [{ rule: 'shape', message: `expected at most ${mostQuotes} passages, found ${quotes.length}` }]
  if (new Set(quotes).size < quotes.length) return [{ rule: 'shape', message: 'expected every passage once, found one twice' }]
  return quotes.flatMap((id): Problem[] => {
    if (findPassage(schema, id)) return []
    const heldOut = schema.heldOut.find((file) => id.startsWith(`${file.replace(/\.\w+$/, '')}/`))
    return [{ rule: 'schema', message: heldOut ? `${shown(id)} stands in ${heldOut}, which is held out` : `the sources have no passage ${shown(id)}${didYouMean(id, schema.sections.flatMap(({ passages }) => passages.map((each) => each.id)))}` }]
  })
}

/** The words of an answer that says something of the sources. */
export const wordsOf = (schema: AssistantSchema, answer: Answer): string | undefined =>
  isFree(answer) ? answer.answer : isQuotes(answer) ? answer.quotes.flatMap((id) => findPassage(schema, id)?.text ?? []).join(' ') : undefined
