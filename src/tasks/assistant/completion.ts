import { InputError } from '../../errors.ts'
import { answers, checkAnswer, isClarification, isFree, isQuotes, isRefusal, readAnswer, type Answer, type ClarificationAnswer } from './answer.ts'
import { normalise } from '../normalise.ts'
import { findSection, type AssistantSchema, type Section } from './schema.ts'

/** When nothing of the sources is the right answer. */
export const negativeCases = ['off_topic', 'not_in_sources', 'unclear', 'ambiguous'] as const
export type NegativeCase = (typeof negativeCases)[number]

/**
 * The canonical answer, one string for all outputs that mean it: compact JSON, canonical message and labels.
 * @throws InputError when the output is not an answer that the schema allows
 */
export function completion(schema: AssistantSchema, output: string): string {
  const { answer, problems } = readAnswer(output)
  const all = answer ? checkAnswer(schema, answer) : problems
  if (!answer || all.length) throw new InputError(`expected an answer that the schema allows, found: ${all[0]!.message}.`)
  return JSON.stringify(canonical(schema, answer))
}

/** The canonical form of an answer that `checkAnswer` accepts. */
export function canonical(schema: AssistantSchema, answer: Answer): Answer {
  if (isQuotes(answer)) return { quotes: answer.quotes }
  if (isFree(answer)) return { answer: normalise(answer.answer) }
  if (isRefusal(answer)) return { refusal: answer.refusal }
  return clarification(schema.sections.filter(({ id }) => answer.suggestions.some(({ command }) => command === id)))
}

/** The question back: what is meant, or which of these sections. */
export const clarification = (sections: readonly Section[]): ClarificationAnswer => ({
  type: 'clarification',
  message: sections.length ? 'Which of these do you mean?' : 'What is it that you mean?',
  suggestions: sections.map(({ id, heading }) => ({ label: heading, command: id })),
})

/** What an answer is, in the words of the slice `case`: "positive", or why nothing is answered. */
export const caseOf = (answer: Answer): 'positive' | NegativeCase => (answers(answer) ? 'positive' : isRefusal(answer) ? answer.refusal : answer.suggestions.length ? 'ambiguous' : 'unclear')

/** The answer in words, as far as the program has them: what `ask` shows. */
export function spoken(schema: AssistantSchema, answer: Answer): string {
  if (isClarification(answer)) return answer.message
  if (isRefusal(answer)) return answer.refusal === 'off_topic' ? `That is not about ${schema.name}, and I know nothing else.` : `The documents of ${schema.name} do not say that.`
  return ''
}

/** Every clarification that the grammar has: the one without suggestions, and one for each set of topics that share words. */
export const clarifications = (schema: AssistantSchema): ClarificationAnswer[] => [clarification([]), ...Object.keys(schema.ambiguous).map((name) => clarification(sharing(schema, name)))]

/** The sections that an ambiguous word may mean, in the order of the sources. */
export function sharing(schema: AssistantSchema, name: string): Section[] {
  const { topics } = schema.ambiguous[name]!
  const ids = topics.map((topic) => (schema.sections.find(({ heading }) => heading === topic) ?? schema.sections.find(({ names }) => names.includes(topic)))!.id)
  return [...new Set(ids)].map((id) => findSection(schema, id)!).sort((a, b) => schema.sections.indexOf(a) - schema.sections.indexOf(b))
}
