import { join } from 'node:path'
import { InputError } from './errors.ts'
import { type Stage, TrainOptions } from './plan.ts'
import { champion } from './registry/registry.ts'
import type { ArtifactStore } from './store/artifacts.ts'
import { writeAtomically } from './store/atomic.ts'
import { readJson } from './store/json-file.ts'
import { quote } from './text.ts'

interface Told {
  name: string
  /** The workflow's type: what was asked for. */
  type: 'train' | 'search' | Stage
  options: TrainOptions
  retrain: boolean
}

const fileOf = (store: ArtifactStore, name: string) => join(store.root, 'options', `${name}.json`)

/**
 * A single stage goes on with what the run before it was told (`generate gh --num 5000`, then `sft gh`), but for what it is told now.
 * A retrain makes a challenger of the champion's kind, with what the champion's run was told, whatever was tried since.
 * Any other train, and a search, starts from the defaults: what it makes must not depend on what was tried before. `force` is never handed on.
 * @throws InputError when a paid teacher that nobody has named would write everything anew: with `force`, or in a retrain without a budget
 */
export async function withEarlierOptions(store: ArtifactStore, { name, type, options, retrain }: Told): Promise<{ options: TrainOptions; inherited: TrainOptions }> {
  if ((type === 'train' || type === 'search') && !retrain) return { options, inherited: {} }
  const { force: _, ...earlier } = retrain ? await championOptions(store, name) : TrainOptions.parse((await readJson(fileOf(store, name))) ?? {})
  const inherited: TrainOptions = Object.fromEntries(Object.entries(earlier).filter(([option]) => options[option as keyof TrainOptions] === undefined))
  const all = { ...inherited, ...options }
  if (retrain && inherited.teacher === 'anthropic' && all.budget === undefined) {
    throw new InputError(`The champion of ${name} was made with --teacher anthropic and no budget, and a retrain pays for all its examples: give it a limit, \`--budget 20\` (in a schedule \`"options":{"budget":20}\`), or name the teacher.`)
  }
  if (!retrain && options.force && inherited.teacher === 'anthropic') {
    throw new InputError(`${type} goes on with what the last run of ${name} was told, --teacher anthropic, and --force would pay for every example anew: name the teacher, \`clitron ${type} ${name} --force --teacher anthropic\` or \`--teacher offline\`.`)
  }
  return { options: all, inherited }
}

/** Its seed stays its own: a challenger's data are fresh. */
async function championOptions(store: ArtifactStore, name: string): Promise<TrainOptions> {
  const best = await champion(store, name)
  if (!best) return {}
  // A version of an earlier release does not tell its options.
  const { seed: _, ...options } = best.options ?? { base: best.base, quant: best.quant }
  return options
}

/** For the single stages after this run. A challenger's are its own: they go on with what a person told. */
export async function keepOptions(store: ArtifactStore, name: string, options: TrainOptions): Promise<void> {
  await writeAtomically(fileOf(store, name), JSON.stringify(options))
}

/** As a person types them: `--num 5000 --batch`. */
export function typedOptions(options: TrainOptions): string {
  return Object.entries(options).map(([option, value]) => (value === true ? `--${option}` : `--${option} ${quote(String(value))}`)).join(' ')
}
