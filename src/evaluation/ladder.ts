import { bootstrapByCluster, wilson, type Interval } from './intervals.ts'
import type { Judged } from './judge.ts'

/** The ladder of one set of rows, as rates. */
export interface Ladder {
  n: number
  /** Free decoding: parses and has the right shape, and ends by itself. With the grammar this figure would say nothing. */
  valid: number
  /** Free decoding: answers that end by the end-of-sequence token. */
  ended_by_eos: number
  /** Free decoding: everything in it stands in the schema. */
  allowed: number
  /** The headline: as served, the same meaning as the right answer. */
  equivalent: number
  /** Wilson, 95%. */
  interval: Interval
  /** Bootstrap over intents, 95%. */
  interval_by_intent: Interval
  /** Free decoding, equivalent. */
  equivalent_free: number
  /** The very string of the canonical answer. */
  exact_match: number
}

export function ladderOf(rows: readonly Judged[]): Ladder {
  const n = rows.length
  const count = (test: (row: Judged) => boolean | undefined) => rows.filter(test).length
  const rate = (test: (row: Judged) => boolean | undefined) => (n === 0 ? 0 : count(test) / n)
  const right = count(({ score }) => score.equivalent)
  return {
    n,
    valid: rate(({ free }) => free?.score.valid),
    ended_by_eos: rate(({ free }) => free?.ended),
    allowed: rate(({ free }) => free?.score.allowed),
    equivalent: n === 0 ? 0 : right / n,
    interval: wilson(right, n),
    interval_by_intent: bootstrapByCluster(rows.map(({ row, score }, index) => ({ cluster: row.intent ?? row.id ?? String(index), right: score.equivalent }))),
    equivalent_free: rate(({ free }) => free?.score.equivalent),
    exact_match: rate(({ exact }) => exact),
  }
}
