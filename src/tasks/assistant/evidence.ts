import type { Row } from '../../dataset/row.ts'
import { isFree, isQuotes, readAnswer, type Answer } from './answer.ts'
import { coveringPassage } from './groundedness.ts'
import { withLastQuestion } from './history.ts'
import { search } from './retrieval.ts'
import { findPassage, type AssistantSchema, type Passage } from './schema.ts'
import { sentences } from './sentences.ts'

/**
 * What a reader needs to judge answers to a question: the passages that they quote or that cover their own words, and what a search finds. Of an answer
 * that quotes nothing (own words, a refusal) anything in the sections found may speak for it or against it. In the order of the sources, which says
 * of no passage whose it is.
 */
export function evidence(schema: AssistantSchema, { instruction, context }: Row, outputs: readonly string[]): { id: string; text: string }[] {
  const answers = outputs.map((output) => readAnswer(output).answer)
  const allQuote = answers.every((answer) => answer !== undefined && isQuotes(answer))
  const found = search(schema, withLastQuestion(instruction, context)).flatMap(({ section, passage }) => (allQuote ? [passage] : section.passages))
  const meant = new Set([...answers.flatMap((answer) => (answer ? restsOn(schema, answer) : [])), ...found])
  return schema.sections.flatMap(({ passages }) => passages).filter((passage) => meant.has(passage)).map(({ id, text }) => ({ id, text }))
}

function restsOn(schema: AssistantSchema, answer: Answer): Passage[] {
  if (isQuotes(answer)) return answer.quotes.flatMap((id) => findPassage(schema, id) ?? [])
  return isFree(answer) ? sentences(answer.answer).flatMap((sentence) => coveringPassage(schema, sentence) ?? []) : []
}
