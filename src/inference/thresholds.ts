import { z } from 'zod'

/** What `ask` does with an answer. */
export const Action = z.enum(['execute', 'confirm', 'clarify', 'ask'])
export type Action = z.infer<typeof Action>

/** Lowest calibrated confidence for each action; below `clarify` the person is asked to say it differently. */
export const Thresholds = z
  .object({ execute: z.number().min(0).max(1), confirm: z.number().min(0).max(1), clarify: z.number().min(0).max(1) })
  .refine((t) => t.execute >= t.confirm && t.confirm >= t.clarify, 'expected execute ≥ confirm ≥ clarify')
export type Thresholds = z.infer<typeof Thresholds>

/** The specification's. */
export const defaultThresholds: Thresholds = { execute: 0.9, confirm: 0.7, clarify: 0.5 }

/**
 * @param confidence calibrated, 0 to 1
 * @param executable false for clarifications: however sure the model is, those are shown and never run
 */
export function actionFor(confidence: number, executable: boolean, thresholds: Thresholds = defaultThresholds): Action {
  // Written so that NaN ends in `ask`.
  if (!(confidence >= thresholds.clarify)) return 'ask'
  if (!executable) return 'clarify'
  if (confidence >= thresholds.execute) return 'execute'
  return confidence >= thresholds.confirm ? 'confirm' : 'clarify'
}
