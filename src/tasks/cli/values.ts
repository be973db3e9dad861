import { placeOf } from '../claimed.ts'
import { numbersIn } from '../numbers.ts'
import { synonymsOf, type Arg } from './schema.ts'

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

const holds = (text: string, words: string): boolean => placeOf(text, words) >= 0
