/** A closed interval of rates, 0 to 1. */
export type Interval = [low: number, high: number]

/** 97.5% quantile of the normal distribution: two-sided 95%. */
const z95 = 1.959964
/** Two-sided 99.9%. */
export const z999 = 3.290527

/** Wilson's score interval for one rate, 95% (Wilson 1927): honest for small n and near 0 and 1; [0, 1] without rows. */
export function wilson(right: number, n: number, z = z95): Interval {
  if (n === 0) return [0, 1]
  const p = right / n
  const centre = p + (z * z) / (2 * n)
  const spread = z * Math.sqrt((p * (1 - p) + (z * z) / (4 * n)) / n)
  const scale = 1 + (z * z) / n
  // At the ends the formula is exactly 0 and 1, but for rounding.
  return [right === 0 ? 0 : (centre - spread) / scale, right === n ? 1 : (centre + spread) / scale]
}

/**
 * Exact McNemar test for two models on the same rows: two-sided binomial over the rows that only one of them answers well.
 * @returns the probability of a split at least this uneven if both were equally good
 */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond
  if (n === 0) return 1
  const fewer = Math.min(onlyFirst, onlySecond)
  // In logarithms: binomial coefficients of a thousand rows overflow.
  let logTerm = -n * Math.LN2
  let tail = Math.exp(logTerm)
  for (let k = 1; k <= fewer; k++) {
    logTerm += Math.log(n - k + 1) - Math.log(k)
    tail += Math.exp(logTerm)
  }
  return Math.min(1, 2 * tail)
}

/**
 * Difference of two rates on the same rows, 95%: Wald's interval after half a row is added to each cell, which holds its level for few
 * rows too (Agresti and Min 2005). @returns first − second, −1 to 1
 */
export function pairedDifference(onlyFirst: number, onlySecond: number, n: number, z = z95): Interval {
  const [b, c, all] = [onlyFirst + 0.5, onlySecond + 0.5, n + 2]
  const spread = (z * Math.sqrt(b + c - (b - c) ** 2 / all)) / all
  return [Math.max(-1, (b - c) / all - spread), Math.min(1, (b - c) / all + spread)]
}

/** Two ways of answering the same rows. */
export interface PairedRates {
  n: number
  /** First − second. */
  points: number
  /** Of the points, 95%. */
  interval: Interval
  only_first: number
  only_second: number
  /** Exact McNemar. */
  p_value: number
}

/** @param pairs of each row, whether the first way and whether the second is right */
export function pairedRates(pairs: readonly (readonly [boolean, boolean])[]): PairedRates {
  const onlyFirst = pairs.filter(([first, second]) => first && !second).length
  const onlySecond = pairs.filter(([first, second]) => second && !first).length
  return pairedCounts(onlyFirst, onlySecond, pairs.length)
}

/** The same from the rows that only one of them answers rightly. */
export function pairedCounts(onlyFirst: number, onlySecond: number, n: number): PairedRates {
  return { n, points: (100 * (onlyFirst - onlySecond)) / Math.max(1, n), interval: inPoints(pairedDifference(onlyFirst, onlySecond, n)), only_first: onlyFirst, only_second: onlySecond, p_value: mcnemar(onlyFirst, onlySecond) }
}

export const inPoints = ([low, high]: Interval): Interval => [100 * low, 100 * high]

/**
 * Fisher's exact test for two groups of other rows, one-sided (Fisher 1935).
 * @returns the probability of so many hits or more in the first group if both had the same rate, all hits given
 */
export function fisher(first: { hits: number; n: number }, second: { hits: number; n: number }): number {
  const [all, hits] = [first.n + second.n, first.hits + second.hits]
  const whole = logChoose(all, first.n)
  let tail = 0
  for (let k = first.hits; k <= Math.min(first.n, hits); k++) if (first.n - k <= all - hits) tail += Math.exp(logChoose(hits, k) + logChoose(all - hits, first.n - k) - whole)
  return Math.min(1, tail)
}

/** Logarithm of the ways to choose k of n. */
function logChoose(n: number, k: number): number {
  let sum = 0
  for (let i = 1; i <= Math.min(k, n - k); i++) sum += Math.log(n - i + 1) - Math.log(i)
  return sum
}

/** Holm's step-down correction: adjusted p-values, in the order given, for many tests at once (Holm 1979). */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
  const adjusted = new Array<number>(pValues.length)
  let largest = 0
  for (const [rank, { p, index }] of order.entries()) {
    largest = Math.max(largest, Math.min(1, p * (pValues.length - rank)))
    adjusted[index] = largest
  }
  return adjusted
}

/**
 * Percentile bootstrap of the share of right rows, 95%, drawing whole clusters: paraphrases of one intent are no independent rows.
 * Deterministic.
 */
export function bootstrapByCluster(rows: readonly { cluster: string; right: boolean }[], draws = 1000): Interval {
  if (rows.length === 0) return [0, 1]
  const clusters = new Map<string, { n: number; right: number }>()
  for (const { cluster, right } of rows) {
    const known = clusters.get(cluster) ?? { n: 0, right: 0 }
    clusters.set(cluster, { n: known.n + 1, right: known.right + Number(right) })
  }
  const list = [...clusters.values()]
  const random = randomFrom(list.length)
  const rates = Array.from({ length: draws }, () => {
    let n = 0
    let right = 0
    for (let i = 0; i < list.length; i++) {
      const cluster = list[Math.floor(random() * list.length)]!
      n += cluster.n
      right += cluster.right
    }
    return right / n
  }).sort((a, b) => a - b)
  return [rates[Math.floor(0.025 * draws)]!, rates[Math.ceil(0.975 * draws) - 1]!]
}

/** Deterministic numbers in [0, 1) (mulberry32, public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** The smallest value that at least `share` of the values do not exceed; 0 without values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/**
 * Difference of two rates on rows of which only the counts are known, 95%: Newcombe's hybrid of two Wilson intervals (Newcombe 1998). On the same rows it
 * is wider than need be. @returns first − second, −1 to 1
 */
export function rateDifference(first: { right: number; n: number }, second: { right: number; n: number }): Interval {
  const [p, q] = [first.right / Math.max(1, first.n), second.right / Math.max(1, second.n)]
  const [[l1, u1], [l2, u2]] = [wilson(first.right, first.n), wilson(second.right, second.n)]
  return [p - q - Math.hypot(p - l1, u2 - q), p - q + Math.hypot(u1 - p, q - l2)]
}

/** 97.5% quantiles of Student's t by degrees of freedom, from 1. */
const t975 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086]

/** Student's interval for the mean of at least two measurements, 95%. */
export function meanInterval(values: readonly number[]): Interval {
  const middle = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)
  const spread = (t975[Math.min(values.length - 1, t975.length) - 1] ?? Infinity) * Math.sqrt(variance / values.length)
  return [middle - spread, middle + spread]
}

/** 0 without values. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
