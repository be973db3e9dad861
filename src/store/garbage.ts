import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { stateDir } from '../paths.ts'
import { ArtifactStore } from './artifacts.ts'
import { writeAtomically } from './atomic.ts'
import { clearWork, isHeld } from './lease.ts'
import type { Ref } from './ref.ts'

/** Younger than this nothing is collected: a run under way has written it and not yet recorded it. */
const graceMs = 24 * 3600 * 1000
/** What nobody used for so long is over or forgotten: a memo, a run that waits, a checkpoint, an attempt's number. */
const forgottenMs = 30 * graceMs

const forgettable = ['checkpoints', 'memo', 'runs', 'fences']

const planned = ['plan', 'coverage'] as const
type Planned = (typeof planned)[number]

/** Notes what a run refers to by its history alone, where `collect` cannot look. */
export async function keepForRun(store: ArtifactStore, runId: string, what: Planned, refs: (Ref | undefined)[]): Promise<void> {
  await writeAtomically(runFile(store, runId, what), JSON.stringify(refs.filter((ref) => ref)))
}

/** The run is over. */
export async function forgetRun(store: ArtifactStore, runId: string): Promise<void> {
  for (const what of planned) await rm(runFile(store, runId, what), { force: true })
}

const runFile = (store: ArtifactStore, runId: string, what: Planned) => join(store.root, 'runs', `${runId}-${what}.json`)

/**
 * Finds (and removes) stored files that no version, memo, row index, checkpoint or run under way refers to, and work folders of finished stages.
 * Memos, runs and checkpoints of which nothing was heard for thirty days count only as far as a kept version uses them.
 */
export async function collect({ remove, now = Date.now() }: { remove: boolean; now?: number }): Promise<{ objects: number; bytes: number; workFolders: number; workBytes: number }> {
  const store = new ArtifactStore()
  const needed = new Set<string>()
  for (const folder of ['registry', 'rows', ...forgettable]) {
    for (const file of await filesUnder(join(store.root, folder))) {
      if (file.endsWith('.part')) {
        if (remove && now - (await stat(file)).mtimeMs > graceMs) await rm(file, { force: true })
        continue
      }
      if (forgettable.includes(folder) && now - (await stat(file)).mtimeMs > forgottenMs) {
        if (remove) await rm(file, { force: true })
        continue
      }
      for (const sha of hashesIn(await readFile(file, 'utf8'))) needed.add(sha)
    }
  }
  // A tree's manifest names further files.
  for (const sha of [...needed]) {
    const object = join(store.root, 'objects', sha.slice(0, 2), sha)
    const info = await stat(object).catch(() => undefined)
    if (info && info.size < 4_000_000) {
      const text = await readFile(object, 'utf8')
      if (text.startsWith('{"files":')) for (const inner of hashesIn(text)) needed.add(inner)
    }
  }
  let objects = 0
  let bytes = 0
  for (const file of await filesUnder(join(store.root, 'objects'))) {
    const info = await stat(file)
    if (needed.has(file.split('/').at(-1)!) || now - info.mtimeMs < graceMs) continue
    objects += 1
    bytes += info.size
    if (remove) await rm(file, { force: true })
  }
  let workFolders = 0
  let workBytes = 0
  for (const name of await readdir(stateDir('work')).catch(() => [])) {
    for (const folder of await readdir(stateDir('work', name))) {
      const path = stateDir('work', name, folder)
      if (path.endsWith('.lease.json') || now - (await stat(path)).mtimeMs < graceMs || isHeld(path, (since) => now - since < forgottenMs)) continue
      workFolders += 1
      for (const file of await filesUnder(path)) workBytes += (await stat(file)).size
      if (remove) await clearWork(path)
    }
  }
  return { objects, bytes, workFolders, workBytes }
}

const hashesIn = (text: string) => text.match(/\b[0-9a-f]{64}\b/g) ?? []

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
