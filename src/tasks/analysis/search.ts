import { z } from 'zod'
import { shown } from '../../text.ts'
import { shuffle } from '../shuffle.ts'

/** One value, or several of which the best is searched for. */
const choices = <T extends z.ZodNumber>(value: T) => z.union([value, z.array(value)]).transform((given): number[] => [given].flat())

/** `training_config` as the adaptive training plan has it. */
const TrainingConfig = z.strictObject({
  model: z.string().min(1),
  initial_dataset_size: z.int().min(1).default(100),
  validation_split: z.number().gt(0).lt(1).default(0.2),
  test_split: z.number().gt(0).lt(1).default(0.1),
  hyperparameters: z.strictObject({
    learning_rate: choices(z.number().positive()),
    lora_rank: choices(z.int().positive()),
    batch_size: choices(z.int().positive()),
    gradient_accumulation: choices(z.int().positive()),
    max_sequence_length: choices(z.int().min(16)),
  }).partial(),
})
export type TrainingConfig = z.output<typeof TrainingConfig>

export type Hyperparameter = keyof TrainingConfig['hyperparameters']
/** One value of each hyperparameter that the configuration names. */
export type Setting = Partial<Record<Hyperparameter, number>>

export interface Trial {
  /** 1-based, in the order in which trials are worth running. */
  number: number
  setting: Setting
  /** What it differs in from the first one. */
  varies: Hyperparameter[]
}

interface Wrong { path: (string | number)[]; message: string }

/** The configuration, or the first thing that is wrong with it. */
export function readTrainingConfig(value: unknown): { config: TrainingConfig; problem?: undefined } | { problem: Wrong; config?: undefined } {
  const { success, data, error } = TrainingConfig.safeParse(value)
  if (!success) {
    const issue = error.issues[0]!
    const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol')
    return { problem: { path, message: `expected "training_config" as in docs/families/analysis.md, found a mistake in ${shown(path.join('.') || 'it')} (${issue.message}); mend it.` } }
  }
  const empty = Object.entries(data.hyperparameters).find(([, values]) => values.length === 0)
  if (empty) return { problem: { path: ['hyperparameters', empty[0]], message: `expected at least one value of ${shown(empty[0])}, found an empty list; a search over nothing finds nothing: write a value or remove the key.` } }
  if (data.validation_split + data.test_split >= 1) return { problem: { path: ['validation_split'], message: `expected "validation_split" and "test_split" to leave rows for training, found ${data.validation_split} and ${data.test_split}; lower one of them.` } }
  return { config: data }
}

const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!

/**
 * The trials of a search, in an order in which it may be broken off anywhere: first the middle of every list, then one hyperparameter
 * changed at a time, then the remaining combinations, shuffled by `seed`. Deterministic.
 * @param most 1 or more
 */
export function planTrials({ hyperparameters }: TrainingConfig, { most = 27, seed = 1 }: { most?: number; seed?: number } = {}): Trial[] {
  const axes = Object.entries(hyperparameters).map(([name, values]) => ({ name: name as Hyperparameter, values: [...new Set(values)] }))
  const first: Setting = Object.fromEntries(axes.map(({ name, values }) => [name, middle(values)]))
  const single = axes.flatMap(({ name, values }) => values.filter((value) => value !== first[name]).map((value): Setting => ({ ...first, [name]: value })))
  const whole = axes.reduce<Setting[]>((settings, { name, values }) => settings.flatMap((setting) => values.map((value) => ({ ...setting, [name]: value }))), [{}])
  const varies = (setting: Setting) => axes.map(({ name }) => name).filter((name) => setting[name] !== first[name])
  const rest = shuffle(whole.filter((setting) => varies(setting).length > 1), seed)
  return [first, ...single, ...rest].slice(0, most).map((setting, i) => ({ number: i + 1, setting, varies: varies(setting) }))
}

/** A trial's validation losses so far, one after each part of its steps. */
export type Curve = readonly number[]

/**
 * Is a trial not worth going on with? The median stopping rule (Golovin et al., Google Vizier, KDD 2017): its best loss so far is worse than
 * the median of what the others had on average up to there. Never before `patience` parts, nor before three others came as far; a loss that is no
 * number is hopeless at once.
 */
export function isHopeless(curve: Curve, others: readonly Curve[], patience = 2): boolean {
  if (curve.some((loss) => !Number.isFinite(loss))) return true
  const peers = others.filter(({ length }) => length >= curve.length)
  if (curve.length < patience || peers.length < 3) return false
  const means = peers.map((peer) => peer.slice(0, curve.length).reduce((sum, loss) => sum + loss, 0) / curve.length).sort((a, b) => a - b)
  const half = means.length / 2
  const median = means.length % 2 ? means[Math.floor(half)]! : (means[half - 1]! + means[half]!) / 2
  return Math.min(...curve) > median
}
