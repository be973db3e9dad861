import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { packageRoot } from '../paths.ts'
import { runChild } from '../process/run.ts'
import { findBase } from '../setup/bases.ts'
import { modelDigest } from '../setup/model-digest.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { writeAtomically } from '../store/atomic.ts'
import { readJson } from '../store/json-file.ts'
import { pythonCommand, trainerEnvironment } from './commands.ts'
import type { StageContext } from './stage.ts'

/** What a local folder holds at the moment, as its revision; undefined for "scratch" and for a model of the hub. */
export async function localRevision(base: string): Promise<string | undefined> {
  return isFolder(base) ? modelDigest(resolve(base)) : undefined
}

/**
 * The commit that all runs with this store take a base of the hub at: the newest at its first download, or at the last time
 * that `newest` was asked for. Undefined for "scratch".
 */
export async function pinnedRevision(base: string, newest: boolean, context: Pick<StageContext, 'progress' | 'signal'>): Promise<string | undefined> {
  if (base === 'scratch') return undefined
  const file = join(new ArtifactStore().root, 'bases', `${findBase(base).hub}.json`)
  const pinned = newest ? undefined : await readJson<{ revision: string }>(file)
  if (pinned) return pinned.revision
  const { revision } = await resolveBase(base, context)
  await writeAtomically(file, JSON.stringify({ revision }))
  return revision
}

const isFolder = (base: string) => base !== 'scratch' && existsSync(base) && statSync(base).isDirectory()

/**
 * The base model's folder on this host, downloaded when it is not here; "scratch" is its own path.
 * The hub token reaches only the download.
 * @throws InputError for a name that is neither in the catalogue, nor a hub id, nor a folder; and for a folder that is not at `revision`
 */
export async function resolveBase(base: string, options: { revision?: string | undefined; progress: StageContext['progress']; signal: AbortSignal }): Promise<{ path: string; revision?: string }> {
  if (base === 'scratch') return { path: base }
  const revision = await localRevision(base)
  if (revision) {
    // An adapter merged into other weights than it was trained on is broken, and nothing would say so.
    if (options.revision && options.revision !== revision) throw new InputError(`The base in ${resolve(base)} is not what this run began with: it was changed meanwhile, or is another one on this host. Put it back, or start a new run with what is there now.`)
    return { path: resolve(base), revision }
  }
  const { hub } = findBase(base)
  const { command, args } = await pythonCommand('download')
  const folder = await mkdtemp(join(tmpdir(), 'clitron-download-'))
  const specFile = join(folder, 'spec.json')
  await writeFile(specFile, JSON.stringify({ stage: 'download', hub, ...(options.revision && { revision: options.revision }) }))
  const environment = { ...trainerEnvironment(), HF_HUB_OFFLINE: '0' }
  for (const name of ['HF_TOKEN', 'HF_HOME', 'HF_ENDPOINT', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE']) {
    const value = process.env[name]
    if (value) Object.assign(environment, { [name]: value })
  }
  try {
    const result = await runChild({
      command, args: [...args, specFile], cwd: packageRoot, env: environment, signal: options.signal, stallSeconds: 900,
      onEvent: (event) => event.event === 'progress' && options.progress({ ...event }),
    })
    return { path: String(result.path ?? result.output), revision: String(result.revision) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
