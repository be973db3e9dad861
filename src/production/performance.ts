import type { Row } from '../dataset/row.ts'
import { quantile } from '../evaluation/intervals.ts'
import type { Answer } from '../inference/ask.ts'
import type { Action } from '../inference/thresholds.ts'

/** What a right or wrong answer to a row is told by. */
export interface RowOutcome {
  /** The error's name; absent when the answer is right. */
  error?: string | undefined
  /** Calibrated, 0 to 1. */
  confidence: number
}

export interface SmokeTest {
  /** Rows of which the evaluation recorded what became of them, and how many of them are answered as then. */
  recorded: number
  alike: number
  differing: { instruction: string; then: RowOutcome; now: RowOutcome }[]
  /** Rows of which the evaluation knows only the score. */
  test: { n: number; right: number }
  /** Of both: answers that came to no end, or questions that are too long for the model. */
  unanswered: number
}

/** In ms. */
export interface Latency {
  p50: number
  p95: number
  p99: number
  longest: number
}

export const latencyOf = (ms: readonly number[]): Latency => ({ p50: quantile(ms, 0.5), p95: quantile(ms, 0.95), p99: quantile(ms, 0.99), longest: quantile(ms, 1) })

/** So many questions at a time, for some seconds. */
export interface Load {
  at_once: number
  seconds: number
  answers: number
  answers_per_second: number
  /** From the question to its answer, what it waited for others included. */
  latency_ms: Latency
  /** Questions that got another answer than when they were asked before. */
  other_answers: number
  /** Resident at the end. */
  memory_bytes: number
}

export interface BadQuestion {
  what: string
  /** Refused: an error that says why, and nothing else. Failed: an error that is a fault. */
  result: 'answered' | 'refused' | 'failed'
  message?: string
  action?: Action
  confidence?: number
  latency_ms: number
  /** Afterwards a good question gets its answer as before. */
  answers_on: boolean
}

/** Resident memory of the process that answers, in bytes. */
export interface Memory {
  before_loading: number
  loaded: number
  first_answer: number
  after_load_test: number
  peak: number
}

/** The content of performance.json: what the packed folder came to on one machine, in a process of its own. */
export interface Performance {
  created: string
  host: { processor: string; cores: number; memory_bytes: number; system: string; node: string }
  model: { file: string; sha256: string; bytes: number; parameters: number; context_tokens: number; threads: number }
  load_ms: number
  first_answer_ms: number
  smoke_test: SmokeTest
  load_test: Load[]
  memory: Memory
  bad_questions: BadQuestion[]
}

/** A real answer, as a caller gets it. */
export interface Example {
  instruction: string
  context: Row['context']
  answer: Answer
  right: boolean
}

export interface Measured {
  performance: Performance
  examples: Example[]
  /** The prompt of the first example as a server takes it, which tokenizes by itself. */
  prompt: string
}
