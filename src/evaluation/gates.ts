import { z } from 'zod'
import { InputError } from '../errors.ts'
import type { Section } from './evaluate.ts'
import { percent } from './format.ts'
import type { Gates } from './report.ts'
import type { Robustness } from './robustness.ts'

/** Most points that perturbations may cost, and the least share of swapped values that must be followed. */
export const robustnessBounds = { pointsLost: 5, followed: 0.95 }

/** Bounds that a person sets; what is left out or null is reported and not enforced. */
export const GateBounds = z.strictObject({
  /** Least lower end of the headline's 95% interval (Wilson), 0 to 1. */
  target: z.number().min(0).max(1).nullish(),
  latency_p95_ms: z.number().positive().nullish(),
})
export type GateBounds = z.infer<typeof GateBounds>

/** @param config the content of eval_config.yaml @throws InputError */
export function readGateBounds(config: unknown): GateBounds {
  const parsed = z.strictObject({ gates: GateBounds.nullish() }).safeParse(config ?? {})
  if (parsed.success) return parsed.data.gates ?? {}
  const [issue] = parsed.error.issues
  throw new InputError(`training/configs/eval_config.yaml: ${issue!.path.join('.') || 'the file'}: ${issue!.message}. Expected gates: {target: 0 to 1 or null, latency_p95_ms: milliseconds or null}.`)
}

type PromotionGates = Pick<Gates, 'robustness' | 'target' | 'latency'>

/** Gates that keep a model from replacing a champion; the others end the evaluation. */
export function promotionGates(bounds: GateBounds, headline: Pick<Section, 'interval' | 'latency_ms'>, robustness: Pick<Robustness, 'passed' | 'points_lost' | 'swaps'>): PromotionGates {
  const [lower] = headline.interval
  const { p95 } = headline.latency_ms
  const target = bounds.target ?? null
  const budget = bounds.latency_p95_ms ?? null
  return {
    robustness: { passed: robustness.passed, points_lost: robustness.points_lost, followed: robustness.swaps.followed },
    target: { passed: target === null ? null : lower >= target, lower, target },
    latency: { passed: budget === null ? null : p95 <= budget, p95, budget },
  }
}

/** By gate, why a model does not pass it. */
export function failedGates({ target, latency, robustness }: PromotionGates): Record<string, string> {
  const wordings = robustness.points_lost > robustnessBounds.pointsLost && `other wordings cost ${robustness.points_lost.toFixed(1)} points, ${robustnessBounds.pointsLost} are allowed`
  const values = robustness.followed < robustnessBounds.followed && `${percent(robustness.followed)} of exchanged values were followed, ${percent(robustnessBounds.followed, 0)} must be`
  return {
    ...(target.passed === false && { target: `the score's interval begins at ${percent(target.lower)}, the target is ${percent(target.target!)}` }),
    ...(latency.passed === false && { latency: `95 of 100 answers take up to ${latency.p95.toFixed(1)} ms, the budget is ${latency.budget} ms` }),
    ...(!robustness.passed && { robustness: [wordings, values].filter((reason) => reason !== false).join(', ') }),
  }
}
