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

/**
 * Features by how much they tell of a label (mutual information; counts above their median against the rest), the most telling first. What
 * every batch has alike, or hardly one, tells nothing.
 */
export function rankFeatures(rows: readonly { features: Features; label: string }[]): Importance[] {
  const n = rows.length
  const labels = Map.groupBy(rows, ({ label }) => label)
  const names = new Set(rows.flatMap(({ features }) => Object.keys(features)))
  const ranked = [...names].map((feature): Importance => {
    const values = rows.map(({ features }) => features[feature] ?? 0)
    const middle = [...values].sort((a, b) => a - b)[Math.floor((n - 1) / 2)] ?? 0
    const has = (features: Features) => (features[feature] ?? 0) > middle
    const share = rows.filter(({ features }) => has(features)).length / n
    let bits = 0
    for (const list of labels.values()) {
      const p = list.length / n
      const both = list.filter(({ features }) => has(features)).length / n
      for (const [joint, marginal] of [[both, share], [p - both, 1 - share]] as const) if (joint > 0 && marginal > 0) bits += joint * Math.log2(joint / (p * marginal))
    }
    return { feature, bits: Math.round(bits * 1e4) / 1e4, share: Math.round(share * 1e4) / 1e4 }
  })
  return ranked.sort((a, b) => b.bits - a.bits || (a.feature < b.feature ? -1 : 1))
}
