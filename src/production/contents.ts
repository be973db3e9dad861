import { dirname, join } from 'node:path'
import { splitFiles } from '../dataset/assemble.ts'
import { parseRows } from '../dataset/read-rows.ts'
import type { Report } from '../evaluation/report.ts'
import { outcomesFile, parseOutcomes } from '../evaluation/rounds.ts'
import type { Version } from '../registry/registry.ts'
import { bundlePaths, textOf } from '../registry/version-files.ts'
import { requireDisk } from '../setup/disk.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import { writeAtomically } from '../store/atomic.ts'
import type { Ref } from '../store/ref.ts'
import { smokeRows, smokeRowsFile } from './smoke-rows.ts'

/** The bundle, as `load` and `ask --model` open it. */
export const weightsFolder = 'model_weights'
/** As the trainer reads and writes them; a model's folder has some of these. */
const tokenizerFiles = /^(tokenizer(_config)?\.json|tokenizer\.model|special_tokens_map\.json|added_tokens\.json|vocab\.(json|txt)|merges\.txt|chat_template\.jinja)$/

/** Where a file of the package comes from, and what it must be. */
interface Source {
  tree: Ref
  /** Its path in the tree. */
  from: string
  sha256: string
  bytes: number
}

/** Everything of a version that is packed as it is stored, by its path in the package. */
export type Contents = Record<string, Source>

/**
 * Finds what of a version is packed: the files that its bundle names, the tokenizer of the stage that ships, the model card.
 * @throws DamagedArtifact when a part of it is gone
 */
export async function contentsOf(store: ArtifactStore, version: Version): Promise<{ contents: Contents; report: Report }> {
  const report = JSON.parse(await textOf(store, version.report, 'report.json')) as Report
  const ofBundle = await bundlePaths(store, version)
  const [evaluated, trained] = [await store.readTree(version.report), version[report.chosen]]
  const contents: Contents = {}
  for (const [from, file] of Object.entries(evaluated)) {
    if (ofBundle.has(from)) contents[`${weightsFolder}/${from}`] = { tree: version.report, from, ...file }
    if (from === 'MODEL.md') contents[from] = { tree: version.report, from, ...file }
  }
  for (const [from, file] of Object.entries(await store.readTree(trained))) if (tokenizerFiles.test(from)) contents[`tokenizer/${from}`] = { tree: trained, from, ...file }
  return { contents, report }
}

/** Lays them out in `folder`, each verified. @throws NeedsPersonError when the disk has no room for them */
export async function fetchContents(store: ArtifactStore, contents: Contents, folder: string): Promise<void> {
  const bytes = Object.values(contents).reduce((sum, file) => sum + file.bytes, 0)
  await requireDisk(dirname(folder), bytes, 'The package', 'Free some space there, or give a folder on another disk.')
  for (const [path, file] of Object.entries(contents)) await store.fetchFile(file, join(folder, path))
}

/** The questions of the smoke test, with what the evaluation made of them. @throws DamagedArtifact when the dataset is gone */
export async function writeSmokeRows(store: ArtifactStore, { report, dataset }: Version, folder: string): Promise<void> {
  const rowsOf = async (file: string) => parseRows(await textOf(store, dataset, file))
  // An earlier release did not keep what it made of each row.
  const outcomes = parseOutcomes((await store.readTreeText(report, outcomesFile)) ?? '')
  const rows = smokeRows({ validation: await rowsOf(splitFiles.validation), test: await rowsOf(splitFiles.test) }, outcomes)
  await writeAtomically(join(folder, smokeRowsFile), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
}
