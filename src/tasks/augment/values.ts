import type { CopiedValue, Row } from '../../dataset/row.ts'
import type { Random } from '../../teacher/random.ts'
import { escapeRegExp } from '../../text.ts'
import { placeOf } from '../claimed.ts'
import { occurrences } from '../replaceable.ts'
import type { Variation } from './variation.ts'

/** What a family knows of the values of its rows. */
export interface Values<S> {
  copiedValues(schema: S, row: Row): readonly CopiedValue[]
  /** The answer in one form, its values where the output has them. @throws when the output does not validate */
  target(schema: S, output: string): string
  /** A made-up value of the kind of this one; undefined where none may stand for it. */
  other(schema: S, value: CopiedValue, r: Random): string | undefined
}

/** So many values are made up in place of one that the row has already, or that reads otherwise. */
const mostTries = 6

/**
 * Another value, the same in the words, in what stands beside them and in the answer. Only values that stand in both word for word, and in the answer
 * as nothing else (replaceable.ts): so the answer is right for the new ones by the same reading.
 */
export const valueSubstitution = <S>({ copiedValues, target, other }: Values<S>): Variation<S> => ({
  way: 'values',
  vary(schema, row, r) {
    const written = target(schema, row.output)
    const all = copiedValues(schema, row)
    const free = all.filter(({ value }) => isSaidAsOften(value, row.instruction, written))
    if (free.length === 0) return undefined
    const said = [row.instruction, JSON.stringify(row.context), written].join('\n')
    const fresh = new Map<string, string>()
    for (const value of r.sample(free, r.int(1, free.length))) {
      const made = another(value, { text: [said, ...fresh.values()].join('\n'), values: [...all.map((each) => each.value), ...fresh.values()] }, () => other(schema, value, r))
      if (made !== undefined) fresh.set(value.value, made)
    }
    if (fresh.size === 0) return undefined
    const instruction = exchanged(row.instruction, fresh)
    const context = exchangedIn(row.context, fresh) as Row['context']
    // As it is typed, a value may look otherwise than as it is read: then it stands there still.
    const now = `${instruction}\n${JSON.stringify(context)}`
    if ([...fresh].some(([old, made]) => occurrences(now, made) === 0 || occurrences(instruction, old) > 0)) return undefined
    return { ...row, instruction, context, output: withConfidenceOf(row.output, exchanged(written, new Map([...fresh].map(([old, made]) => [inJson(old), inJson(made)])))) }
  },
})

/** A number of as many digits, none of them 0 at an end. */
export function otherNumber(value: string, r: Random): string {
  const last = value.length - 1
  return value.replace(/\d/g, (_digit, at: number) => String(r.int(at === last || !/\d/.test(value[at - 1] ?? '') ? 1 : 0, 9)))
}

/** A plain word that is said more often than the answer has it ("open an issue titled open") is perhaps no value elsewhere. */
const isSaidAsOften = (value: string, instruction: string, written: string): boolean =>
  !/^[\p{L}\p{N}]+$/u.test(value) || occurrences(instruction.toLowerCase(), value.toLowerCase()) <= occurrences(written.toLowerCase(), value.toLowerCase())

/** A value that reads alike (one word for one word, no single letter, nothing that quotes would have to be put around), stands nowhere yet, and has no other value in it. */
function another({ value }: CopiedValue, taken: { text: string; values: readonly string[] }, make: () => string | undefined): string | undefined {
  const text = taken.text.toLowerCase()
  for (let attempt = 0; attempt < mostTries; attempt++) {
    const made = make()
    if (made === undefined || !/^(?:\d|.{2,})$/.test(made) || /\s/.test(made) !== /\s/.test(value) || /["'`\\]/.test(made)) continue
    const folded = made.toLowerCase()
    if (placeOf(text, folded) < 0 && !taken.values.some((each) => placeOf(folded, each.toLowerCase()) >= 0)) return made
  }
  return undefined
}

function exchanged(text: string, fresh: ReadonlyMap<string, string>): string {
  const longestFirst = [...fresh.keys()].sort((a, b) => b.length - a.length)
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}_])(?:${longestFirst.map(escapeRegExp).join('|')})(?![\\p{L}\\p{N}_])`, 'gu'), (value) => fresh.get(value)!)
}

function exchangedIn(value: unknown, fresh: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return exchanged(value, fresh)
  if (typeof value === 'number') return Number(fresh.get(String(value)) ?? value)
  if (Array.isArray(value)) return value.map((item) => exchangedIn(item, fresh))
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, exchangedIn(item, fresh)]))
  return value
}

const inJson = (value: string) => JSON.stringify(value).slice(1, -1)

/** An answer as trained on has none; a stored one may. */
function withConfidenceOf(output: string, written: string): string {
  const { confidence } = JSON.parse(output) as { confidence?: number }
  return confidence === undefined ? written : JSON.stringify({ ...(JSON.parse(written) as object), confidence })
}
