import { z } from 'zod'
import { InputError } from '../errors.ts'
import { type FigureBound, GateBounds, type SchemaGates } from '../tasks/gates.ts'
import type { Section } from './evaluate.ts'
import { percent } from './format.ts'
import type { FigureGate, Gates } from './report.ts'
import type { Robustness } from './robustness.ts'

/** Most points that perturbations may cost, and the least share of swapped values that must be followed. */
export const robustnessBounds = { pointsLost: 5, followed: 0.95 }

/** @param config the content of eval_config.yaml @throws InputError */
export function readGateBounds(config: unknown): GateBounds {
  const parsed = z.strictObject({ gates: GateBounds.nullish() }).safeParse(config ?? {})
  if (parsed.success) return parsed.data.gates ?? {}
  const [issue] = parsed.error.issues
  throw new InputError(`training/configs/eval_config.yaml: ${issue!.path.join('.') || 'the file'}: ${issue!.message}. Expected gates: {target: 0 to 1 or null, latency_p95_ms: milliseconds or null}.`)
}

/** What the configuration and the schema demand together: the stricter of two. */
export function demanded(bounds: GateBounds, { target, latency_p95_ms, figures }: SchemaGates = { figures: [] }): SchemaGates {
  const stated = (...values: (number | null | undefined)[]) => values.filter((value) => typeof value === 'number')
  const [targets, budgets] = [stated(bounds.target, target), stated(bounds.latency_p95_ms, latency_p95_ms)]
  return { target: targets.length ? Math.max(...targets) : null, latency_p95_ms: budgets.length ? Math.min(...budgets) : null, figures }
}

type PromotionGates = Pick<Gates, 'robustness' | 'target' | 'latency' | 'figures'>
type Headline = Pick<Section, 'interval' | 'latency_ms' | 'metrics'> & { n?: number }

/** Gates that keep a model from replacing a champion; the others end the evaluation. @param headline the golden set's section where there is one, else the test split's */
export function promotionGates(bounds: GateBounds & Partial<SchemaGates>, headline: Headline, robustness: Pick<Robustness, 'passed' | 'points_lost' | 'swaps'>): PromotionGates {
  const [lower] = headline.interval
  const { p95 } = headline.latency_ms
  const target = bounds.target ?? null
  const budget = bounds.latency_p95_ms ?? null
  const figures = Object.fromEntries((bounds.figures ?? []).map(({ name, figure, bound }) => [name, figureGate(figure, bound, headline)]))
  return {
    robustness: { passed: robustness.passed, points_lost: robustness.points_lost, followed: robustness.swaps.followed },
    target: { passed: target === null ? null : lower >= target, lower, target },
    latency: { passed: budget === null ? null : p95 <= budget, p95, budget },
    ...(bounds.figures?.length && { figures }),
  }
}

/** A figure that no row tells of is not reached: nobody has seen that it is. */
export function figureGate(figure: string, bound: FigureBound, { metrics, n = 0 }: Pick<Headline, 'metrics' | 'n'>): FigureGate {
  const found = metrics?.[figure]
  const value = found?.served ?? null
  return { figure, bound, value, n: found ? (found.n ?? n) : 0, passed: value !== null && keeps(value, bound) }
}

const keeps = (value: number, { min = 0, above = -1, max = 1, below = 2 }: FigureBound) => value >= min && value > above && value <= max && value < below

/** "above 90.0%", "at least 80.0%" */
export const boundWords = ({ min, above, max, below }: FigureBound): string =>
  Object.entries({ 'at least': min, above, 'at most': max, below }).flatMap(([words, value]) => (value === undefined ? [] : `${words} ${percent(value)}`)).join(' and ')

/** "accuracy (state) is 88.4%" */
export const figureWords = ({ figure, value }: FigureGate): string => (value === null ? `no row tells ${figure}` : `${figure} is ${percent(value)}`)

/** By figure that is not what its bound demands, why. */
export const failedFigures = (figures: Readonly<Record<string, FigureGate>>): Record<string, string> =>
  Object.fromEntries(Object.entries(figures).flatMap(([name, gate]) => (gate.passed ? [] : [[name, `${figureWords(gate)}, ${boundWords(gate.bound)} is demanded`]])))

/** Of a model that is not robust, what it lacks. @param followed share of exchanged values */
export function robustnessWords(points_lost: number, followed: number): string {
  const wordings = points_lost > robustnessBounds.pointsLost && `other wordings cost ${points_lost.toFixed(1)} points, ${robustnessBounds.pointsLost} are allowed`
  const values = followed < robustnessBounds.followed && `${percent(followed)} of exchanged values were followed, ${percent(robustnessBounds.followed, 0)} must be`
  return [wordings, values].filter((reason) => reason !== false).join(', ')
}

/** By gate, why a model does not pass it. */
export function failedGates({ target, latency, robustness, figures = {} }: PromotionGates): Record<string, string> {
  return {
    ...(target.passed === false && { target: `the score's interval begins at ${percent(target.lower)}, the target is ${percent(target.target!)}` }),
    ...(latency.passed === false && { latency: `95 of 100 answers take up to ${latency.p95.toFixed(1)} ms, the budget is ${latency.budget} ms` }),
    ...failedFigures(figures),
    ...(!robustness.passed && { robustness: robustnessWords(robustness.points_lost, robustness.followed) }),
  }
}
