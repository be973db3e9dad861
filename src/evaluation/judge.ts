import type { NearestNeighbour } from '../dataset/nearest.ts'
import type { Row } from '../dataset/row.ts'
import { calibrate, uncalibrated, type Calibration } from '../inference/calibration.ts'
import { answerOrNone, type Prediction, type Predictor } from '../inference/predictor.ts'
import type { Score, TaskFamily } from '../tasks/family.ts'
import type { TokenCounts } from './tokens.ts'

/** One row with what the model answered and what that is worth. */
export interface Judged {
  row: Row
  completion: string
  /** Right answer and given answer as people read them: the shell line where there is one. */
  shown: { expected: string; got: string }
  /** With the grammar, as served; an answer that did not end is never equivalent. */
  score: Score
  /** Free decoding: what the model alone has learned. */
  free?: { score: Score; ended: boolean }
  /** The family's own figures: of the answer as served, and of the model alone. */
  metrics?: { served: Record<string, number>; alone?: Record<string, number> }
  /** Calibrated, 0 to 1. */
  confidence: number
  /** May the answer be executed; should it be. */
  executable: boolean
  expectsExecutable: boolean
  /** The negative case that a clarification is for; that of the right answer, where the row's slice does not say it. */
  askedFor?: string
  shouldAskFor?: string
  /** The canonical answer of the row, to the letter. */
  exact: boolean
  /** Of an answer that nothing else was asked beside. */
  latencyMs?: number
  /** Absent for a question that the model refused. */
  tokens?: TokenCounts
  /** The nearest training row's similarity, and whether its answer would have been right. */
  nearest?: { similarity: number; right: boolean }
  /** Whether the family's own search without a model would have been right. */
  searchRight?: boolean
}

export interface JudgeOptions {
  /** Tokens are counted where it can make the prompt: a vote has none of its own. */
  predictor: Pick<Predictor, 'predict'> & Partial<Pick<Predictor, 'promptTokens'>>
  family: TaskFamily
  schema: unknown
  calibration?: Calibration | undefined
  /** Also decode without the grammar. */
  free?: boolean
  /** Lookup over the training rows. */
  baseline?: NearestNeighbour<Row> | undefined
}

/** Answers one row as it would be served, and scores the answer. */
export async function judge(row: Row, { predictor, family, schema, calibration = uncalibrated, free: alsoFree = false, baseline }: JudgeOptions): Promise<Judged> {
  const answer = await answerOrNone(predictor.predict(row.instruction, row.context))
  const alone = alsoFree ? (answer.alone ?? (await answerOrNone(predictor.predict(row.instruction, row.context, { grammar: false })))) : undefined
  const expected = family.completion(schema, row.output)
  const askedFor = answer.endedByEos ? family.clarificationCase?.(schema, answer.completion) : undefined
  const shouldAskFor = row.slice?.case ?? family.clarificationCase?.(schema, expected)
  const scored = ({ completion, endedByEos }: Pick<Prediction, 'completion' | 'endedByEos'>) => {
    const score = scoreOf(family, schema, { completion, endedByEos }, row)
    return { score, metrics: family.metrics?.(schema, endedByEos ? completion : '', row, score) }
  }
  const served = scored(answer)
  const free = alone && { ...scored(alone), ended: alone.endedByEos }
  const searched = family.lookup?.(schema, row.instruction, row.context)
  const neighbour = baseline?.answer(family.fingerprint(schema, row))
  return {
    row: family.derivedSlices ? { ...row, slice: { ...family.derivedSlices(schema, row), ...row.slice } } : row,
    completion: answer.completion,
    shown: { expected: family.commandLine?.(schema, expected)?.line ?? expected, got: family.commandLine?.(schema, answer.completion)?.line ?? answer.completion },
    score: served.score,
    ...(free && { free: { score: free.score, ended: free.ended } }),
    ...(served.metrics && { metrics: { served: served.metrics, ...(free?.metrics && { alone: free.metrics }) } }),
    confidence: calibrate(calibration, answer.probability),
    executable: answer.endedByEos && family.executable(schema, answer.completion),
    expectsExecutable: family.executable(schema, expected),
    ...(askedFor !== undefined && { askedFor }),
    ...(shouldAskFor !== undefined && { shouldAskFor }),
    exact: answer.endedByEos && canonicalOrNone(family, schema, answer.completion) === expected,
    latencyMs: answer.latencyMs,
    // A question that was refused has no answer, and its prompt cannot be made.
    ...(answer.latencyMs > 0 && predictor.promptTokens && { tokens: { prompt: predictor.promptTokens(family.userText(schema, row.instruction, row.context)).length, answer: answer.tokens } }),
    ...(searched !== undefined && { searchRight: family.score(schema, searched, row).equivalent }),
    ...(neighbour && { nearest: { similarity: neighbour.similarity, right: family.score(schema, family.completion(schema, neighbour.row.output), row).equivalent } }),
  }
}

/** The canonical answer; undefined for one that the schema does not allow. */
export function canonicalOrNone(family: TaskFamily, schema: unknown, completion: string): string | undefined {
  try {
    return family.completion(schema, completion)
  } catch {
    return undefined
  }
}

/** The family's score of an answer; one that was cut is no answer. */
export function scoreOf(family: TaskFamily, schema: unknown, answer: Pick<Prediction, 'completion' | 'endedByEos'>, row: Row): Score {
  if (answer.endedByEos) return family.score(schema, answer.completion, row)
  return { valid: false, allowed: false, equivalent: false, error: 'did not end' }
}
