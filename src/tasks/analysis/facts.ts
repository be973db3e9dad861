import { numbersIn } from '../numbers.ts'
import type { Answer } from './answer.ts'
import { valuesIn } from './indicators.ts'
import type { AnalysisSchema } from './schema.ts'

/** One form for values that mean the same: letter case, spaces and a final full stop say nothing. */
export const folded = (value: string): string => value.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').replace(/[.,;:!]+$/, '').trim()

/** Values of the entities as "type value", each once. */
export const typedValues = ({ entities = {} }: Answer): Set<string> => new Set(Object.entries(entities).flatMap(([type, values]) => values.map((value) => `${type} ${folded(value)}`)))

/** What a free sentence names: values by the schema's patterns, words with a digit, and names (words with a capital inside of a sentence). */
function namedIn(schema: AnalysisSchema, text: string): string[] {
  const values = valuesIn(schema, text).map(({ value }) => value)
  const words = values.reduce((left, value) => left.replace(value, ' '), text).split(/\s+/)
  const isNamed = (word: string, i: number) => /\d/.test(word) || (i > 0 && /^\p{Lu}\p{L}/u.test(word) && !/[.!?]$/.test(words[i - 1]!))
  return [...values, ...words.filter(isNamed).map((word) => word.replace(/^[("'#]+|(?:'s)?[).,;:!?"']*$/g, ''))]
}

/** Every value that an answer names, whatever its part and type, each once and folded. Of a summary by pattern there is none that the entities lack. */
export function factsOf(schema: AnalysisSchema, answer: Answer): Set<string> {
  const { entities = {}, actions = [], summary } = answer
  const items = actions.flatMap(({ who, what, when }) => [who, what, when].filter((value) => value !== undefined))
  return new Set([...Object.values(entities).flat(), ...items, ...(typeof summary === 'string' ? namedIn(schema, summary) : [])].map(folded))
}

/** A value goes on behind what was found: "PO-44" in "PO-4471", "WS-C3650" in "WS-C3650-24", "$64,000" in "$64,000.50". */
const goesOn = /^(?:[\p{L}\p{N}]|[-/.,]\p{N})/u
/** It began before what was found: "4471" in "PO-4471". Looked at are the two signs before, and its own first. */
const begunBefore = /[\p{L}\p{N}][\p{L}\p{N}]$|[\p{L}\p{N}][-/.,]\p{N}$/u

/** What a value begins and ends with. */
const wordlike = /^[\p{L}\p{N}\p{Sc}(].*[\p{L}\p{N}\p{Sc})%]$|^[\p{L}\p{N}]$/su

/** Does the value stand in the text, whole? To the letter but for its case; a number also in words. */
export const stands = (value: string, text: string): boolean => standsIn(text)(value)

/** The same for many values of one text, which is folded once. */
export function standsIn(text: string): (value: string) => boolean {
  const whole = folded(text)
  let numbers: Set<number> | undefined
  return (value) => {
    const wanted = folded(value)
    if (!wordlike.test(wanted) || wanted.includes('|')) return false
    for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + 1)) {
      const end = at + wanted.length
      if (!begunBefore.test(whole.slice(Math.max(0, at - 2), at + 1)) && !goesOn.test(whole.slice(end, end + 2))) return true
    }
    return /^\d+$/.test(wanted) && (numbers ??= numbersIn(text.replace(/\S*\d\S*/g, ' '))).has(Number(wanted))
  }
}

/** Values that stand nowhere in the mails. */
export const invented = (schema: AnalysisSchema, answer: Answer, text: string): string[] => [...factsOf(schema, answer)].filter((value) => !stands(value, text))
