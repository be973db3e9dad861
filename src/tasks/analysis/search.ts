import { z } from 'zod'
import type { Space } from '../../search/trials.ts'
import { shown } from '../../text.ts'

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

/** Where each of them stands in training/configs/sft_config.yaml: the section is about a downloaded base. */
const paths: Record<keyof TrainingConfig['hyperparameters'], string> = {
  learning_rate: 'training.learning_rate', lora_rank: 'training.lora_r', batch_size: 'training.per_device_train_batch_size',
  gradient_accumulation: 'training.gradient_accumulation_steps', max_sequence_length: 'data.max_seq_length',
}

export function searchSpace({ model, hyperparameters }: TrainingConfig): { base: string; space: Space } {
  return { base: model, space: Object.fromEntries(Object.entries(hyperparameters).map(([name, values]) => [paths[name as keyof typeof paths], values])) }
}
