import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { InputError } from '../src/errors.ts'
import { TrainOptions } from '../src/plan.ts'
import { failShape } from '../src/tasks/yaml-mistakes.ts'
import { readYaml, type Mistake, type YamlSource } from '../src/tasks/yaml-source.ts'
import { shown } from '../src/text.ts'

const { num, pairs, base } = TrainOptions.shape

/** Options of a train that an experiment may set. Every seed would pay a paid teacher anew: its rows are imported. */
const Options = z.strictObject({ num, pairs, base, quant: z.string().optional(), teacher: z.enum(['offline', 'import']).optional() })
export type Options = z.infer<typeof Options>

const Settings = z.record(z.string(), z.union([z.number(), z.string()]))
const Baseline = z.strictObject({ settings: Settings.default({}), options: Options.default({}) })
const Variant = z.strictObject({
  name: z.string().min(1),
  settings: Settings.default({}),
  options: Options.default({}),
  /** Another schema file of the same kind. */
  schema: z.string().min(1).optional(),
})
export type Variant = z.infer<typeof Variant>

const Proxy = z.strictObject({ examples: num, steps: z.int().min(1).optional(), pairs })

const Measure = z.strictObject({
  /** "test": the held-out test split of the baseline's data; or a file. */
  rows: z.string().min(1).default('test'),
  part: z.enum(['dev', 'final']).optional(),
  score_once: z.boolean().default(false),
})

const Experiment = z.strictObject({
  question: z.string().min(1),
  /** A name in schemas/, or a schema's file. */
  training: z.string().min(1),
  seeds: z.array(z.int().min(0)).min(1).default([1, 2, 3]),
  baseline: Baseline.prefault({}),
  variants: z.array(Variant).min(1),
  proxies: z.array(Proxy).default([]),
  measure: Measure.prefault({}),
})

/** What a stage of an experiment changes for all that it trains, to be cheaper; nothing in the full one. */
export interface Stage extends z.infer<typeof Proxy> {
  title: string
}

export interface Experiment extends Omit<z.infer<typeof Experiment>, 'proxies'> {
  /** The path that was given. */
  file: string
  /** The cheapest first, as they stand in the file. */
  stages: Stage[]
  /** Says where a mistake stands. @throws InputError */
  fail: (path: readonly PropertyKey[], message: string, key?: string) => never
}

/** @throws InputError with every mistake of the file, one a line: `file:line:column: expected …, found …; do …` */
export async function readExperiment(file: string): Promise<Experiment> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${file} cannot be read (${error.code}): name an experiment's file, such as lab/experiments/smallest.yaml.`)
  })
  return parseExperiment(file, text)
}

/** @throws InputError as `readExperiment` */
export function parseExperiment(file: string, text: string): Experiment {
  const yaml = readYaml({ name: file, file, text })
  if (yaml.value === null || typeof yaml.value !== 'object' || Array.isArray(yaml.value)) {
    return yaml.fail([{ offset: 0, message: `expected a map with the keys ${Object.keys(Experiment.shape).join(', ')}, found ${shown(yaml.value)}; see lab/experiments/.` }])
  }
  const { proxies, full } = splitStages(yaml)
  const checked = Experiment.safeParse({ ...yaml.value, ...(proxies !== undefined && { proxies }) })
  if (!checked.success) return failShape(yaml, checked.error, keysAt)
  const mistakes = mistakesOf(checked.data, yaml, full)
  if (mistakes.length) yaml.fail(mistakes)
  const { proxies: cheap, ...experiment } = checked.data
  return {
    ...experiment, file,
    stages: [...cheap.map((proxy): Stage => ({ ...proxy, title: titleOf(proxy) })), ...(full ? [{ title: 'full' }] : [])],
    fail: (path, message, key) => yaml.fail([{ offset: yaml.offset(path, key), message }]),
  }
}

/** The word `full` closes the list of proxies; without any list there is nothing but the full runs. */
function splitStages(yaml: YamlSource): { proxies: unknown; full: boolean } {
  const { proxies } = yaml.value as { proxies?: unknown }
  if (!Array.isArray(proxies)) return { proxies, full: proxies === undefined }
  const early = proxies.indexOf('full')
  if (early >= 0 && early < proxies.length - 1) yaml.fail([{ offset: yaml.offset(['proxies', early]), message: 'expected "full" to be the last of "proxies", for it costs the most; move it to the end.' }])
  return { proxies: early < 0 ? proxies : proxies.slice(0, early), full: early >= 0 }
}

function mistakesOf({ seeds, variants, proxies, measure }: z.infer<typeof Experiment>, yaml: YamlSource, full: boolean): Mistake[] {
  const found: Mistake[] = []
  const at = (path: readonly PropertyKey[], message: string) => found.push({ offset: yaml.offset(path), message })
  for (const [index, seed] of seeds.entries()) if (seeds.indexOf(seed) < index) at(['seeds', index], `expected every seed once, found ${seed} again; the same seed makes the same model.`)
  for (const [index, { name }] of variants.entries()) {
    if (name === 'baseline' || variants.findIndex((other) => other.name === name) < index) at(['variants', index, 'name'], `expected a name of its own, found ${shown(name)}; rename it.`)
  }
  for (const [index, proxy] of proxies.entries()) if (Object.keys(proxy).length === 0) at(['proxies', index], 'expected "examples", "steps" or "pairs", found none; a proxy without them is the full run.')
  if (!full && proxies.length === 0) at(['proxies'], 'expected a stage at least, found none; write [full].')
  if (measure.score_once && proxies.length > 0) at(['measure', 'score_once'], 'expected no proxies beside "score_once", for they choose what is run next by these rows; run the proxies in an experiment of their own, on other rows.')
  if (measure.part !== undefined && measure.rows === 'test') at(['measure', 'part'], 'expected "part" beside a file under "rows" alone, for the test split has no parts; remove it, or name the file.')
  return found
}

const titleOf = ({ examples, steps, pairs }: z.infer<typeof Proxy>) =>
  [[examples, 'examples'], [steps, 'steps'], [pairs, 'pairs']].flatMap(([count, what]) => (count === undefined ? [] : [`${Number(count).toLocaleString('en')} ${what}`])).join(', ')

/** Keys that may stand where an unknown one was found. */
function keysAt(path: readonly PropertyKey[]): string[] {
  const shapes = { options: Options, baseline: Baseline, variants: Variant, proxies: Proxy, measure: Measure }
  const inner = path.findLast((segment): segment is keyof typeof shapes => typeof segment === 'string' && Object.hasOwn(shapes, segment))
  return Object.keys((inner === undefined ? Experiment : shapes[inner]).shape)
}
