import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { layOut, versionFile, writeVersion } from '../activities/publish.ts'
import { publishedFiles } from '../dataset/published.ts'
import { dataDir, modelDir } from '../paths.ts'
import { readRegistry, type Version } from '../registry/registry.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import type { Ref } from '../store/ref.ts'
import type { TrainResult } from '../workflows/train.ts'

/** The others end after their stage. */
export const publishes = (type: string) => type === 'train' || type === 'eval'

/** The champion's files in the caller's folder, with its data and the records of all versions. */
export async function layOutChampion(store: ArtifactStore, name: string): Promise<Version | undefined> {
  const { champion, versions } = await readRegistry(store, name)
  const best = versions.find(({ version }) => version === champion)
  if (!best) return undefined
  await layOut(store, name, best)
  for (const version of versions) if (!existsSync(versionFile(name, version))) await writeVersion(name, version)
  await store.fetchTree(best.dataset, dataDir(name), (path) => publishedFiles.test(path))
  return best
}

/**
 * Lays a finished run's files out in the caller's folder: the worker may have worked in another. Files that are there are left alone.
 * What a single stage made stands apart from the champion's files, which belong together.
 * @returns the folders or files that were laid out, from the current folder
 */
export async function bringBack({ name, version: made, files }: TrainResult, type: string): Promise<string[]> {
  const store = new ArtifactStore()
  const laidOut: string[] = []
  const fetchPairs = (pairs: Ref) => store.fetchFile(pairs, dataDir(name, 'preferences.jsonl'))
  const { dataset, preferences, ...models } = files
  if (publishes(type)) {
    const best = await layOutChampion(store, name)
    if (!best) return []
    // A challenger that lost leaves the champion's data alone.
    if (preferences && made === best.version) await fetchPairs(preferences)
    laidOut.push(modelDir(name), dataDir(name))
  } else {
    if (preferences) await fetchPairs(preferences)
    if (dataset) {
      await store.fetchTree(dataset, dataDir(name), (path) => publishedFiles.test(path))
      laidOut.push(dataDir(name))
    }
    for (const [stage, model] of Object.entries(models)) {
      await store.fetchTree(model, modelDir(name, 'stages', stage))
      laidOut.push(modelDir(name, 'stages', stage))
    }
  }
  return laidOut.map((path) => relative(process.cwd(), path))
}
