import { z } from 'zod'

const Range = z.tuple([z.number(), z.number()])

/** Of one model, or of several that vote. Rates are 0 to 1. */
export const Figures = z.object({
  equivalent: z.number(),
  /** Wilson, 95%. */
  interval: Range,
  /** Expected calibration error, 15 bins. */
  ece: z.number(),
  /** null when all answers are right, or none. */
  auroc: z.number().nullable(),
  /** Asked one question at a time, and by a vote one model after the other. */
  latency_ms: z.object({ p50: z.number(), p95: z.number() }),
})
export type Figures = z.infer<typeof Figures>

/** What a vote came to on one set of rows. */
export const EnsembleScore = z.object({
  n: z.int(),
  /** Each by itself, in the order of the versions. */
  members: z.array(Figures),
  ensemble: Figures,
  /** The vote − the first member. */
  difference: z.object({ n: z.int(), points: z.number(), interval: Range, only_first: z.int(), only_second: z.int(), p_value: z.number() }),
})
export type EnsembleScore = z.infer<typeof EnsembleScore>

/** The content of ensemble.json: versions that were asked the same rows, each by itself and all by a vote. */
export const EnsembleResults = z.object({
  name: z.string(),
  created: z.string(),
  command: z.string(),
  /** The first is the single model that the vote is compared with: the champion where it votes. */
  versions: z.array(z.object({
    version: z.int(),
    champion: z.boolean(),
    dataset: z.string(),
    /** Of its model's files. */
    bytes: z.int(),
  })),
  /** By set of rows; `left_out` are those that one of the versions was trained on, or on ones that read like them. */
  sets: z.record(z.string(), EnsembleScore.extend({ left_out: z.int() })),
})
export type EnsembleResults = z.infer<typeof EnsembleResults>
