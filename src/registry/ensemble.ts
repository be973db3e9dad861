import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { splitFiles } from '../dataset/assemble.ts'
import type { Hooks } from '../dataset/hooks.ts'
import { newTo } from '../dataset/nearest.ts'
import { parseRows } from '../dataset/read-rows.ts'
import type { Row } from '../dataset/row.ts'
import { typedOptions } from '../earlier-options.ts'
import { InputError } from '../errors.ts'
import type { Task } from '../evaluation/choose.ts'
import { askEach } from '../inference/ask-each.ts'
import { loadAsker } from '../inference/ask.ts'
import { calibrate } from '../inference/calibration.ts'
import { answerOrNone, type Prediction } from '../inference/predictor.ts'
import { stateDir } from '../paths.ts'
import { type ArtifactStore, DamagedArtifact } from '../store/artifacts.ts'
import type { Registry, Version } from './registry.ts'
import { bundlePaths, textOf } from './version-files.ts'

/**
 * The versions that are to vote, the champion first where it is one of them: it is the model that there would be without a vote, and that was not
 * settled by the rows which are scored now.
 * @throws InputError when one does not exist, or understands another schema
 */
export function membersOf({ name, champion, versions }: Registry, wanted: readonly number[]): Version[] {
  if (versions.length === 0) throw new InputError(`${name} was never trained here: \`clitron train ${name}\`.`)
  const members = wanted.map((number) => {
    const version = versions.find((each) => each.version === number)
    if (!version) throw new InputError(`Expected --ensemble to name versions that \`clitron runs ${name}\` shows, found ${number}. There are: ${numbers(versions)}.`)
    return version
  })
  const [first] = members as [Version]
  const other = members.find(({ schema }) => schema !== first.schema)
  if (other) throw new InputError(`Versions ${first.version} and ${other.version} of ${name} were trained on different schemas, so one cannot vote about the other's answers. Versions with the schema of version ${first.version}: ${numbers(versions.filter(({ schema }) => schema === first.schema))}; with that of version ${other.version}: ${numbers(versions.filter(({ schema }) => schema === other.schema))}.`)
  return members.toSorted((a, b) => Number(b.version === champion) - Number(a.version === champion))
}

const numbers = (versions: readonly Version[]) => versions.map(({ version }) => version).join(', ')

/** Tells which rows are new to all of these versions; a row that one of them learned would favour it, and the vote. @throws DamagedArtifact when the data of one is gone */
export async function newToAll(store: ArtifactStore, name: string, members: readonly Version[], { family, schema }: Task): Promise<(row: Row) => boolean> {
  const trained: string[] = []
  for (const [version] of Map.groupBy(members, ({ dataset }) => dataset.sha256).values()) {
    const train = await whole(name, version!, 'data', () => textOf(store, version!.dataset, splitFiles.train))
    for (const row of parseRows(train)) trained.push(family.fingerprint(schema, row))
  }
  const isNew = newTo(trained)
  return (row) => isNew(family.fingerprint(schema, row))
}

export interface MemberAnswers {
  /** To the rows in their order; `probability` is calibrated. */
  answers: Prediction[]
  bytes: number
}

/**
 * Asks one version after the other all rows, one row at a time, so that latencies are those of one user, and memory and disk those of one model.
 * @throws DamagedArtifact when the files of one are gone
 */
export async function askMembers(store: ArtifactStore, name: string, members: readonly Version[], rows: readonly Row[], hooks: Hooks): Promise<MemberAnswers[]> {
  // What a killed evaluation leaves there, `clitron gc` finds.
  await mkdir(stateDir('work', name), { recursive: true })
  const work = await mkdtemp(stateDir('work', name, 'ensemble-'))
  try {
    const all: MemberAnswers[] = []
    for (const member of members) {
      const folder = join(work, String(member.version))
      await whole(name, member, 'model', async () => {
        const bundle = await bundlePaths(store, member)
        await store.fetchTree(member.report, folder, (path) => bundle.has(path))
      })
      all.push(await answersOf(folder, rows, `asking version ${member.version}`, hooks))
      await rm(folder, { recursive: true })
    }
    return all
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function answersOf(folder: string, rows: readonly Row[], message: string, hooks: Hooks): Promise<MemberAnswers> {
  const { predictor, bundle: { calibration, manifest: { files } }, close } = await loadAsker(folder)
  try {
    const answers = await askEach(rows, { atOnce: 1 }, message, hooks, async (row) => {
      const answer = await answerOrNone(predictor.predict(row.instruction, row.context))
      return { ...answer, probability: calibrate(calibration, answer.probability) }
    })
    return { answers, bytes: files.model.bytes + (files.companion?.bytes ?? 0) }
  } finally {
    await close()
  }
}

async function whole<T>(name: string, { version, options = {} }: Version, what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof DamagedArtifact)) throw error
    throw new DamagedArtifact(`The ${what} of version ${version} cannot be read: ${error.message} That command is \`npx ${['clitron train', name, typedOptions(options)].join(' ').trim()}\`; or leave ${version} out of --ensemble.`)
  }
}
