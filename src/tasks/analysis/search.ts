import { z } from 'zod'
import type { Space } from '../../search/trials.ts'
import { shown } from '../../text.ts'
import type { Ratios } from '../family.ts'

/** One value, or several of which the best is searched for. */
const choices = <T extends z.ZodNumber>(value: T) => z.union([value, z.array(value)]).transform((given): number[] => [given].flat())

const share = z.number().gt(0).lt(1)

/** `training_config` as the adaptive training plan has it. */
const TrainingConfig = z.strictObject({
  model: z.string().min(1),
  /** Within the bounds of --num. */
  initial_dataset_size: z.int().min(50).max(10_000_000).optional(),
  validation_split: share.optional(),
  test_split: share.optional(),
  hyperparameters: z.strictObject({
    learning_rate: choices(z.number().positive()),
    lora_rank: choices(z.int().positive()),
    batch_size: choices(z.int().positive()),
    gradient_accumulation: choices(z.int().positive()),
    max_sequence_length: choices(z.int().min(16)),
  }).partial(),
})
export type TrainingConfig = z.output<typeof TrainingConfig>

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
  const { validation, calibration, test, train } = ratiosOf(data)
  if (train <= 0) return { problem: { path: ['validation_split'], message: `expected "validation_split" and "test_split" to leave rows for training, found ${round(validation + calibration)} and ${test}; lower one of them.` } }
  return { config: data }
}

const round = (value: number) => Number(value.toFixed(6))

/** Shares of the splits: half of the validation rows calibrate the confidence. */
export function ratiosOf({ validation_split = 0.2, test_split = 0.1 }: Pick<TrainingConfig, 'validation_split' | 'test_split'> = {}): Ratios {
  const half = validation_split / 2
  return { train: round(1 - validation_split - test_split), validation: half, calibration: half, test: test_split }
}

/**
 * The splits that the section asks for. By state alone: so few rows as it may ask for (a hundred) are one or none of each kind of batch and state,
 * and nothing could be taken of those.
 */
export const splitsOf = (config: TrainingConfig): { ratios: Ratios; balance: readonly string[] } => ({ ratios: ratiosOf(config), balance: ['state'] })

/** Where each of them stands in training/configs/sft_config.yaml: the section is about a downloaded base. */
const paths: Record<keyof TrainingConfig['hyperparameters'], string> = {
  learning_rate: 'training.learning_rate', lora_rank: 'training.lora_r', batch_size: 'training.per_device_train_batch_size',
  gradient_accumulation: 'training.gradient_accumulation_steps', max_sequence_length: 'data.max_seq_length',
}

export function searchSpace({ model, hyperparameters }: TrainingConfig): { base: string; space: Space } {
  return { base: model, space: Object.fromEntries(Object.entries(hyperparameters).map(([name, values]) => [paths[name as keyof typeof paths], values])) }
}
