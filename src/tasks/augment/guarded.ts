import { guard } from '../../teacher/noise.ts'
import { numberWord } from '../../teacher/english.ts'
import { escapeRegExp } from '../../text.ts'
import { literals } from '../literals.ts'

/** The text with these values guarded from every change, whole words in any letter case, the longest first. */
export function guardValues(text: string, values: readonly string[]): string {
  const there = [...new Set(values)].filter(Boolean).sort((a, b) => b.length - a.length)
  if (there.length === 0) return text
  const anyValue = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${there.map(escapeRegExp).join('|')})(?![\\p{L}\\p{N}_])`, 'giu')
  return text.replace(anyValue, (value) => guard(value))
}

/** The same with all that a person may have written for them (a number in words, spaces for underscores), and with what can only be a value. */
export const guardSaid = (text: string, values: readonly string[]): string =>
  guardValues(text, [...values.flatMap((value) => [value, value.replaceAll('_', ' '), numberWord(Number(value)) ?? '']), ...literals(text)])
