import type { Row } from '../../dataset/row.ts'
import { missesOf } from '../comparing.ts'
import { answers, isQuotes, type Answer } from './answer.ts'
import { canonical, clarification } from './completion.ts'
import { search } from './retrieval.ts'
import { answerTo, asksOf, findSection, sectionOf, type AssistantSchema } from './schema.ts'
import { comparison } from './score.ts'

/**
 * Wrong answers that look right, as completions: another kind of passage of the same section, the same kind of a section that reads alike, a passage
 * too few, a refusal in place of an answer and the other way round. All are allowed, none is equivalent to a right one; `salt` picks which.
 */
export const nearMisses = (schema: AssistantSchema, row: Row, salt: number): string[] =>
  missesOf(comparison(schema), row, salt, (truth) => (answers(truth) ? besideAnswer(schema, truth, row.instruction) : besideRefusal(schema, row.instruction)))
    .map((answer) => JSON.stringify(canonical(schema, answer)))

const asAnswer = (schema: AssistantSchema, ids: string[]): Answer[] => (ids.length === 0 ? [] : schema.answers === 'quotes' ? [{ quotes: ids }] : [])

function besideAnswer(schema: AssistantSchema, truth: Answer, question: string): Answer[] {
  if (!isQuotes(truth)) return [{ refusal: 'not_in_sources' }, clarification([])]
  const { quotes } = truth
  const section = findSection(schema, sectionOf(quotes[0]!))!
  const asks = section.passages.find(({ id }) => id === quotes[0])!.asks
  const own = asksOf(schema, section).filter((each) => each.asks !== asks).flatMap((each) => asAnswer(schema, answerTo(section, each.asks).map(({ id }) => id)))
  const alike = search(schema, question, 6).filter((hit) => hit.section !== section).flatMap((hit) => [
    ...asAnswer(schema, answerTo(hit.section, asks).map(({ id }) => id)), ...asAnswer(schema, [hit.passage.id]),
  ])
  const fewer = quotes.length > 1 ? quotes.flatMap((_, i) => asAnswer(schema, quotes.toSpliced(i, 1))) : []
  return [...own, ...alike, ...fewer, { refusal: 'not_in_sources' }, clarification([])]
}

const besideRefusal = (schema: AssistantSchema, question: string): Answer[] => [
  ...search(schema, question, 6).flatMap((hit) => asAnswer(schema, [hit.passage.id])),
  ...schema.sections.flatMap((section) => asAnswer(schema, answerTo(section, section.passages[0]!.asks).map(({ id }) => id))),
  clarification([]), { refusal: 'off_topic' },
]
