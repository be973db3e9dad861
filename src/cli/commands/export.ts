import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { splitFiles } from '../../dataset/assemble.ts'
import { writeJsonl } from '../../dataset/jsonl.ts'
import { publishedFiles } from '../../dataset/published.ts'
import { readRows } from '../../dataset/read-rows.ts'
import { InputError } from '../../errors.ts'
import { type DataVersion, dataVersions } from '../../registry/data-versions.ts'
import { readRegistry, type Version } from '../../registry/registry.ts'
import { ArtifactStore } from '../../store/artifacts.ts'
import { writeAtomically } from '../../store/atomic.ts'
import { loadSchema } from '../../tasks/index.ts'
import { checkFolder } from '../check-folder.ts'
import { percent, print, printJson } from '../print.ts'
import { checkKnown } from '../schema.ts'

/** What an export is told by; written last. */
const marker = 'versions.json'

/** Lays a version of the data out as a folder that git with LFS can hold; a later version goes over it, so that git shows what changed. */
export async function exportData(name: string, to: string, { dataVersion: wanted, json }: { dataVersion?: string; json?: boolean }): Promise<void> {
  await checkKnown(name)
  const store = new ArtifactStore()
  const { versions, gone } = await dataVersions(store, name)
  const version = chosen(name, versions, gone, wanted)
  const folder = resolve(to)
  await checkFolder(folder, to, { marker, earlier: 'an earlier export', beside: ['.git'] })

  const registry = await readRegistry(store, name)
  const users = registry.versions.filter(({ dataset }) => dataset.sha256 === version.dataset)
  await store.fetchTree(users[0]!.dataset, join(folder, 'data'), (path) => publishedFiles.test(path) || path === 'system.txt')
  const model = users.find((user) => user.version === registry.champion) ?? users.at(-1)!
  // A clean-up takes the models of old versions before their data.
  await store.fetchTree(model.report, folder, (path) => path === 'MODEL.md').catch(() => {})
  const records = await writeRecords(store, name, users, folder)
  await writeAtomically(join(folder, '.gitattributes'), '*.jsonl filter=lfs diff=lfs merge=lfs -text\n')
  await writeAtomically(join(folder, 'README.md'), readme(name, version, existsSync(join(folder, 'MODEL.md')), records))
  await writeAtomically(join(folder, marker), `${JSON.stringify({ name, version: version.dataset, versions }, null, 2)}\n`)

  if (json) return printJson({ folder, ...version })
  print(`${version.statistics.rows.toLocaleString('en')} rows of data version ${short(version.dataset)} are in ${to}.`)
  print(existsSync(join(folder, '.git')) ? `Keep it: cd ${to} && git add . && git commit -m "data ${short(version.dataset)}"` : `Keep it: cd ${to} && git init && git lfs install --local && git add . && git commit -m "data ${short(version.dataset)}"`)
}

const recordsFolder = 'records'

/**
 * The rows of each split once more, as records of the datasets that the kind of task has in its document, by the schema that they were made with.
 * Records by dataset; none where the kind has no such form, or a clean-up took that schema.
 */
async function writeRecords(store: ArtifactStore, name: string, users: readonly Version[], folder: string): Promise<Record<string, number>> {
  await rm(join(folder, recordsFolder), { recursive: true, force: true })
  const text = await schemaOf(store, name, users)
  if (text === undefined) return {}
  const { family, schema } = loadSchema({ name, file: `schemas/${name}.yaml`, text })
  if (!family.toRecord) return {}
  const counts: Record<string, number> = {}
  for (const file of Object.values(splitFiles).filter((each) => existsSync(join(folder, 'data', each)))) {
    const records = (await readRows(join(folder, 'data', file))).flatMap((row) => family.toRecord!(schema, row) ?? [])
    for (const [dataset, of] of Map.groupBy(records, (each) => each.dataset)) {
      await mkdir(join(folder, recordsFolder, dataset), { recursive: true })
      await writeJsonl(join(folder, recordsFolder, dataset, file), of.map(({ record }) => record))
      counts[dataset] = (counts[dataset] ?? 0) + of.length
    }
  }
  return counts
}

/** The YAML that stands beside the first of the models that still has it. */
async function schemaOf(store: ArtifactStore, name: string, users: readonly Version[]): Promise<string | undefined> {
  for (const { report } of users) {
    const text = await store.readTreeText(report, `${name}.yaml`).catch(() => undefined)
    if (text !== undefined) return text
  }
  return undefined
}

const short = (hash: string) => hash.slice(0, 8)

function chosen(name: string, versions: DataVersion[], gone: string[], wanted?: string): DataVersion {
  if (!versions.length) throw new InputError(gone.length ? `The data of all versions of ${name} was cleaned up; make it again: \`clitron train ${name}\`.` : `${name} was never trained here: \`clitron train ${name}\`.`)
  if (wanted === undefined) return versions.find(({ usage }) => usage.some(({ champion }) => champion)) ?? versions.at(-1)!
  const found = versions.filter(({ dataset }) => dataset.startsWith(wanted))
  if (found.length === 1) return found[0]!
  const others = versions.map(({ dataset }) => short(dataset)).join(', ')
  if (found.length > 1) throw new InputError(`--data-version ${wanted} is the beginning of ${found.length} versions; give more of the hash. There are: ${others}.`)
  throw new InputError(`Expected --data-version to be the beginning of a hash that \`clitron runs ${name}\` shows, found ${JSON.stringify(wanted)}${gone.some((hash) => hash.startsWith(wanted)) ? ', whose rows were cleaned up' : ''}. There are: ${others}.`)
}

function readme(name: string, { dataset, created, lineage, transformations, usage, performance, quality }: DataVersion, model: boolean, records: Record<string, number>): string {
  return `# Data of \`${name}\`, version ${short(dataset)}

Made on ${created.slice(0, 10)}. The rows stand in \`data/\` and are kept by git LFS (\`.gitattributes\`); all figures of all versions in \`${marker}\`.

| file | what |
| --- | --- |
| \`data/train.jsonl\`, \`train_val\`, \`train_calibration\`, \`train_test\` | the rows of each split |
| \`data/rejected.jsonl\` | rows that were refused or removed, with reasons |
| \`data/DATASET.md\` | where the rows come from, how they were made, what is in them, limits |
| \`data/dataset.json\` | every count, quality figures, hashes |
| \`data/system.txt\` | what an answer has to keep to: the guideline that rows are written and checked by |
${Object.entries(records).map(([dataset, count]) => `| \`${recordsFolder}/${dataset}/\` | ${count.toLocaleString('en')} of the rows by split as records, with all fields and annotations that the kind of task has for them |\n`).join('')}${model ? '| `MODEL.md` | the model that was trained on it: what it is, how it was trained, scores, use |\n' : ''}
## Where it comes from

${Object.entries(lineage.sources).map(([source, rows]) => `${rows.toLocaleString('en')} rows from ${source}`).join(', ')}. ${lineage.from ? `Of the version before, ${short(lineage.from)}, ${lineage.rows_kept.toLocaleString('en')} rows were kept, ${lineage.rows_gone.toLocaleString('en')} are gone, ${lineage.rows_added.toLocaleString('en')} are new${lineage.schema_changed ? '; the schema changed in between' : ''}.` : 'It is the first version.'}

${transformations.map(({ stage, step, rows }, i) => `${i + 1}. ${stage}: ${step}: ${rows.toLocaleString('en')} rows`).join('\n')}

${quality.quality ? `Quality checks: ${quality.quality.map(({ name: check, value, least }) => `${check} ${value} (at least ${least})`).join(', ')}.\n\n` : ''}## What it was used for

| model | base | made |
| --- | --- | --- |
${usage.map(({ version, base, created: trained, champion }) => `| version ${version}${champion ? ', the champion' : ''} | ${base} | ${trained.slice(0, 10)} |`).join('\n')}

Best score of these models: ${Object.entries(performance).filter(([set]) => !set.startsWith('golden_')).map(([set, { equivalent, rows, gain }]) => `${set} ${percent(equivalent)} of ${rows}${gain === undefined ? '' : ` (${gain < 0 ? '' : '+'}${(100 * gain).toFixed(1)} points against the data before)`}`).join(', ')}.
`
}
