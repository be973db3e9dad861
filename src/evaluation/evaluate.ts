import type { Hooks } from '../dataset/hooks.ts'
import type { Row } from '../dataset/row.ts'
import { leakThreshold } from '../dataset/split.ts'
import { askEach } from '../inference/ask-each.ts'
import { auroc, expectedCalibrationError, reliability, riskCoverage, type ReliabilityBin, type RiskPoint } from '../inference/calibration.ts'
import { type Predictor, unlessRefused } from '../inference/predictor.ts'
import { actionFor, defaultThresholds, type Action, type Thresholds } from '../inference/thresholds.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { thinned } from '../thinned.ts'
import { mean, quantile, wilson, type Interval } from './intervals.ts'
import { judge, type Judged, type JudgeOptions } from './judge.ts'
import { ladderOf, type Ladder } from './ladder.ts'
import { clarificationsOf, errorsByName, scoresBySlice, type Clarifications, type ErrorExample, type SliceScore } from './slices.ts'
import { tokensOf, type TokenCounts } from './tokens.ts'

/** What is known about a model after it answered one set of rows. Rates and confidences are 0 to 1. */
export interface Section extends Ladder {
  /** Rows whose errors may be read: all but a golden set's final half. */
  errors_read: number
  errors: Record<string, number>
  error_examples: Record<string, ErrorExample[]>
  slices: Record<string, Record<string, SliceScore>>
  clarification?: Clarifications
  /** Means of the family's own figures: as served, and of free decoding; `n` rows where a figure is not told of all. */
  metrics?: Record<string, { served: number; alone?: number; n?: number }>
  latency_ms: { p50: number; p95: number }
  /** Medians, a question. */
  tokens: TokenCounts
  /** Expected calibration error, 15 bins. */
  ece: number
  /** null when all answers are right, or none. */
  auroc: number | null
  reliability: ReliabilityBin[]
  risk_coverage: RiskPoint[]
  /** What the thresholds would do: right and wrong answers in each action. */
  thresholds: Record<Action, { right: number; wrong: number }>
  /** Equivalent rate of answering with the nearest training row's answer; null without training rows. */
  baseline: number | null
  /** Equivalent rate of the family's own search without a model; absent where it has none. */
  search?: number
  /** Score on the half of the rows that lies farthest from the training rows. */
  far_half: { n: number; equivalent: number; interval: Interval; baseline: number } | null
  /** Rows so near a training row that the leakage gate would refuse them: their score tells what was learned by heart. null without training rows. */
  near_training: number | null
}

export interface EvaluateOptions extends Omit<JudgeOptions, 'free'> {
  predictor: Predictor
  rows: readonly Row[]
  thresholds?: Thresholds
}

/** So many answers tell a latency. */
const timedRows = 150

/**
 * Answers and scores every row. Where the predictor answers several at a time, some are asked one after the other first, so that latencies
 * are those of one user (it remembers their answers, as `remember` does).
 */
export async function judgeRows({ rows, ...options }: EvaluateOptions, hooks: Hooks = {}, message = 'scoring rows'): Promise<Judged[]> {
  const { predictor } = options
  const timed = new Set(predictor.atOnce > 1 ? thinned(rows, timedRows) : rows)
  if (predictor.atOnce > 1) await askEach([...timed], { atOnce: 1 }, `${message}: latency`, hooks, (row) => unlessRefused(predictor.predict(row.instruction, row.context)))
  return askEach(rows, predictor, message, hooks, async (row) => {
    const { latencyMs, ...judged } = await judge(row, { ...options, free: true })
    return timed.has(row) ? { ...judged, latencyMs } : judged
  })
}

/** Everything there is to say about one set of rows. */
export async function evaluateFile(options: EvaluateOptions, hooks: Hooks = {}): Promise<Section> {
  return sectionOf(options.family, await judgeRows(options, hooks), options.thresholds)
}

export function sectionOf(family: TaskFamily, rows: readonly Judged[], thresholds: Thresholds = defaultThresholds): Section {
  const scored = rows.map(({ confidence, score }) => ({ score: confidence, correct: score.equivalent }))
  const { counts, examples } = errorsByName(rows)
  const clarification = clarificationsOf(rows)
  const latencies = rows.flatMap(({ latencyMs }) => latencyMs ?? [])
  return {
    ...ladderOf(rows),
    errors_read: rows.filter(({ row }) => row.part !== 'final').length,
    errors: counts,
    error_examples: examples,
    slices: scoresBySlice(family.slices, rows),
    ...(clarification && { clarification }),
    ...metricsOf(rows),
    ...searchOf(rows),
    latency_ms: { p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95) },
    tokens: tokensOf(rows),
    ece: expectedCalibrationError(scored),
    auroc: auroc(scored) ?? null,
    reliability: reliability(scored).filter(({ count }) => count > 0),
    risk_coverage: thinned(riskCoverage(scored).points, 60),
    thresholds: actionsOf(rows, thresholds),
    ...againstLookup(rows),
  }
}

/** Means over the rows of which a figure says something. */
function metricsOf(rows: readonly Judged[]): Pick<Section, 'metrics'> {
  const measured = rows.flatMap(({ metrics }) => metrics ?? [])
  if (measured.length === 0) return {}
  const names = new Set(measured.flatMap(({ served }) => Object.keys(served)))
  const values = (name: string, of: readonly (Record<string, number> | undefined)[]) => of.flatMap((each) => each?.[name] ?? [])
  return { metrics: Object.fromEntries([...names].map((name) => {
    const served = values(name, measured.map((each) => each.served))
    const alone = measured.every((each) => each.alone) ? values(name, measured.map((each) => each.alone)) : []
    return [name, { served: mean(served), ...(alone.length > 0 && { alone: mean(alone) }), ...(served.length < measured.length && { n: served.length }) }]
  })) }
}

function searchOf(rows: readonly Judged[]): Pick<Section, 'search'> {
  const searched = rows.flatMap(({ searchRight }) => searchRight ?? [])
  return searched.length ? { search: searched.filter(Boolean).length / searched.length } : {}
}

function actionsOf(rows: readonly Judged[], thresholds: Thresholds): Section['thresholds'] {
  const actions: Section['thresholds'] = { execute: { right: 0, wrong: 0 }, confirm: { right: 0, wrong: 0 }, clarify: { right: 0, wrong: 0 }, ask: { right: 0, wrong: 0 } }
  for (const { confidence, executable, score } of rows) actions[actionFor(confidence, executable, thresholds)][score.equivalent ? 'right' : 'wrong']++
  return actions
}

function againstLookup(rows: readonly Judged[]): Pick<Section, 'baseline' | 'far_half' | 'near_training'> {
  const compared = rows.filter(({ nearest }) => nearest !== undefined)
  if (compared.length === 0) return { baseline: null, far_half: null, near_training: null }
  const lookup = (of: readonly Judged[]) => of.filter(({ nearest }) => nearest!.right).length / Math.max(1, of.length)
  const far = compared.toSorted((a, b) => a.nearest!.similarity - b.nearest!.similarity).slice(0, Math.ceil(compared.length / 2))
  const right = far.filter(({ score }) => score.equivalent).length
  return {
    baseline: lookup(compared),
    far_half: { n: far.length, equivalent: right / far.length, interval: wilson(right, far.length), baseline: lookup(far) },
    near_training: compared.filter(({ nearest }) => nearest!.similarity >= leakThreshold).length,
  }
}
