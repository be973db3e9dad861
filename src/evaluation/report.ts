import type { Architecture } from '../inference/architecture.ts'
import type { Calibration } from '../inference/calibration.ts'
import type { AgreementReport, ParityReport } from '../inference/parity.ts'
import type { Thresholds } from '../inference/thresholds.ts'
import type { CompanionReport } from './companion.ts'
import type { FigureBound } from '../tasks/gates.ts'
import type { Comparison } from './compare.ts'
import type { ErrorAnalysis } from './error-analysis.ts'
import type { Section } from './evaluate.ts'
import type { Interval } from './intervals.ts'
import type { LearningVerdict, LossPoint } from './learning.ts'
import type { Robustness } from './robustness.ts'

export type Stage = 'sft' | 'dpo'

/** The content of report.json: everything that report.html and MODEL.md show. */
export interface Report {
  name: string
  kind: string
  title: string
  base: string
  quant: string
  teacher: string
  seed: number
  created: string
  /** Seconds that this evaluation took. */
  seconds: number
  command: string
  /** Which candidate ships, and why. */
  chosen: Stage
  choice: string
  /** Not worse than the champion, where there was one to compare with. */
  promote: boolean
  verdict: string
  /** `architecture` is absent in reports of an earlier release. */
  model: { file: string; bytes: number; f16_bytes: number; parameters: number; architecture?: Architecture }
  thresholds: Thresholds
  /** `golden_final` is only scored: its errors stand nowhere. */
  scores: { test: Section; golden?: Section; golden_dev?: Section; golden_final?: Section }
  /** Equivalent rate of both candidates' quantized files on the validation split. */
  validation: Record<Stage, { n: number; equivalent: number; interval: Interval }>
  calibration: Calibration
  robustness: Robustness
  gates: Gates
  /** By promotion gate, why it is not passed. */
  failed: Record<string, string>
  /** By gate that the validation split misses, why: what a further round would write more for. Absent in reports of an earlier release. */
  missed?: Record<string, string>
  comparison?: Comparison
  companion?: CompanionReport
  /** What the family says of the schema; absent in reports of an earlier release. */
  notes?: string[]
  dataset: DatasetFacts
  training: Record<string, unknown>
  /** By stage, the settings that its trainer was given; absent in reports of an earlier release. */
  settings?: Record<string, Record<string, unknown>>
  losses: Partial<Record<Stage, LossPoint[]>>
  /** Of the test split, and of the golden set's development half; absent in reports of an earlier release. */
  error_analysis?: ErrorAnalysis[]
  /** By training, whether it over- or underfitted; absent in reports of an earlier release. */
  learning?: Record<string, LearningVerdict>
}

export interface Gates {
  /** Trainer against F16 GGUF; null when the candidate came without rows to compare. */
  parity: ParityReport | null
  /** F16 against the quantized file; null when they are one. */
  quantization: (AgreementReport & { p_value: number; enough_rows: boolean }) | null
  leakage: { passed: boolean; exact_duplicates: number; near_duplicates: number; two_answers: number; shared_intents: number; same_wording: Record<string, number> }
  robustness: { passed: boolean; points_lost: number; followed: number }
  /** Lower end of the headline's interval; `passed` is null without a target. */
  target: { passed: boolean | null; lower: number; target: number | null }
  /** The headline's 95th percentile in ms; `passed` is null without a budget. */
  latency: { passed: boolean | null; p95: number; budget: number | null }
  /** Figures of the kind of task that the schema bounds, by its names, on the rows of the headline; absent where it bounds none. */
  figures?: Record<string, FigureGate>
}

export interface FigureGate {
  figure: string
  bound: FigureBound
  /** As served, 0 to 1; null where no row tells it. */
  value: number | null
  /** Rows that tell it. */
  n: number
  passed: boolean
}

/** Of dataset.json, what the report shows. */
export interface DatasetFacts {
  rows: number
  splits: Record<string, number>
  intents: number
  sources: Record<string, number>
  slices: Record<string, Record<string, number>>
  distribution?: Record<string, { rows: number; share: number; target: number }>
  diversity: Record<string, number>
  rejected: number
  removed: Record<string, number>
}

/** What goes into the workflow's history: a few figures, well under 4 kB. */
export function resultOf(report: Report): Record<string, unknown> {
  const { test, golden, golden_dev, golden_final } = report.scores
  const { parity, quantization, leakage, robustness, target, latency, figures } = report.gates
  const small = (section: Section | undefined) => section && {
    n: section.n, equivalent: rounded(section.equivalent), interval: section.interval.map(rounded), valid: rounded(section.valid), allowed: rounded(section.allowed), baseline: section.baseline === null ? null : rounded(section.baseline),
    ece: rounded(section.ece), latency_ms: { p50: rounded(section.latency_ms.p50), p95: rounded(section.latency_ms.p95) },
  }
  const only = (section: Section | undefined) => section && { n: section.n, equivalent: rounded(section.equivalent) }
  return {
    score: rounded((golden ?? test).equivalent),
    scores: { test: small(test), ...(golden && { golden: small(golden), golden_dev: only(golden_dev), golden_final: only(golden_final) }) },
    chosen: report.chosen,
    promote: report.promote,
    verdict: report.verdict.slice(0, 500),
    gates: {
      parity: parity && { passed: parity.passed, rows: parity.rows, largest_difference: rounded(parity.maxLogProbabilityDifference) },
      quantization: quantization && { passed: quantization.passed, rows: quantization.rows, points: rounded(quantization.points), mean_kl: rounded(quantization.meanKl) },
      leakage: leakage.passed,
      robustness: { ...robustness, points_lost: rounded(robustness.points_lost), followed: rounded(robustness.followed) },
      target: { ...target, lower: rounded(target.lower) },
      latency: { ...latency, p95: rounded(latency.p95) },
      ...(figures && { figures: Object.fromEntries(Object.entries(figures).map(([name, { passed, value }]) => [name, { passed, value: value === null ? null : rounded(value) }])) }),
    },
    ...(report.companion && { [report.companion.name]: secondOf(report.companion) }),
    failed: report.failed,
    ...(report.missed && { missed: report.missed }),
    bytes: report.model.bytes,
    seconds: rounded(report.seconds),
  }
}

function secondOf({ weight, bytes, sets }: CompanionReport): Record<string, unknown> {
  return { weight, bytes, ...Object.fromEntries(Object.entries(sets).map(([set, { own, gain }]) => [set, { right: rounded(own.right), points: rounded(gain.points) }])) }
}

/** The base with the revision that was loaded: a hub's commit, or what a local folder held. */
export function baseOf({ base, training }: Report): string {
  const revision = (training.sft as { revision?: unknown } | undefined)?.revision
  return typeof revision === 'string' ? `${base} at ${revision.slice(0, 12)}` : base
}

const rounded = (value: number) => Number(value.toPrecision(4))
