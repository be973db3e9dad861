import { z } from 'zod'
import { InputError } from '../errors.ts'
import { didYouMean, shown } from '../text.ts'

/** As trainers/protocol.py takes them: PyYAML reads `2e-5` as text, and people write it so. */
const number = z.custom<number | string>((value) => (typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')) && Number.isFinite(Number(value)), 'a number')
const whole = z.int('a whole number')
const share = z.custom<number | string>((value) => number.safeParse(value).success && Number(value) >= 0 && Number(value) < 1, 'a share from 0 to below 1')
const fromZero = z.int('a whole number from 0').min(0, 'a whole number from 0')
const text = z.string('text')
const section = <T extends Record<string, z.ZodType>>(keys: T) => z.strictObject(keys, 'keys with values').partial()

const lora = { use_lora: z.boolean('true or false'), lora_r: whole, lora_alpha: whole, lora_dropout: number, lora_target_modules: z.array(text, 'a list of names') }
const trl = { num_train_epochs: number, per_device_train_batch_size: whole, gradient_accumulation_steps: whole, learning_rate: number, warmup_ratio: number, lr_scheduler_type: text, max_steps: whole }
/** How transformers computes it; the names are its own. */
const attention = z.enum(['eager', 'sdpa', 'flash_attention_2'], 'eager, sdpa or flash_attention_2')
const dpo = { ...trl, beta: number, loss_type: text }

/**
 * What the trainers read of each file; tests/unit/setup/configs.test.ts holds it against their dataclasses. The
 * specification's name, output_dir, train_file, validation_file, preference_file and report_to are taken and not read.
 */
export const configKeys = {
  'sft_config.yaml': section({
    model: section({ name: text, attention }),
    training: section({ output_dir: text, ...trl, label_smoothing: number, prune: share, early_stopping: fromZero, ...lora }),
    data: section({ train_file: text, validation_file: text, max_seq_length: whole }),
    logging: section({ report_to: text, logging_steps: whole }),
  }),
  'dpo_config.yaml': section({
    model: section({ name: text, attention }),
    training: section({ output_dir: text, ...dpo, ...lora }),
    data: section({ preference_file: text, max_seq_length: whole }),
  }),
  'scratch_config.yaml': z.strictObject({
    sft: section({
      model: section({ name: text, architecture: text, layers: text, hidden_size: whole, intermediate_size: whole, num_attention_heads: whole, conv_length: whole, vocab_size: whole, max_position_embeddings: whole }),
      training: section({ steps: whole, batch_size: whole, muon_learning_rate: number, adamw_learning_rate: number, warmup_steps: whole, decay: number, relexicalise: number, label_smoothing: number, prune: share, prune_at: share, early_stopping: fromZero }),
      data: section({ max_seq_length: whole }),
      logging: section({ logging_steps: whole, eval_steps: whole, eval_rows: whole }),
    }),
    // All weights move: the LoRA keys would say nothing here.
    dpo: section({ training: section(dpo), data: section({ max_seq_length: whole }) }),
  }, 'the sections "sft:" and "dpo:"'),
}
export type ConfigFile = keyof typeof configKeys

/** Why keys of one file are none of another. */
const elsewhere: Record<string, string> = {
  'sft.model.attention': '; a model from scratch computes attention in one way of its own, and sft.model.layers says which layers have it.',
  'training.prune_at': '; a downloaded base is pruned before its training begins, by training.prune.',
}

/**
 * A misspelt key would train for hours with the default in its place.
 * @throws InputError with file, key, what was expected and what was found
 */
export function checkKeys(file: ConfigFile, document: unknown): void {
  const { error } = configKeys[file].safeParse(document)
  if (!error) return
  const problems = error.issues.flatMap((issue) => {
    const path = issue.path.map(String)
    const found = path.reduce((value: any, key) => value?.[key], document)
    if (issue.code !== 'unrecognized_keys') return [`${path.join('.') || 'the file'}: expected ${issue.message}, found ${shown(found ?? undefined)}.`]
    const known = keysAt(configKeys[file], path)
    return issue.keys.map((key) => `${[...path, key].join('.')}: nothing reads this key${elsewhere[[...path, key].join('.')] ?? (didYouMean(key, known) || `; the keys ${path.length ? `of ${path.join('.')}` : 'here'} are ${known.join(', ')}.`)}`)
  })
  throw new InputError(`training/configs/${file}: ${problems.join(' ')}`)
}

function keysAt(schema: z.ZodType, path: string[]): string[] {
  const object = path.reduce<z.ZodType>((at, key) => unwrapped(at).shape[key]!, schema)
  return Object.keys(unwrapped(object).shape)
}

const unwrapped = (schema: z.ZodType): z.ZodObject<Record<string, z.ZodType>> => (schema instanceof z.ZodOptional ? schema.unwrap() : schema) as z.ZodObject<Record<string, z.ZodType>>
