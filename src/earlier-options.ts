import { join } from 'node:path'
import { InputError } from './errors.ts'
import { type Stage, TrainOptions } from './plan.ts'
import type { ArtifactStore } from './store/artifacts.ts'
import { writeAtomically } from './store/atomic.ts'
import { readJson } from './store/json-file.ts'
import { quote } from './text.ts'

interface Told {
  name: string
  /** The workflow's type: what was asked for. */
  type: 'train' | Stage
  options: TrainOptions
  retrain: boolean
}

const fileOf = (store: ArtifactStore, name: string) => join(store.root, 'options', `${name}.json`)

/**
 * A single stage goes on with what the run before it was told (`generate gh --num 5000`, then `sft gh`), but for what it is told now.
 * A whole train starts from the defaults: what it makes must not depend on what was tried before. `force` is never handed on.
 * @throws InputError when `force` would have a paid teacher write everything anew that nobody has named
 */
export async function withEarlierOptions(store: ArtifactStore, { name, type, options, retrain }: Told): Promise<{ options: TrainOptions; inherited: TrainOptions }> {
  if (type === 'train' || retrain) return { options, inherited: {} }
  const { force: _, ...earlier } = TrainOptions.parse((await readJson(fileOf(store, name))) ?? {})
  const inherited: TrainOptions = Object.fromEntries(Object.entries(earlier).filter(([option]) => options[option as keyof TrainOptions] === undefined))
  if (options.force && inherited.teacher === 'anthropic') {
    throw new InputError(`${type} goes on with what the last run of ${name} was told, --teacher anthropic, and --force would pay for every example anew: name the teacher, \`clitron ${type} ${name} --force --teacher anthropic\` or \`--teacher offline\`.`)
  }
  return { options: { ...inherited, ...options }, inherited }
}

/** For the single stages after this run. A challenger's are its own: they go on with what a person told. */
export async function keepOptions(store: ArtifactStore, name: string, options: TrainOptions): Promise<void> {
  await writeAtomically(fileOf(store, name), JSON.stringify(options))
}

/** As a person types them: `--num 5000 --batch`. */
export function typedOptions(options: TrainOptions): string {
  return Object.entries(options).map(([option, value]) => (value === true ? `--${option}` : `--${option} ${quote(String(value))}`)).join(' ')
}
