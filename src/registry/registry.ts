import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError, NeedsPersonError } from '../errors.ts'
import { checkName, modelDir } from '../paths.ts'
import { TrainOptions } from '../plan.ts'
import { withLock } from '../process/lock.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import { writeAtomically } from '../store/atomic.ts'
import { parseJson, sealOf } from '../store/json-file.ts'
import { Ref } from '../store/ref.ts'

/** One finished train and everything it can be traced to. */
export const Version = z.object({
  version: z.int(),
  created: z.string(),
  report: Ref,
  dataset: Ref,
  sft: Ref,
  dpo: Ref,
  /** Hash of the schema it understands; another hash in schemas/ means that the model is older than its schema. */
  schema: z.string(),
  base: z.string(),
  quant: z.string(),
  seed: z.int(),
  /** What its run was told, for a challenger of the same kind; absent in versions of an earlier release. */
  options: TrainOptions.optional(),
  /** The contents of training/configs that it was trained by; absent in versions of an earlier release. */
  configs: z.object({ sft: z.record(z.string(), z.unknown()), dpo: z.record(z.string(), z.unknown()) }).optional(),
  scores: z.record(z.string(), z.unknown()),
  /** By promotion gate, why it is not passed; absent in versions that were not held to them. */
  failed: z.record(z.string(), z.string()).optional(),
  /** Figures that its schema bounded, by the schema's names. */
  held: z.array(z.string()).optional(),
  /** What its rounds of improvement changed and gained; absent without rounds. */
  improvement: Ref.optional(),
  /** Why it is, or is not, the champion. */
  verdict: z.string(),
})
export type Version = z.infer<typeof Version>

const Registry = z.object({ name: z.string(), champion: z.int().optional(), versions: z.array(Version) })
export type Registry = z.infer<typeof Registry>

const registryFile = (store: ArtifactStore, name: string) => join(store.root, 'registry', `${checkName(name)}.json`)

/** @throws NeedsPersonError when the file is damaged: it alone knows all versions */
export async function readRegistry(store: ArtifactStore, name: string): Promise<Registry> {
  const file = registryFile(store, name)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return { name, versions: [] }
  const { seal, ...registry } = parseJson<Registry & { seal?: string }>(text) ?? {}
  const parsed = Registry.safeParse(registry)
  // A file of an earlier release has no seal.
  if (!parsed.success || (seal !== undefined && seal !== sealOf(registry))) throw new NeedsPersonError(`The list of versions ${file} is damaged. Bring it back from a copy; or remove it to begin a new one: each version's own record stands in ${modelDir(name, 'versions')}.`)
  return parsed.data
}

export async function champion(store: ArtifactStore, name: string): Promise<Version | undefined> {
  const registry = await readRegistry(store, name)
  return registry.versions.find((version) => version.version === registry.champion)
}

/** The version that a person names, else the champion, else the newest. @throws InputError where there is none */
export function chosenVersion({ name, champion, versions }: Registry, wanted?: number): Version {
  if (versions.length === 0) throw new InputError(`${name} was never trained here: \`clitron train ${name}\`.`)
  const version = versions.find((each) => each.version === (wanted ?? champion ?? versions.at(-1)!.version))
  if (!version) throw new InputError(`Expected --model-version to be one that \`clitron runs ${name}\` shows, found ${wanted}. There are: ${versions.map((each) => each.version).join(', ')}.`)
  return version
}

/** Adds a version, as champion when it won; the same report twice is one version, with the options and the rounds given last. Call it under the training's lock. */
export async function addVersion(store: ArtifactStore, name: string, entry: Omit<Version, 'version' | 'created'>, promoted: boolean): Promise<Version> {
  return change(store, name, (registry) => {
    const known = registry.versions.find((version) => version.report.sha256 === entry.report.sha256)
    const version = known ?? { ...entry, version: (registry.versions.at(-1)?.version ?? 0) + 1, created: new Date().toISOString() }
    if (known) Object.assign(known, { options: entry.options, improvement: entry.improvement })
    else registry.versions.push(version)
    if (promoted) registry.champion = version.version
    return version
  })
}

/** Makes a version the champion that a person chose. @returns the one before @throws InputError where it is not there */
export async function setChampion(store: ArtifactStore, name: string, wanted: number): Promise<number | undefined> {
  return change(store, name, (registry) => {
    const before = registry.champion
    registry.champion = chosenVersion(registry, wanted).version
    return before
  })
}

/** A person's command and a run that publishes may come at the same moment. */
async function change<T>(store: ArtifactStore, name: string, alter: (registry: Registry) => T): Promise<T> {
  const file = registryFile(store, name)
  return withLock(`${file}.lock`, async () => {
    const registry = await readRegistry(store, name)
    const result = alter(registry)
    await writeAtomically(file, JSON.stringify({ ...registry, seal: sealOf(registry) }, null, 2))
    return result
  })
}
