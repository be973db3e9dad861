import { indicatorsIn, markersIn, valuesIn } from './indicators.ts'
import type { AnalysisSchema } from './schema.ts'

/** What of a batch speaks for its analysis, by name; all numbers are counts or 0 and 1. */
export type Features = Record<string, number>

/**
 * Features of a batch as it is read: words of states ("indicator orders/start"), entities by type and which of them stand together
 * ("entities order + part"), urgency ("urgency high"), and the process ("mails", "second writer", "question", "deadline").
 */
export function featuresOf(schema: AnalysisSchema, text: string): Features {
  const lines = text.split('\n')
  const newest = lines.at(-1)!
  const found: Features = { mails: lines.length, words: text.split(/\s+/).length, 'second writer': Number(new Set(lines.map((line) => line.split(' | ')[0])).size > 1), question: Number(newest.includes('?')), deadline: Number(/\b(?:by|until|before|no later than|due)\s+\S/i.test(newest)) }
  for (const [state, words] of Object.entries(indicatorsIn(schema, newest))) found[`indicator ${state}`] = words.length
  const types = new Map<string, Set<string>>()
  for (const { type, value } of valuesIn(schema, text)) types.set(type, (types.get(type) ?? new Set()).add(value))
  for (const [type, values] of types) found[`entities ${type}`] = values.size
  const names = [...types.keys()].sort()
  names.forEach((one, i) => names.slice(i + 1).forEach((other) => (found[`entities ${one} + ${other}`] = 1)))
  for (const priority of schema.priorities) {
    const words = markersIn(schema, priority, newest)
    if (words.length) found[`urgency ${priority.name}`] = words.length
  }
  return found
}

export interface Importance {
  feature: string
  /** Mutual information with the label, in bits. */
  bits: number
  /** Share of the batches that have it. */
  share: number
}

/** Of each feature, which batches have it: counts above their median against the rest. */
export type Columns = ReadonlyMap<string, Uint8Array>

export function columnsOf(batches: readonly Features[]): Columns {
  const names = new Set(batches.flatMap((features) => Object.keys(features)))
  return new Map([...names].map((name) => {
    const values = batches.map((features) => features[name] ?? 0)
    const middle = values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0
    return [name, Uint8Array.from(values, (value) => Number(value > middle))]
  }))
}

/**
 * Features by how much they tell of a label (mutual information), the most telling first. What every batch has alike, or hardly one, tells
 * nothing.
 * @param labels one a batch; those without one are left out
 */
export function rankColumns(columns: Columns, labels: readonly (string | undefined)[]): Importance[] {
  const names = [...new Set(labels)].filter((label) => label !== undefined)
  const numbers = labels.map((label) => (label === undefined ? -1 : names.indexOf(label)))
  const marginals = names.map((_, number) => numbers.filter((each) => each === number).length)
  const n = marginals.reduce((sum, count) => sum + count, 0)
  const ranked = [...columns].map(([feature, column]): Importance => {
    const both = new Uint32Array(names.length)
    numbers.forEach((number, i) => {
      if (number >= 0) both[number]! += column[i]!
    })
    const share = both.reduce((sum, count) => sum + count, 0) / n
    let bits = 0
    for (const [number, count] of marginals.entries()) {
      const [p, joint] = [count / n, both[number]! / n]
      for (const [cell, marginal] of [[joint, share], [p - joint, 1 - share]] as const) if (cell > 0 && marginal > 0) bits += cell * Math.log2(cell / (p * marginal))
    }
    return { feature, bits: Math.round(bits * 1e4) / 1e4, share: Math.round(share * 1e4) / 1e4 }
  })
  return ranked.sort((a, b) => b.bits - a.bits || (a.feature < b.feature ? -1 : 1))
}

export const rankFeatures = (rows: readonly { features: Features; label: string }[]): Importance[] => rankColumns(columnsOf(rows.map(({ features }) => features)), rows.map(({ label }) => label))
