import { InputError } from '../../errors.ts'
import { escapeRegExp, shown } from '../../text.ts'
import { numbersIn } from '../numbers.ts'
import { isRecord, type Json } from '../tools/json.ts'

/** Where a parameter's value stands in the raw input, in UTF-16 units; the end is not part of it. */
export interface Boundary {
  parameter: string
  start: number
  end: number
}

/** Values of a command where they stand in its raw input; what stands nowhere (implied, from the context) is left out. */
export function boundariesOf(raw: string, parameters: Record<string, Json>): Boundary[] {
  return Object.entries(parameters).flatMap(([parameter, value]): Boundary[] => {
    if (typeof value === 'object') return []
    const found = new RegExp(`(?<![\\p{L}\\p{N}_])${escapeRegExp(String(value))}(?![\\p{L}\\p{N}_])`, 'iu').exec(raw)
    return found ? [{ parameter, start: found.index, end: found.index + found[0].length }] : []
  }).sort((a, b) => a.start - b.start)
}

/** A tag for each word of the raw input: `B-path` where a value begins, `I-path` inside of it, `O` elsewhere. */
export function entityTags(raw: string, boundaries: readonly Boundary[]): { word: string; tag: string }[] {
  return [...raw.matchAll(/\S+/g)].map(({ 0: word, index }) => {
    const inside = boundaries.find(({ start, end }) => index < end && index + word.length > start)
    return { word, tag: inside ? `${inside.start >= index ? 'B' : 'I'}-${inside.parameter}` : 'O' }
  })
}

/** 0 to 1: half for as many as five parameters, a third for 20 words, the rest for what only the context tells. */
export function complexityScore(raw: string, parameters: Record<string, Json>): number {
  const all = Object.keys(parameters).length
  const unsaid = all - boundariesOf(raw, parameters).length
  const words = raw.split(/\s+/).filter(Boolean).length
  return Math.round(100 * (0.5 * Math.min(1, all / 5) + 0.33 * Math.min(1, words / 20) + 0.17 * Math.min(1, unsaid / 2))) / 100
}

/** Boundaries that a record brings along must hold the values they are said to hold. @throws InputError */
export function checkBoundaries(raw: string, parameters: Record<string, unknown>, given: unknown): void {
  if (given === undefined || given === null) return
  const list = Array.isArray(given) ? given : [given]
  for (const each of list) {
    if (!isRecord(each) || typeof each.parameter !== 'string' || !Number.isInteger(each.start) || !Number.isInteger(each.end)) throw new InputError(`expected "parameter_boundaries" as [{"parameter", "start", "end"}], found ${shown(each)}.`)
    const value = parameters[each.parameter]
    const there = raw.slice(each.start as number, each.end as number)
    if (value === undefined || there === '') throw new InputError(`expected the boundaries of a parameter in the raw input, found ${shown(each)}.`)
    if (!saysValue(there, value)) throw new InputError(`expected the boundaries of ${shown(each.parameter)} around ${shown(value)}, found ${shown(there)} there; mend its start or end.`)
  }
}

/** Does this stretch of the raw input say the value: in its own letters, in quotes, or a number in words? */
function saysValue(there: string, value: unknown): boolean {
  const plain = (text: string) => text.trim().replace(/^(["'`])(.*)\1$/s, '$2').replace(/\s+/g, ' ').toLowerCase()
  return plain(there) === plain(String(value)) || (typeof value === 'number' && numbersIn(there).has(value))
}
