import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { readSchema } from '../src/cli/schema.ts'
import { InputError } from '../src/errors.ts'
import { checkQuant } from '../src/inference/quant.ts'
import { checkName, dataDir, schemaFile } from '../src/paths.ts'
import { type Plan, type TrainInput, usualOptions } from '../src/plan.ts'
import type { Setting } from '../src/search/trials.ts'
import { locateBase } from '../src/setup/bases.ts'
import { configTexts, readConfigs } from '../src/setup/configs.ts'
import { withDeclared, withSettings } from '../src/setup/settings.ts'
import { hashFile } from '../src/store/artifacts.ts'
import { codeVersion } from '../src/store/code-version.ts'
import { inputsKey } from '../src/store/memo.ts'
import type { TaskFamily } from '../src/tasks/family.ts'
import { gatherSchema, loadSchema } from '../src/tasks/index.ts'
import { countBriefs } from '../src/teacher/briefs.ts'
import type { Experiment, Options, Stage } from './experiment.ts'

export interface Schema {
  family: TaskFamily
  schema: unknown
  /** With the files that it refers to in it. */
  text: string
}

/** What is trained once a seed: the baseline, or a variant of it. */
export interface Arm {
  name: string
  /** What it is told, in words; of a variant, in what it differs from the baseline. */
  change: string
  schema: Schema
  options: Options
  settings: Setting
  /** What files and schema say, before its settings. */
  configs: Plan['configs']
}

/** An experiment with everything read that it names. */
export interface Arms {
  /** The training's name. */
  name: string
  baseline: Arm
  variants: Arm[]
  /** The caller's training/configs, as they are sent. */
  configs: string
  /** Hand-written rows, which stay out of the training data, and rows that were imported. */
  golden?: { file: string; sha256: string }
  imported?: { file: string; sha256: string }
}

/** One training: everything that decides what comes out of it. */
export interface Job {
  /** Of its run; jobs on the same data share it, and so the data. */
  training: string
  /** Hash over all of it, and over the code. */
  key: string
  quant: string
  schema: Schema
  settings: Setting
  options: NonNullable<TrainInput['options']>
}

/** @throws InputError with the place in the experiment's file for what cannot be trained, or would be the baseline once more */
export async function readArms(experiment: Experiment): Promise<Arms> {
  const { training, baseline: { settings, options }, fail } = experiment
  const { name, file, ...schema } = await schemaOf(training, () => fail(['training'], `expected a schema, found no file ${JSON.stringify(training)}; name one, or a training of schemas/.`))
  const texts = await configTexts()
  const arm = async (of: Omit<Arm, 'configs'>, path: readonly PropertyKey[]): Promise<Arm> => {
    const base = of.options.base ?? usualOptions.base
    const { quant } = of.options
    const place = (section: string, key: string) => (message: string) => fail([...path, section], message, key)
    await unlessRefused(() => locateBase(base), place('options', 'base'))
    if (quant !== undefined) await unlessRefused(() => checkQuant(quant), place('options', 'quant'))
    const configs = withDeclared(base, await readConfigs(base, texts, of.schema.family.rowLength), of.schema.family.searchSpace?.(of.schema.schema))
    for (const [key, value] of Object.entries(of.settings)) await unlessRefused(() => withSettings(base, configs, { [key]: value }), place('settings', key))
    return { ...of, configs }
  }
  const baseline = await arm({ name: 'baseline', change: inWords({ settings, options }) || 'as configured', schema, settings, options }, ['baseline'])
  const variants: Arm[] = []
  for (const [index, variant] of experiment.variants.entries()) {
    const path = ['variants', index]
    const other = variant.schema === undefined ? schema : await schemaOf(variant.schema, () => fail([...path, 'schema'], `expected a schema, found no file ${JSON.stringify(variant.schema)}; name another file.`))
    if (other.family.kind !== schema.family.kind) fail([...path, 'schema'], `expected a schema of kind ${schema.family.kind}, as that of the training, found ${other.family.kind}; their answers cannot be compared.`)
    variants.push(await arm({ name: variant.name, change: inWords(variant), schema: other, settings: { ...settings, ...variant.settings }, options: { ...options, ...variant.options } }, path))
  }
  const arms: Arms = { name, baseline, variants, configs: JSON.stringify(texts), ...(await rowsOf(name, file)) }
  refuseSame(experiment, arms)
  return arms
}

/** What a station refuses is refused where it stands in the experiment. */
async function unlessRefused(task: () => unknown, refuse: (message: string) => never): Promise<void> {
  try {
    await task()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    refuse(error.message)
  }
}

/** @param missing is told that there is no such file */
async function schemaOf(nameOrFile: string, missing: () => never): Promise<Schema & { name: string; file: string }> {
  if (!/[/.]/.test(nameOrFile)) return { name: nameOrFile, file: schemaFile(nameOrFile), ...(await readSchema(nameOrFile)) }
  const name = checkName(basename(nameOrFile).replace(/\.ya?ml$/, ''))
  const written = await readFile(nameOrFile, 'utf8').catch(missing)
  const text = gatherSchema({ name, file: nameOrFile, text: written }, dirname(nameOrFile))
  return { name, file: nameOrFile, ...loadSchema({ name, file: nameOrFile, text }), text }
}

/** As `clitron train` takes them: the golden set stands beside the schema. */
async function rowsOf(name: string, schema: string): Promise<Pick<Arms, 'golden' | 'imported'>> {
  const known = async (file: string) => (existsSync(file) ? { file, sha256: (await hashFile(file)).sha256 } : undefined)
  const [golden, imported] = [await known(join(dirname(schema), `${name}.golden.jsonl`)), await known(dataDir(name, 'imported.jsonl'))]
  return { ...(golden && { golden }), ...(imported && { imported }) }
}

/** A variant may be the baseline at a proxy that settles what it changes, but not in the end. */
function refuseSame({ stages, seeds, fail }: Experiment, arms: Arms): void {
  const key = (arm: Arm) => jobOf(arms, arm, stages.at(-1)!, seeds[0]!).key
  for (const [index, variant] of arms.variants.entries()) {
    if (key(variant) === key(arms.baseline)) fail(['variants', index], `expected ${JSON.stringify(variant.name)} to differ from the baseline, found nothing that does${stages.at(-1)!.title === 'full' ? '' : ` at the last stage (${stages.at(-1)!.title})`}; change a value, or remove it.`)
  }
}

function inWords({ settings, options, schema }: { settings: Setting; options: Options; schema?: string | undefined }): string {
  return [...Object.entries({ ...settings, ...options }).map(([key, value]) => `${key} ${value}`), ...(schema === undefined ? [] : [`schema ${schema}`])].join(', ')
}

/** The training of an arm at a stage of an experiment, with one seed. */
export function jobOf({ name, golden, imported, configs }: Arms, { schema, ...arm }: Arm, { examples, steps, pairs }: Stage, seed: number): Job {
  const options = { ...usualOptions, ...arm.options, ...(examples !== undefined && { num: examples }), ...(pairs !== undefined && { pairs }), seed }
  const length = options.base === 'scratch' ? 'training.steps' : 'training.max_steps'
  const settings = { ...arm.settings, ...(steps !== undefined && { [length]: steps }) }
  const { base, teacher, num, ...rest } = options
  const data = inputsKey({ schema: schema.text, golden: golden?.sha256, imported: imported?.sha256, count: countBriefs(schema.family, schema.schema, { num, teacher, base }), seed, teacher })
  const code = codeVersion('trainers', 'tasks', 'teacher', 'dataset', 'inference', 'evaluation', 'activities')
  const key = inputsKey({ data, base, ...rest, sft: withSettings(base, arm.configs, settings), dpo: arm.configs.dpo, code })
  return { training: `lab-${name.slice(0, 40)}-${data.slice(0, 8)}`, key, quant: options.quant.toLowerCase(), schema, settings, options }
}
