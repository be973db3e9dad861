import { layOut } from '../activities/publish.ts'
import { publishedFiles } from '../dataset/published.ts'
import { dataDir } from '../paths.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { readRegistry } from '../registry/registry.ts'
import type { TrainResult } from '../workflows/train.ts'

/** Lays a finished run's files out in the caller's folder: the worker may have worked in another. Files that are there are left alone. */
export async function bringBack(result: TrainResult, type: string): Promise<void> {
  if (type !== 'train' && type !== 'eval') return
  const store = new ArtifactStore()
  const { champion, versions } = await readRegistry(store, result.name)
  const version = versions.find(({ version }) => version === champion)
  if (!version) return
  await layOut(store, result.name, version)
  await store.fetchTree(version.dataset, dataDir(result.name), (path) => publishedFiles.test(path))
}

