import type { LearningVerdict, LossPoint } from './learning.ts'
import type { Report } from './report.ts'

export const trainingMetricsFile = 'training_metrics.json'

/** Of one training: everything that its trainer logged. */
export type Curves = Record<string, readonly LossPoint[]>

/** The content of training_metrics.json: how each stage was trained, and how fast the model answers. */
export interface TrainingMetrics {
  name: string
  kind: string
  base: string
  seed: number
  created: string
  /** The stage whose model ships. */
  chosen: string
  /** Seconds of all trainings together, where all say so. */
  seconds: number | null
  /** By stage, the trainer's own figures: seconds, tokens, tokens_per_second, losses, perplexity, device … */
  stages: Record<string, Record<string, number | string>>
  /** By stage, every logged step; phases of one stage follow each other. */
  curves: Curves
  learning: Record<string, LearningVerdict>
  /** Latency in ms of the file that ships, one user at a time, on the rows of the headline. */
  inference: { rows: string; n: number; latency_ms: { p50: number; p95: number }; quant: string; bytes: number }
}

export function trainingMetrics(report: Report, curves: Curves): TrainingMetrics {
  const { name, kind, base, seed, created, chosen, training, learning = {}, scores, quant, model } = report
  const stages = Object.fromEntries(Object.entries(training).map(([stage, of]) => [stage, figuresOf(of)]).filter(([, of]) => Object.keys(of!).length > 0)) as TrainingMetrics['stages']
  const seconds = Object.keys(curves).map((stage) => stages[stage]?.seconds)
  const headline = scores.golden ?? scores.test
  return {
    name, kind, base, seed, created, chosen,
    seconds: seconds.every((of) => typeof of === 'number') ? Number(seconds.reduce((sum, of) => sum + of, 0).toFixed(1)) : null,
    stages, curves, learning,
    inference: { rows: scores.golden ? 'golden' : 'test', n: headline.n, latency_ms: headline.latency_ms, quant, bytes: model.bytes },
  }
}

/** Numbers and short words; what a trainer shows of a row is no figure. */
function figuresOf(of: unknown): Record<string, number | string> {
  return Object.fromEntries(Object.entries((of ?? {}) as Record<string, unknown>).filter((entry): entry is [string, number | string] => typeof entry[1] === 'number' || (typeof entry[1] === 'string' && entry[1].length <= 60)))
}
