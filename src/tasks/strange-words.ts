import { everyday } from '../teacher/english.ts'
import { oneSlip } from '../teacher/typing.ts'
import { changeWords } from './normalise.ts'
import { numbersIn } from './numbers.ts'

/** The word, and what it may be a form of. */
const stems = (word: string) => [word, word.replace(/s$/, ''), word.replace(/es$/, ''), word.replace(/(?:ed|ing)$/, ''), word.replace(/(?:ed|ing)$/, 'e'), word.replace(/ies$/, 'y'), word.replace(/(.)\1(?:ed|ing)$/, '$1')]

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

const last = new WeakMap<Set<string>, { text: string; words: string[] }>()

/** Words of the text that are neither the schema's (`known`, in small letters) nor everyday English, nor a slip away: names, as a rule. Asked again for every answer to a question. */
export function strangeWords(known: Set<string>, text: string): string[] {
  const before = last.get(known)
  if (before?.text === text) return before.words
  const isKnown = (word: string) => stems(word).some((stem) => known.has(stem) || everyday.has(stem)) || meant(word, known) !== undefined || numbersIn(word).size > 0
  const all = text.toLowerCase().split(/[\s"`,;:!?()]+/).map((word) => word.replace(/^'+|(?:'s)?[.']*$/g, ''))
  const words = [...new Set(all)].filter((word) => /^[a-z][a-z'-]*[a-z]$/.test(word) && !word.replaceAll("'", '').split('-').every(isKnown))
  last.set(known, { text, words })
  return words
}

const quoted = /("[^"]*"|`[^`]*`|\B'[^']*'\B)/

/** The text with misspelt words of the lexicon put right; what stands in quotes stays. */
export const putRight = (text: string, known: Set<string>): string => changeWords(text, quoted, (each) => meant(each.toLowerCase(), known) ?? each)
