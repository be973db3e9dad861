import { quantile } from './intervals.ts'
import type { Judged } from './judge.ts'

/** Tokens of the model, the whole prompt and the answer without its end. */
export interface TokenCounts {
  prompt: number
  answer: number
}

/** Medians over the rows that were answered; 0 without any. */
export function tokensOf(rows: readonly Judged[]): TokenCounts {
  const counts = rows.flatMap(({ tokens }) => tokens ?? [])
  return { prompt: quantile(counts.map(({ prompt }) => prompt), 0.5), answer: quantile(counts.map(({ answer }) => answer), 0.5) }
}
