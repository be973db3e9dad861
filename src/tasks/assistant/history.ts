import { z } from 'zod'
import type { Row } from '../../dataset/row.ts'
import { normalise } from '../normalise.ts'
import { findPassage, mostQuotes, type AssistantSchema, type Passage } from './schema.ts'

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

/** What was last spoken of: the passages of the latest answer that quoted any. */
export function lastQuoted(schema: AssistantSchema, context: Row['context']): Passage[] {
  for (const { answer } of (historyOf(context) ?? []).toReversed()) {
    const found = typeof answer === 'string' ? quotedIn(schema, answer) : (answer?.quotes ?? []).flatMap((id) => findPassage(schema, id) ?? [])
    if (found.length) return found.slice(0, mostQuotes)
  }
  return []
}

const normalised = new WeakMap<AssistantSchema, { passage: Passage; text: string }[]>()

/** The passages that stand in a text word for word, in the order of the text; of one within another only the longer. */
export function quotedIn(schema: AssistantSchema, text: string): Passage[] {
  let all = normalised.get(schema)
  if (!all) {
    all = schema.sections.flatMap(({ passages }) => passages.map((passage) => ({ passage, text: normalise(passage.text) }))).toSorted((a, b) => b.text.length - a.text.length)
    normalised.set(schema, all)
  }
  let rest = normalise(text)
  const found: { passage: Passage; at: number }[] = []
  for (const { passage, text: own } of all) {
    const at = rest.indexOf(own)
    if (at < 0) continue
    found.push({ passage, at })
    rest = rest.slice(0, at) + '\0'.repeat(own.length) + rest.slice(at + own.length)
  }
  return found.toSorted((a, b) => a.at - b.at).map(({ passage }) => passage)
}
