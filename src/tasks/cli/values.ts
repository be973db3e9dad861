import { tableOf } from '../../text.ts'
import { synonymsOf, type Arg } from './schema.ts'

const small = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ')
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')
const exact = tableOf({ a: 1, an: 1, single: 1, couple: 2, pair: 2, dozen: 12, first: 1, second: 2, third: 3, once: 1, twice: 2, both: 2 })

/** All whole numbers that a text gives, in digits (1,000 and 10k too) or in English words up to 999,999. */
export function numbersIn(text: string): Set<number> {
  const found = new Set<number>()
  for (const [, digits, k] of text.matchAll(/(-?\d{1,3}(?:,\d{3})+|-?\d+)(k\b)?/gi)) {
    const value = Number(digits!.replaceAll(',', ''))
    found.add(value).add(Math.abs(value))
    if (k) found.add(value * 1_000)
  }
  let sum = 0
  let open = false
  for (const word of [...text.toLowerCase().split(/[^a-z]+/), '']) {
    const unit = small.indexOf(word)
    const ten = tens.indexOf(word)
    if (unit >= 0) sum = open && sum % 10 === 0 ? sum + unit : unit
    else if (ten >= 0) sum = (open && sum % 100 === 0 ? sum : 0) + (ten + 2) * 10
    else if (word === 'hundred') sum = (sum || 1) * 100
    else if (word === 'thousand') sum = (sum || 1) * 1_000
    else if (word in exact && !open) {
      found.add(exact[word]!)
      if (word === 'dozen' || word === 'couple') continue
      sum = word === 'a' || word === 'an' ? 1 : 0
      continue
    } else if (word === 'and' && open) continue
    else {
      sum = 0
      open = false
      continue
    }
    open = true
    found.add(sum)
  }
  return found
}

/**
 * Does a value stand in the text, so that a model can know it? Strings verbatim (or in parts, as owner/name from two
 * context fields, without an operator as in >10 and *.deb, or by a declared synonym), integers in digits or words; enums are understood, not copied.
 */
export function stands(arg: Arg, value: string | number, text: string): boolean {
  if (arg.type === 'enum' || String(value) === arg.default) return true
  if (typeof value === 'number') return numbersIn(text).has(value)
  if (holds(text, value) || holds(text, value.replace(/\s+/g, ' ').trim())) return true
  const words = text.toLowerCase()
  if (value === '@me' && /\b(me|my|mine|myself|i|i'm|i've)\b/.test(words)) return true
  if (synonymsOf(arg, value).some((synonym) => synonym !== '' && words.includes(synonym.toLowerCase()))) return true
  const core = value.replace(/^[<>=!~*]+|[-*]+$/g, '')
  if (core !== '' && holds(text, core)) return true
  if (arg.format === 'resource' && words.includes(value.toLowerCase().replace(/(?<=x|ss)es$|s$/, ''))) return true
  const parts = core.split(/[/:=@, ]+|\.\./).filter(Boolean)
  return parts.length > 1 && parts.every((part) => holds(text, part))
}

const wordCharacter = /[\p{L}\p{N}_]/u

/** Where the text has these words as words ("sync" does not stand in "async"); -1 for nowhere. Asked for every value of every row: no regular expression of its own for each. */
export function placeOf(text: string, words: string): number {
  let at = text.indexOf(words)
  while (words !== '' && at >= 0 && (wordCharacter.test(text[at - 1] ?? '') || wordCharacter.test(text[at + words.length] ?? ''))) at = text.indexOf(words, at + 1)
  return at
}
const holds = (text: string, words: string): boolean => placeOf(text, words) >= 0
