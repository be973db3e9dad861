import { doubtWeight } from '../doubt-weight.ts'
import { answerProblems, readAnswer, type Answer } from './answer.ts'
import { factsOf, folded, invented } from './facts.ts'
import { valuesIn } from './indicators.ts'
import { findType, type AnalysisSchema } from './schema.ts'
import { coherence } from './score.ts'
import { mailsOf } from './user-text.ts'

/**
 * What speaks against an answer, as far as the mails tell, in nats: values that stand nowhere in them, values that surely are entities (by
 * the schema's patterns) and are left out or have another type; values of two types; parts that do not agree. 0: nothing.
 */
export function doubts(schema: AnalysisSchema, completion: string, text: string): number {
  const { answer } = readAnswer(completion)
  if (!answer || answerProblems(schema, answer).length > 0) return Infinity
  const mails = mailsOf(text)
  return doubtWeight.certain * (invented(schema, answer, mails).length + misplaced(schema, answer).length) + doubtWeight.likely * (overlooked(schema, answer, mails).length + Number(coherence(schema, answer, mails) < 1))
}

/** Values of two types, and those that by the schema's patterns, or by what an amount or a number looks like, are of another. */
function misplaced(schema: AnalysisSchema, { entities = {} }: Answer): string[] {
  const all = Object.entries(entities).flatMap(([type, values]) => values.map((value) => ({ type, value })))
  return all.filter(({ type, value }) => {
    const sure = valuesIn(schema, value).find((each) => each.value === value)
    const made = findType(schema, type)?.made
    const fits = made === 'amount' ? /^\D{0,4}\d[\d.,]*\D{0,4}$/.test(value) : made === 'quantity' ? !/[A-Z-]|\d\D+\d/.test(value) : true
    return !fits || (sure !== undefined && sure.type !== type) || all.some((other) => other.type !== type && folded(other.value) === folded(value))
  }).map(({ value }) => value)
}

/** What the mails name by a sure pattern, and the entities have not: neither so nor with more or less around it ("PO 4471" is order 4471). */
export function overlooked(schema: AnalysisSchema, { entities }: Pick<Answer, 'entities'>, mails: string): string[] {
  return entities === undefined ? [] : leftOut(schema, entities, sureValues(schema, mails))
}

/** Values by sure patterns, each once and folded. */
export const sureValues = (schema: AnalysisSchema, mails: string): Set<string> => new Set(valuesIn(schema, mails).map(({ value }) => folded(value)))

export function leftOut(schema: AnalysisSchema, entities: NonNullable<Answer['entities']>, sure: ReadonlySet<string>): string[] {
  const named = factsOf(schema, { entities })
  const list = [...named]
  return [...sure].filter((value) => !named.has(value) && !list.some((each) => each.includes(value) || (each.length > 2 && value.includes(each))))
}
