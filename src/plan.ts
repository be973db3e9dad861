import { z } from 'zod'
import { Ref } from './store/ref.ts'
import { mostRounds, type SchemaGates } from './tasks/gates.ts'

/** Stages in the order a train passes them; also the single-stage workflow types and the words people use. */
export const stages = ['generate', 'sft', 'preferences', 'dpo', 'quantize', 'eval'] as const
export type Stage = (typeof stages)[number]

/** What a person may choose; everything left out is settled once, when the plan is frozen. */
export const TrainOptions = z.strictObject({
  num: z.int().min(50).max(10_000_000).optional().describe('examples to make (default: about 100 a subcommand; twelve times as many from the offline teacher for a model from scratch)'),
  pairs: z.int().min(10).max(1_000_000).optional().describe('preference pairs (default 1000)'),
  quant: z.string().regex(/^[a-z0-9_]+$/i, 'a llama.cpp type such as q4_k_m').optional().describe('llama.cpp quantization type (default q4_k_m)'),
  base: z.string().min(1).optional().describe('base model: scratch, a name of `clitron bases`, a hub id or a local folder'),
  teacher: z.enum(['offline', 'anthropic', 'import']).optional().describe('who writes the examples'),
  batch: z.boolean().optional().describe('anthropic: Message Batches, half the price'),
  model: z.string().optional().describe('anthropic: the model that writes the examples'),
  budget: z.number().positive().optional().describe('anthropic: hard limit in dollars'),
  seed: z.int().min(0).optional().describe('seed of everything random (default 1)'),
  rounds: z.int().min(0).max(mostRounds).optional().describe('after the training at most so many rounds: more examples of what the validation split shows to fail, another training, the better one stays (default: what the gates of the schema say; 0: none)'),
  force: z.boolean().optional().describe('make the data afresh although it is there, on the newest revision of a base of the hub; a paid teacher is asked, and paid, anew'),
})
export type TrainOptions = z.infer<typeof TrainOptions>

/** What is taken where nothing is chosen; the number of examples is the teacher's matter (teacher/briefs.ts). */
export const usualOptions = { seed: 1, base: 'scratch', teacher: 'offline', pairs: 1000, quant: 'q4_k_m' } as const satisfies TrainOptions

/** The JSON a workflow is started with; `{"name":"gh"}` is enough. */
export const TrainInput = z.strictObject({
  name: z.string(),
  /** The YAML in the artifact store; without it the worker reads its own schemas/{name}.yaml. */
  schema: Ref.optional(),
  /** Rows made elsewhere (`clitron import`, teacher import), in the store. */
  imported: Ref.optional(),
  golden: Ref.optional(),
  /** The caller's training/configs; without them the worker reads its own. */
  configs: Ref.optional(),
  options: TrainOptions.optional(),
  /** Values of the fine-tuning's configuration by their paths ("training.steps"), in place of what files and schema say. */
  settings: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
  /** Fresh data with a new seed, a challenger against the champion: what a schedule sends. */
  retrain: z.boolean().optional(),
})
export type TrainInput = z.infer<typeof TrainInput>

/** A phase of the training, with the whole configuration of its trainer. */
export const PlannedPhase = z.object({ name: z.string(), title: z.string(), config: z.record(z.string(), z.unknown()) })
export type PlannedPhase = z.infer<typeof PlannedPhase>

/** The second model of a training, whose phases are its own. */
export const PlannedCompanion = z.object({ name: z.string(), title: z.string(), phases: z.array(PlannedPhase) })
export type PlannedCompanion = z.infer<typeof PlannedCompanion>

/** Everything a run depends on, settled by its first activity; later edits wait for the next run. */
export const Plan = z.object({
  name: z.string(),
  kind: z.string(),
  schema: Ref,
  imported: Ref.optional(),
  golden: Ref.optional(),
  retrain: z.boolean(),
  count: z.int(),
  pairs: z.int(),
  quant: z.string(),
  base: z.string(),
  teacher: z.object({ kind: z.enum(['offline', 'anthropic', 'import']), model: z.string(), batch: z.boolean(), baseUrl: z.string().optional() }),
  budget: z.number().optional(),
  seed: z.int(),
  force: z.boolean(),
  /** What was told, and what a retrain or a single stage went on with; absent in what an earlier release recorded. */
  options: TrainOptions.optional(),
  /** With `force`: the run it was given to, whose own paid answers alone are used again. */
  forcedBy: z.string().optional(),
  /** The contents of training/configs at the time. */
  configs: z.object({ sft: z.record(z.string(), z.unknown()), dpo: z.record(z.string(), z.unknown()), gates: z.record(z.string(), z.unknown()).optional() }),
  /** The parts of the supervised fine-tuning, each with its own configuration instead of `configs.sft`; absent where the kind of task has none. */
  phases: z.array(PlannedPhase).optional(),
  /** The model that is trained beside the first one; absent where the kind of task has none. */
  companion: PlannedCompanion.optional(),
  /** The model that a stage works for: the companion's name; absent where it is the first one. */
  model: z.string().optional(),
  /** At most so many rounds of improvement after the first training; absent where none was asked for. */
  rounds: z.int().optional(),
  /** A round follows only while the best model so far misses a gate: the schema asked for the rounds, not a person. */
  whileGatesFail: z.boolean().optional(),
  /** The round that a stage works for; absent in the first training. */
  round: z.int().optional(),
  /** Can this cluster store our search attributes? Asking for missing ones would block the workflow. */
  searchAttributes: z.boolean(),
})
export type Plan = z.infer<typeof Plan>

/** In the names of a model's files: "gh", or "claude-control-intent". */
export const modelName = ({ name, model }: Pick<Plan, 'name' | 'model'>): string => (model ? `${name}-${model}` : name)

/** What the GPU host answered before anything was spent; frozen with the plan (a restart must not change the precision). */
export const HostFacts = z.object({
  device: z.string(),
  precision: z.string(),
  base: z.string(),
  /** The hub's commit, or a hash over a local folder's contents. */
  revision: z.string().optional(),
  /** Bytes that the whole run takes on this host; absent in what an earlier release recorded. */
  needs: z.object({ disk: z.number(), memory: z.number() }).optional(),
})
export type HostFacts = z.infer<typeof HostFacts>

/**
 * The rounds of a run: what it was told goes before what the gates of its schema say, and 0 is none. By itself no other run than a train goes
 * back to its data, and none of imported rows, which have no teacher that could write more. @param type the workflow's
 */
export function roundsOf({ rounds, teacher }: TrainOptions, gates: SchemaGates | undefined, type: 'train' | 'search' | Stage = 'train'): Pick<Plan, 'rounds' | 'whileGatesFail'> {
  if (rounds !== undefined) return rounds > 0 ? { rounds } : {}
  const mayGoBack = (type === 'train' || type === 'eval') && teacher !== 'import'
  return gates?.rounds !== undefined && mayGoBack ? { rounds: gates.rounds, whileGatesFail: true } : {}
}
