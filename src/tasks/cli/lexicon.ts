import { everyday } from '../../teacher/english.ts'
import { oneSlip } from './offline/words.ts'
import { contextFields, leaves, wordingsOf, type CliSchema } from './schema.ts'
import { numbersIn } from './values.ts'

const cached = new WeakMap<CliSchema, Set<string>>()

/** Every word by which people ask for what the schema has, in small letters. */
export function lexicon(schema: CliSchema): Set<string> {
  let words = cached.get(schema)
  if (!words) {
    const texts = leaves(schema).flatMap((leaf) => [...wordingsOf(leaf), ...[leaf, ...leaf.args, ...leaf.flags].map(({ description }) => description ?? '')])
    words = new Set([...texts, ...contextFields(schema).map(({ path }) => path)].flatMap((text) => text.toLowerCase().match(/[a-z]+/g) ?? []))
    cached.set(schema, words)
  }
  return words
}

/** The word with its endings taken off, one by one. */
const stems = (word: string) => [word, word.replace(/s$/, ''), word.replace(/es$/, ''), word.replace(/(?:ed|ing)$/, ''), word.replace(/(?:ed|ing)$/, 'e'), word.replace(/ies$/, 'y')]

/** The one word of the lexicon a slip away; of several the one with the same letters. None for words that are right, their plurals included. */
export function meant(typed: string, known: Set<string>): string | undefined {
  // Short words are a slip away from too many others, contractions from none.
  if (!/^[a-z]{4,}$/.test(typed) || known.has(typed) || known.has(typed.replace(/e?s$/, '')) || known.has(`${typed}s`) || numbersIn(typed).size) return undefined
  const near = [...known].filter((each) => each.length > 3 && Math.abs(each.length - typed.length) < 2 && oneSlip(typed, each))
  if (near.length < 2) return near[0]
  const letters = (each: string) => [...each].sort().join('')
  const swapped = near.filter((each) => letters(each) === letters(typed))
  return swapped.length === 1 ? swapped[0] : undefined
}

/** Words of the text that are neither the schema's nor everyday English, nor a slip away: names, as a rule. */
export function strangeWords(schema: CliSchema, text: string): string[] {
  const known = lexicon(schema)
  const isKnown = (word: string) => stems(word).some((stem) => known.has(stem) || everyday.has(stem)) || meant(word, known) !== undefined || numbersIn(word).size > 0
  const words = text.toLowerCase().split(/[\s"`,;:!?()]+/).map((word) => word.replace(/^'+|[.']+$/g, ''))
  return [...new Set(words)].filter((word) => /^[a-z][a-z'-]*[a-z]$/.test(word) && !word.replaceAll("'", '').split('-').every(isKnown))
}
