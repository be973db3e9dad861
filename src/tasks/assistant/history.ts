import { z } from 'zod'
import type { Row } from '../../dataset/row.ts'
import { normalise } from '../normalise.ts'
import { search } from './retrieval.ts'
import { findPassage, mostQuotes, sectionOf, type AssistantSchema, type Passage } from './schema.ts'

/** What was said before; of an answer its text, or the passages it quoted. */
export const Turn = z.object({ question: z.string(), answer: z.union([z.string(), z.object({ quotes: z.array(z.string()) })]).optional() })
export type Turn = z.infer<typeof Turn>

/** So many turns are looked at; what was said before is forgotten. */
const mostTurns = 6

/** The turns of a row's context, the latest last; undefined where `history` has another shape. */
export function historyOf(context: Row['context']): Turn[] | undefined {
  if (context?.history === undefined || context.history === null) return []
  const { success, data } = z.array(Turn).safeParse(context.history)
  return success ? data.slice(-mostTurns) : undefined
}

/** A question behind the one before it, as a search reads it: "and how do I turn it off" names nothing by itself. */
export const withLastQuestion = (instruction: string, context: Row['context']): string => [...(historyOf(context) ?? []).slice(-1).map(({ question }) => question), instruction].join(' ')

/** What was last spoken of: the passages of the latest answer that quoted any. */
export function lastQuoted(schema: AssistantSchema, context: Row['context']): Passage[] {
  for (const { question, answer } of (historyOf(context) ?? []).toReversed()) {
    const found = typeof answer === 'string' ? quotedIn(schema, answer, question) : (answer?.quotes ?? []).flatMap((id) => findPassage(schema, id) ?? [])
    if (found.length) return found.slice(0, mostQuotes)
  }
  return []
}

const normalised = new WeakMap<AssistantSchema, { text: string; passages: Passage[] }[]>()

/**
 * The passages that stand in a text word for word, in the order of the text; of one within another only the longer. Where several sections say the
 * same ("Returns `:ok`."), the one that the question is about.
 */
export function quotedIn(schema: AssistantSchema, text: string, question: string): Passage[] {
  let all = normalised.get(schema)
  if (!all) {
    const byText = Map.groupBy(schema.sections.flatMap(({ passages }) => passages), (passage) => normalise(passage.text))
    all = [...byText].map(([own, passages]) => ({ text: own, passages })).toSorted((a, b) => b.text.length - a.text.length)
    normalised.set(schema, all)
  }
  let rest = normalise(text)
  const found: { passages: Passage[]; at: number }[] = []
  for (const { text: own, passages } of all) {
    const at = rest.indexOf(own)
    if (at < 0) continue
    found.push({ passages, at })
    rest = rest.slice(0, at) + '\0'.repeat(own.length) + rest.slice(at + own.length)
  }
  return found.toSorted((a, b) => a.at - b.at).map(({ passages }) => (passages.length > 1 ? meantOf(schema, passages, question) : passages[0]!))
}

function meantOf(schema: AssistantSchema, passages: Passage[], question: string): Passage {
  const ranks = search(schema, question, schema.sections.length).map(({ section }) => section.id)
  const rank = ({ id }: Passage) => (ranks.includes(sectionOf(id)) ? ranks.indexOf(sectionOf(id)) : Infinity)
  return passages.reduce((best, each) => (rank(each) < rank(best) ? each : best))
}
