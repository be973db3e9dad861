import type { Curve, Setting, Trial } from './trials.ts'

/** What the trainer says of a trial that came to its end. */
export interface TrialFigures {
  /** Weights of the model that comes out, and of those the ones that were trained: an adapter's are merged into the others. */
  parameters?: number
  trainable_parameters?: number
  /** Of the training; of several phases, of the last one. */
  tokens_per_second?: number
}

/** What a trial came to. */
export interface TrialResult extends Trial, TrialFigures {
  /** Validation losses, one after each part of its steps, in nats per token of an answer. */
  curve: Curve
  /** The last of them; absent where the trial was stopped as hopeless. */
  validation_loss?: number
  /** The step at which it was stopped as hopeless. */
  stopped_at?: number
  seconds: number
}

/** The content of hyperparameter_results.json. */
export interface SearchResults {
  name: string
  base: string
  dataset: string
  seed: number
  /** The setting with the lowest validation loss. */
  best: { trial: number; setting: Setting; validation_loss: number } | null
  /** Of each key that was changed alone: how much the loss differs between its best and its worst value, the largest first. */
  influence: { key: string; loss: number }[]
  trials: TrialResult[]
}

export function searchResults(about: Pick<SearchResults, 'name' | 'base' | 'dataset' | 'seed'>, trials: TrialResult[]): SearchResults {
  const [best] = trials.filter((trial): trial is TrialResult & { validation_loss: number } => trial.validation_loss !== undefined).sort((a, b) => a.validation_loss - b.validation_loss)
  return { ...about, best: best ? { trial: best.number, setting: best.setting, validation_loss: best.validation_loss } : null, influence: influence(trials), trials }
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
