import type { Random } from '../teacher/random.ts'

/** Part `i` of so many rows in equal parts; the first ones take what is left over. */
export const share = (rows: number, parts: number, i: number) => Math.floor(rows / parts) + (i < rows % parts ? 1 : 0)

/** Whole numbers in proportion to the weights, adding up to `rows`. */
export function shares(rows: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  let before = 0
  return weights.map((weight) => {
    const from = Math.round((rows * before) / whole)
    before += weight
    return Math.round((rows * before) / whole) - from
  })
}

/** Deals shuffled copies of a deck without end: every card comes equally often. */
export function endless<T>(r: Random, cards: T[]): () => T {
  let hand: T[] = []
  return () => {
    if (hand.length === 0) hand = r.shuffle(cards)
    return hand.pop()!
  }
}
