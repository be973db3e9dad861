import type { CopiedValue } from '../dataset/row.ts'

/** A value of an answer, with how often it stands there as one. */
export interface UsedValue extends CopiedValue {
  uses: number
}

/** Of an answer's values those that may be exchanged consistently: each stands as a whole word in the text, nowhere in the completion but as a value, and in no other of them. */
export function replaceable(values: readonly UsedValue[], text: string, completion: string): CopiedValue[] {
  return values
    .filter(({ value, uses }) => occurrences(text, value) > 0 && occurrences(completion, JSON.stringify(value).slice(1, -1)) === uses && !values.some((other) => other.value !== value && occurrences(other.value, value)))
    .map(({ value, kind }) => ({ value, kind }))
}

/** How often `part` stands in `text` as a whole word. */
export function occurrences(text: string, part: string): number {
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) {
    const inWord = (outer: string | undefined, inner: string | undefined) => /[\p{L}\p{N}_]/u.test(outer ?? '') && /[\p{L}\p{N}_]/u.test(inner ?? '')
    if (!inWord(text[at - 1], part[0]) && !inWord(text[at + part.length], part.at(-1))) count++
  }
  return count
}
