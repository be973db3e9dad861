import type { Curve, Setting, Trial } from './trials.ts'

/** What the trainer says of a trial that came to its end. */
export interface TrialFigures {
  /** Weights of the model that comes out, and of those the ones that were trained: an adapter's are merged into the others. */
  parameters?: number
  trainable_parameters?: number
  /** Of the training; of several phases, of the last one. */
  tokens_per_second?: number
  /** Rows that the losses are those of; absent where the trainer measures itself on all of them. */
  validation_rows?: number
}

/** What a trial came to. */
export interface TrialResult extends Trial, TrialFigures {
  /** Validation losses, one after each part of its steps, in nats per token of an answer. */
  curve: Curve
  /** Of the weights that it ended with, over all validation rows: the last of the curve, or less with early stopping; absent where the trial was stopped as hopeless, or failed. */
  validation_loss?: number
  /** The step at which it was stopped as hopeless. */
  stopped_at?: number
  /** Why it could not be trained. */
  failed?: string
  /** Why its loss is not compared with the others'. */
  not_compared?: string
  seconds: number
}

/** The content of hyperparameter_results.json. */
export interface SearchResults {
  name: string
  base: string
  dataset: string
  seed: number
  /** The setting with the lowest validation loss, of those that were measured on the most rows. */
  best: { trial: number; setting: Setting; validation_loss: number } | null
  /** Of each key that was changed alone: how much the loss differs between its best and its worst value, the largest first. */
  influence: { key: string; loss: number }[]
  trials: TrialResult[]
}

export function searchResults(about: Pick<SearchResults, 'name' | 'base' | 'dataset' | 'seed'>, tried: TrialResult[]): SearchResults {
  const trials = comparable(tried)
  const compared = trials.filter(({ not_compared }) => not_compared === undefined)
  const [best] = compared.filter((trial): trial is TrialResult & { validation_loss: number } => trial.validation_loss !== undefined).sort((a, b) => a.validation_loss - b.validation_loss)
  return { ...about, best: best ? { trial: best.number, setting: best.setting, validation_loss: best.validation_loss } : null, influence: influence(compared), trials }
}

/** A trial that leaves out long rows has an easier exam: its loss is shown, and stands against no other. */
function comparable(trials: TrialResult[]): TrialResult[] {
  const most = Math.max(0, ...trials.map(({ validation_rows }) => validation_rows ?? 0))
  // One that was given up did not get to say it; those of its length did.
  const rowsOf = ({ validation_rows, setting }: TrialResult) => validation_rows ?? trials.find((other) => other.validation_rows !== undefined && other.setting['data.max_seq_length'] === setting['data.max_seq_length'])?.validation_rows ?? most
  return trials.map((trial) => (rowsOf(trial) === most || trial.failed !== undefined ? trial : { ...trial, not_compared: `measured on ${rowsOf(trial)} of ${most} validation rows: the others are too long for it` }))
}

/** A hopeless trial counts with the best that it came to; Infinity where it ended before it measured itself. */
const reached = ({ validation_loss, curve }: TrialResult) => validation_loss ?? Math.min(...curve)

function influence(trials: TrialResult[]): SearchResults['influence'] {
  const [first] = trials.filter(({ varies }) => varies.length === 0)
  if (!first) return []
  const alone = Map.groupBy(trials.filter(({ varies }) => varies.length === 1), ({ varies }) => varies[0]!)
  return [...alone].map(([key, others]) => {
    const losses = [first, ...others].map(reached).filter(Number.isFinite)
    return { key, loss: Math.max(...losses) - Math.min(...losses) }
  }).sort((a, b) => b.loss - a.loss)
}
