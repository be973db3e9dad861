import { z } from 'zod'

const Name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/)
const Rate = z.number().gt(0).lt(1)
const Share = z.number().min(0).max(1)

/** Which rows a stage is trained on: by the values of their slice. */
const Rows = z.record(Name, z.array(z.string().min(1).max(63)).min(1).max(100))

const Stage = z.strictObject({ name: Name, title: z.string().min(1).max(120), rows: Rows.optional().describe('Slices with the values that count; all rows where absent'), replay: Share.default(0).describe('So many of the other rows stay among them, lest what was learned is forgotten') })
const Stages = z.array(Stage).min(1).max(12)

/** "1000_steps", as the document writes a duration. */
const Duration = z.string().regex(/^[1-9]\d{0,8}_steps$/).transform((text) => Number.parseInt(text, 10))

const Phase = z.strictObject({
  duration: Duration,
  learning_rate: z.enum(['linear_warmup', 'cosine_decay', 'small_constant']),
  batch_size: z.enum(['start_small', 'gradual_increase', 'full_size']),
})

/** How the two models are trained, as the document writes it. */
export const Training = z.strictObject({
  command_predictor: z.strictObject({
    method: z.literal('gradual_fine_tuning'),
    stages: Stages,
    hyperparameters: z.strictObject({ learning_rate: Rate, batch_size: z.int().min(1).max(4_096), epochs_per_stage: z.int().min(1).max(1_000), warmup_ratio: Share }),
  }),
  intent_classifier: z.strictObject({
    method: z.literal('progressive_fine_tuning'),
    stages: Stages,
    hyperparameters: z.strictObject({ learning_rate: Rate, batch_size: z.int().min(1).max(4_096), total_epochs: z.int().min(1).max(1_000), label_smoothing: Share }),
  }),
  training_schedule: z.strictObject({ initial_phase: Phase, main_phase: Phase, fine_tuning_phase: Phase }),
  scale: z.number().gt(0).max(1).describe('The embedded default takes so many of the steps'),
})
export type Training = z.output<typeof Training>

/** The document's quality checks: a dataset that misses one is not trained on. */
export const Quality = z.strictObject({
  semantic_validity: z.strictObject({ method: z.literal('expert_rules'), confidence_threshold: Share }),
  syntactic_correctness: z.strictObject({ method: z.literal('grammar_check'), error_tolerance: Share }),
  execution_validation: z.strictObject({ method: z.literal('dry_run'), success_rate_threshold: Share }),
})
