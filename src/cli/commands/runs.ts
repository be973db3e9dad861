import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { InputError } from '../../errors.ts'
import { EnsembleResults } from '../../evaluation/ensemble-results.ts'
import { modelDir } from '../../paths.ts'
import { redact } from '../../redact.ts'
import { bestPractices, bestPracticesTitle } from '../../registry/best-practices.ts'
import { type Experiment, differing, experiments } from '../../registry/experiments.ts'
import { findings } from '../../registry/findings.ts'
import type { SearchResults } from '../../search/results.ts'
import { ArtifactStore } from '../../store/artifacts.ts'
import { writeAtomically } from '../../store/atomic.ts'
import { readJson } from '../../store/json-file.ts'
import { quote } from '../../text.ts'
import { bold, dim, percent, print, printJson, table } from '../print.ts'
import { checkKnown } from '../schema.ts'

/** So many versions fit beside each other. */
const most = 6

/** Every version: one line each, and side by side in what they differ. */
export async function runs(name: string, { json }: { json?: boolean }): Promise<void> {
  await checkKnown(name)
  const all = await experiments(new ArtifactStore(), name)
  if (json) return printJson(all)
  if (!all.length) return print(`${name} was never trained here: \`clitron train ${name}\`.`)
  print(table([
    ['version', 'made', 'base', 'quant', 'seed', 'test', 'golden', 'data', 'verdict'],
    ...all.map(({ version, champion, created, configuration, data, metrics, verdict }) => [
      `${version}${champion ? ' *' : ''}`, created.slice(0, 16).replace('T', ' '), String(configuration.base), String(configuration.quant), String(configuration.seed),
      rate(metrics.test?.equivalent), rate(metrics.golden?.equivalent), data?.dataset.slice(0, 8) ?? '-', verdict,
    ]),
  ]))
  print('\n* the champion, which `clitron ask` uses')
  compare(all.slice(-most))
  if (all.length > most) print(dim(`The latest ${most} of ${all.length}; \`clitron runs ${name} --json\` has them all.`))
}

/** What changes from version to version brought, as a page. */
export async function writeBestPractices(name: string, file: string, { json }: { json?: boolean }): Promise<void> {
  await checkKnown(name)
  const store = new ArtifactStore()
  const all = await experiments(store, name)
  if (!all.length) throw new InputError(`${name} was never trained here: \`clitron train ${name}\`.`)
  const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw new InputError(`${file} cannot be written (${error.code}); give the name of a file.`)
  })
  if (before !== undefined && !before.startsWith(bestPracticesTitle(name))) throw new InputError(`Expected ${file} to be new or an earlier page of this command; it is something else. Give another name.`)
  const ensemble = EnsembleResults.safeParse(await readJson(modelDir(name, 'ensemble.json')))
  const found = await findings(store, all, ensemble.data)
  const search = await readJson<SearchResults>(modelDir(name, 'hyperparameter_results.json'))
  await writeAtomically(resolve(file), redact(bestPractices({ name, command: `npx clitron runs ${name} --best-practices ${quote(file)}`, all, findings: found, search })))
  if (json) return printJson({ file, ...found })
  const count = (verdict: string) => found.found.filter((finding) => finding.verdict === verdict).length
  print(`${file}: ${count('better')} changes helped, ${count('worse')} made it worse, ${count('undecided')} are undecided.`)
}

const rate = (value: number | undefined) => (value === undefined ? '-' : percent(value))

/** One column a version: the settings that differ, the data, and each figure. */
function compare(all: readonly Experiment[]): void {
  const line = (label: string, of: (experiment: Experiment) => string | undefined) => [`  ${label}`, ...all.map((each) => of(each) ?? '-')]
  const settings = differing(all)
  const sets = [...new Set(all.flatMap(({ metrics }) => Object.keys(metrics)))].filter((set) => !set.startsWith('golden_'))
  const rows = [
    ['', ...all.map(({ version, champion }) => `version ${version}${champion ? ' *' : ''}`)],
    ...(settings.length ? [['settings'], ...settings.map((key) => line(key, ({ configuration }) => configuration[key]?.toString()))] : []),
    ['data'],
    line('version', ({ data }) => data?.dataset.slice(0, 8)),
    line('rows', ({ data }) => data?.rows.toLocaleString('en')),
    line('rejected, removed', ({ data }) => data && `${data.rejected}, ${Object.values(data.removed).reduce((sum, count) => sum + count, 0)}`),
    line('different questions', ({ data }) => rate(data?.diversity.unique)),
    ...sets.flatMap((set) => [[set], ...[...new Set(all.flatMap(({ metrics }) => Object.keys(metrics[set] ?? {})))].map((name) => line(name, ({ metrics }) => figure(name, metrics[set]?.[name])))]),
  ]
  const width = rows[0]!.length
  print()
  for (const [i, text] of table(rows.map((row) => [...row, ...Array<string>(width - row.length).fill('')])).split('\n').entries()) print(i === 0 || rows[i]!.length === 1 ? bold(text) : text)
}

function figure(name: string, value: number | undefined): string | undefined {
  if (value === undefined) return undefined
  return name === 'rows' ? value.toLocaleString('en') : name === 'ece' ? value.toFixed(3) : name.startsWith('latency') ? `${value.toFixed(1)} ms` : percent(value)
}
