import { escapeRegExp } from '../../text.ts'
import { placedEvents, type AnalysisSchema, type Priority } from './schema.ts'

interface Indicators {
  byState: Map<string, RegExp>
  markers: Map<string, RegExp>
  values: { type: string; pattern: RegExp }[]
}

const known = new WeakMap<AnalysisSchema, Indicators>()

/** Whole words or phrases, whatever their letter case; matches nothing where there are none. */
const anyOf = (phrases: readonly string[]): RegExp => (phrases.length ? new RegExp(`(?<![\\p{L}\\p{N}])(?:${[...phrases].sort((a, b) => b.length - a.length).map(escapeRegExp).join('|')})(?![\\p{L}\\p{N}])`, 'giu') : /(?!)/g)

function indexed(schema: AnalysisSchema): Indicators {
  let found = known.get(schema)
  if (!found) {
    found = {
      byState: new Map(placedEvents(schema).map(({ state, indicators }) => [state, anyOf(indicators)])),
      markers: new Map(schema.priorities.map(({ name, markers }) => [name, anyOf(markers)])),
      values: schema.entities.flatMap(({ name, patterns }) => patterns.map((pattern) => ({ type: name, pattern: new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`, 'gu') }))),
    }
    known.set(schema, found)
  }
  return found
}

/** Words of the text that speak for states, by state. */
export function indicatorsIn(schema: AnalysisSchema, text: string): Record<string, string[]> {
  const out: Record<string, string[]> = {}
  for (const [state, pattern] of indexed(schema).byState) {
    const words = text.match(pattern)
    if (words) out[state] = words.map((word) => word.toLowerCase())
  }
  return out
}

/** Words of the text that settle a priority. */
export const markersIn = (schema: AnalysisSchema, { name }: Priority, text: string): string[] => (text.match(indexed(schema).markers.get(name)!) ?? []).map((word) => word.toLowerCase())

/** Values that surely are entities by the schema's patterns, in the order of the text; of two that overlap the longer. */
export function valuesIn(schema: AnalysisSchema, text: string): { type: string; value: string; index: number }[] {
  const found = indexed(schema).values.flatMap(({ type, pattern }) => [...text.matchAll(pattern)].map(({ 0: value, index }) => ({ type, value, index })))
  const kept: typeof found = []
  // Which characters belong to a value: a long mail has thousands of values, too many to hold each against each.
  const taken = new Uint8Array(text.length)
  for (const each of found.sort((a, b) => b.value.length - a.value.length)) {
    const end = each.index + each.value.length
    if (each.value === '' || taken.subarray(each.index, end).includes(1)) continue
    taken.fill(1, each.index, end)
    kept.push(each)
  }
  return kept.sort((a, b) => a.index - b.index)
}

/** How much a sentence says: words of states and priorities, and values. */
export const speaking = (schema: AnalysisSchema, text: string): number =>
  Object.values(indicatorsIn(schema, text)).flat().length + schema.priorities.flatMap((priority) => markersIn(schema, priority, text)).length + 2 * valuesIn(schema, text).length
