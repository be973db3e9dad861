import { numbersIn } from '../numbers.ts'
import type { Answer } from './answer.ts'
import { valuesIn } from './indicators.ts'
import type { AnalysisSchema } from './schema.ts'

/** One form for values that mean the same: letter case, spaces and a final full stop say nothing. */
export const folded = (value: string): string => value.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').replace(/[.,;:!]+$/, '').trim()

/** Values of the entities as "type value", each once. */
export const typedValues = ({ entities = {} }: Answer): Set<string> => new Set(Object.entries(entities).flatMap(([type, values]) => values.map((value) => `${type} ${folded(value)}`)))

/** What a free sentence names: values by the schema's patterns, numbers, and names (words with a capital inside of a sentence). */
function namedIn(schema: AnalysisSchema, text: string): string[] {
  const values = valuesIn(schema, text).map(({ value }) => value)
  const rest = values.reduce((left, value) => left.replace(value, ' '), text)
  const numbers = rest.match(/(?<![\p{L}\p{N}])[\p{Sc}]?\d[\p{L}\p{N}.,/-]*/gu) ?? []
  const names = [...rest.matchAll(/(?<=[\p{Ll}\p{N},;]\s)\p{Lu}[\p{L}'-]+/gu)].map(([name]) => name)
  return [...values, ...numbers, ...names]
}

/** Every value that an answer names, whatever its part and type, each once and folded. Of a summary by pattern there is none that the entities lack. */
export function factsOf(schema: AnalysisSchema, answer: Answer): Set<string> {
  const { entities = {}, actions = [], summary } = answer
  const items = actions.flatMap(({ who, what, when }) => [who, what, when].filter((value) => value !== undefined))
  return new Set([...Object.values(entities).flat(), ...items, ...(typeof summary === 'string' ? namedIn(schema, summary) : [])].map(folded))
}

/** Does the value stand in the text? To the letter but for its case; a number also in words. */
export function stands(value: string, text: string): boolean {
  const wanted = folded(value)
  const whole = folded(text)
  for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + 1)) {
    const joins = (outer: string | undefined, inner: string | undefined) => /[\p{L}\p{N}]/u.test(outer ?? '') && /[\p{L}\p{N}]/u.test(inner ?? '')
    if (!joins(whole[at - 1], wanted[0]) && !joins(whole[at + wanted.length], wanted.at(-1))) return true
  }
  return /^\d+$/.test(wanted) && numbersIn(text).has(Number(wanted))
}

/** Values that stand nowhere in the mails. */
export const invented = (schema: AnalysisSchema, answer: Answer, text: string): string[] => [...factsOf(schema, answer)].filter((value) => !stands(value, text))
