import { z } from 'zod'
import { InputError } from '../errors.ts'

/** Maps the model's raw score, a probability, to how often answers with such a score are right. */
export const Calibration = z.discriminatedUnion('method', [
  /** No calibration data: the score as it is. */
  z.object({ method: z.literal('identity') }),
  /** Platt: 1 / (1 + exp(-(slope · logit(score) + intercept))). */
  z.object({ method: z.literal('platt'), slope: z.number(), intercept: z.number(), rows: z.number() }),
  /** Isotonic: straight lines between the points, flat outside; both lists ascend. */
  z.object({ method: z.literal('isotonic'), scores: z.array(z.number()).min(1), confidences: z.array(z.number()).min(1), rows: z.number() }),
])
export type Calibration = z.infer<typeof Calibration>

export const uncalibrated: Calibration = { method: 'identity' }

export interface Scored {
  /** Product of token probabilities, 0 to 1. */
  score: number
  correct: boolean
}

/** From here on isotonic regression has enough rows not to overfit; below, Platt's two numbers. */
const isotonicFrom = 1_000

/**
 * Fits on rows that neither training nor test has seen.
 * @throws InputError without rows
 */
export function fitCalibration(rows: Scored[]): Calibration {
  if (rows.length === 0) throw new InputError('Calibration needs rows; the calibration split is empty. Generate more examples.')
  return rows.length < isotonicFrom ? fitPlatt(rows) : fitIsotonic(rows)
}

/** @returns calibrated confidence, 0 to 1; monotonic in the score */
export function calibrate(calibration: Calibration, score: number): number {
  if (!(score > 0)) return 0 // an answer that was cut, or NaN
  if (calibration.method === 'identity') return Math.min(1, score)
  if (calibration.method === 'platt') return sigmoid(calibration.slope * logit(score) + calibration.intercept)
  const { scores, confidences } = calibration
  const above = scores.findIndex((s) => s >= score)
  if (above === -1) return confidences.at(-1)!
  if (above === 0) return confidences[0]!
  const share = (score - scores[above - 1]!) / (scores[above]! - scores[above - 1]!)
  return confidences[above - 1]! + share * (confidences[above]! - confidences[above - 1]!)
}

/**
 * Platt's method with his smoothed targets (Platt 1999, "Probabilistic outputs for support vector machines"), so that
 * rows that are all right do not give infinite confidence. Newton's method on the log-loss; slope kept ≥ 0.
 */
function fitPlatt(rows: Scored[]): Calibration {
  const right = rows.filter((row) => row.correct).length
  const high = (right + 1) / (right + 2)
  const low = 1 / (rows.length - right + 2)
  const points = rows.map((row) => ({ x: logit(row.score), y: row.correct ? high : low }))
  const solve = (withSlope: boolean) => {
    let slope = withSlope ? 1 : 0
    let intercept = 0
    const loss = (a: number, b: number) => points.reduce((sum, { x, y }) => sum + softplus(a * x + b) - y * (a * x + b), 0)
    for (let step = 0; step < 100; step++) {
      let ga = 0, gb = 0, haa = 1e-9, hab = 0, hbb = 1e-9
      for (const { x, y } of points) {
        const p = sigmoid(slope * x + intercept)
        const w = p * (1 - p)
        ga += (p - y) * x
        gb += p - y
        haa += w * x * x
        hab += w * x
        hbb += w
      }
      const determinant = withSlope ? haa * hbb - hab * hab : 1
      const da = withSlope ? (hbb * ga - hab * gb) / determinant : 0
      const db = withSlope ? (haa * gb - hab * ga) / determinant : gb / hbb
      // Halve the step until it helps: Newton alone can overshoot on separable rows.
      let size = 1
      const before = loss(slope, intercept)
      while (size > 1e-6 && !(loss(slope - size * da, intercept - size * db) <= before)) size /= 2
      slope -= size * da
      intercept -= size * db
      if (size <= 1e-6 || Math.abs(da) + Math.abs(db) < 1e-9) break
    }
    return { slope, intercept }
  }
  let { slope, intercept } = solve(true)
  // A model that is surer where it is wrong gets one constant confidence, never an upside-down one.
  if (!(slope >= 0) || !Number.isFinite(intercept)) ({ slope, intercept } = solve(false))
  return { method: 'platt', slope, intercept, rows: rows.length }
}

/** Pool adjacent violators; each pool becomes one point at its mean score. */
function fitIsotonic(rows: Scored[]): Calibration {
  const pools: { score: number; right: number; count: number }[] = []
  for (const { score, correct } of [...rows].sort((a, b) => a.score - b.score)) {
    pools.push({ score, right: Number(correct), count: 1 })
    while (pools.length > 1) {
      const [left, last] = pools.slice(-2) as [(typeof pools)[0], (typeof pools)[0]]
      const sameScore = left.score === last.score
      if (!sameScore && left.right / left.count < last.right / last.count) break
      pools.splice(-2, 2, { score: (left.score * left.count + last.score * last.count) / (left.count + last.count), right: left.right + last.right, count: left.count + last.count })
    }
  }
  // Laplace's rule, by pool: a pool of five right answers is no certainty. Sorted again, since it may cross neighbours.
  const confidences = pools.map((pool) => (pool.right + 1) / (pool.count + 2)).sort((a, b) => a - b)
  return { method: 'isotonic', scores: pools.map((pool) => pool.score), confidences, rows: rows.length }
}

export interface ReliabilityBin {
  from: number
  to: number
  count: number
  /** Mean confidence and share of right answers; NaN-free: 0 when empty. */
  confidence: number
  accuracy: number
}

/** Equal-width bins over confidence. */
export function reliability(rows: Scored[], bins = 15): ReliabilityBin[] {
  const result = Array.from({ length: bins }, (_, i) => ({ from: i / bins, to: (i + 1) / bins, count: 0, confidence: 0, accuracy: 0 }))
  for (const { score, correct } of rows) {
    const bin = result[Math.min(bins - 1, Math.floor(score * bins))]!
    bin.count++
    bin.confidence += score
    bin.accuracy += Number(correct)
  }
  return result.map((bin) => (bin.count ? { ...bin, confidence: bin.confidence / bin.count, accuracy: bin.accuracy / bin.count } : bin))
}

/** Expected calibration error, 0 (perfect) to 1 (Guo et al. 2017, 15 equal-width bins). */
export function expectedCalibrationError(rows: Scored[], bins = 15): number {
  if (rows.length === 0) return 0
  return reliability(rows, bins).reduce((sum, bin) => sum + (bin.count / rows.length) * Math.abs(bin.confidence - bin.accuracy), 0)
}

/** Probability that a right answer scores above a wrong one, ties half; undefined when all are right or all are wrong. */
export function auroc(rows: Scored[]): number | undefined {
  const sorted = [...rows].sort((a, b) => a.score - b.score)
  const right = rows.filter((row) => row.correct).length
  const wrong = rows.length - right
  if (right === 0 || wrong === 0) return undefined
  let rankSum = 0
  for (let i = 0; i < sorted.length; ) {
    let j = i
    while (j < sorted.length && sorted[j]!.score === sorted[i]!.score) j++
    const rank = (i + 1 + j) / 2 // mean of the 1-based ranks i+1 … j
    for (let k = i; k < j; k++) if (sorted[k]!.correct) rankSum += rank
    i = j
  }
  return (rankSum - (right * (right + 1)) / 2) / (right * wrong)
}

export interface RiskPoint {
  /** Share of answers given, the surest first, 0 to 1. */
  coverage: number
  /** Share of wrong ones among them. */
  risk: number
  /** The score of the last one given. */
  score: number
}

/** One point per distinct score; `aurc`, the area under the curve (mean risk over coverage), is 0 for perfect ranking without errors. */
export function riskCoverage(rows: Scored[]): { points: RiskPoint[]; aurc: number } {
  const sorted = [...rows].sort((a, b) => b.score - a.score)
  const points: RiskPoint[] = []
  let wrong = 0
  let area = 0
  sorted.forEach(({ score, correct }, i) => {
    wrong += Number(!correct)
    area += wrong / (i + 1)
    if (sorted[i + 1]?.score !== score) points.push({ coverage: (i + 1) / sorted.length, risk: wrong / (i + 1), score })
  })
  return { points, aurc: sorted.length ? area / sorted.length : 0 }
}

const sigmoid = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))
const softplus = (x: number) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)))

/** Clipped: a score of exactly 1 (rounded) is no infinite evidence. */
function logit(score: number): number {
  const p = Math.min(1 - 1e-7, Math.max(1e-7, score))
  return Math.log(p / (1 - p))
}
