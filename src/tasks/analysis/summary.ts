import type { Answer } from './answer.ts'
import { findEvent, type AnalysisSchema } from './schema.ts'

const slot = /\{([a-z][a-z0-9_]*)\}/g

/** The types that a pattern names. */
export const namedIn = (pattern: string): string[] => [...pattern.matchAll(slot)].map(([, type]) => type!)

/** A pattern with the first value of each type in it; what stands in brackets falls away where one is missing. So no fact gets in that the answer does not have. */
export function sentenceOf(pattern: string, entities: Readonly<Record<string, readonly string[]>>): string {
  const has = (part: string) => namedIn(part).every((type) => entities[type]?.length)
  const fill = (part: string) => part.replace(slot, (whole, type: string) => entities[type]?.[0] ?? whole)
  const text = pattern.replace(/\[([^[\]]*)\]/g, (_all, part: string) => (has(part) ? part : ''))
  return fill(text).replace(/ {2,}/g, ' ').replace(/\s+([.,:;])/g, '$1').trim()
}

/** The summary as people read it. */
export function summaryText(schema: AnalysisSchema, { summary, entities = {} }: Answer): string | undefined {
  if (typeof summary !== 'object') return summary
  const found = findEvent(schema, summary.pattern)
  return found && sentenceOf(found.event.summary, entities)
}
