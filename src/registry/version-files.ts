import { Manifest } from '../inference/bundle.ts'
import { type ArtifactStore, DamagedArtifact } from '../store/artifacts.ts'
import type { Ref } from '../store/ref.ts'
import type { Version } from './registry.ts'

/** The text of one file of a stored folder. @throws DamagedArtifact when it is not there */
export async function textOf(store: ArtifactStore, tree: Ref, path: string): Promise<string> {
  const text = await store.readTreeText(tree, path)
  if (text === undefined) throw new DamagedArtifact(`The stored ${tree.kind} has no ${path}; an earlier release made it otherwise.`)
  return text
}

/** Which files of a version's report are its bundle. @throws DamagedArtifact when the report is gone */
export async function bundlePaths(store: ArtifactStore, { report }: Pick<Version, 'report'>): Promise<Set<string>> {
  const { files } = Manifest.parse(JSON.parse(await textOf(store, report, 'clitron.json')))
  return new Set(['clitron.json', ...Object.values(files).map(({ file }) => file)])
}
