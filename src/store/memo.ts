import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { ArtifactStore } from './artifacts.ts'
import { renew, writeAtomically } from './atomic.ts'
import { readSealed, sealed } from './json-file.ts'
import type { Ref } from './ref.ts'

/** What a stage returned for given inputs; `trees` and `files` must still be in the store, whole, for the memo to count. */
export interface StageOutput {
  files?: Record<string, Ref>
  trees?: Record<string, Ref>
  /** Small figures that go on into the plan or the report. */
  facts?: Record<string, unknown>
}

/** Hash over everything a stage's output depends on; key order does not matter. */
export function inputsKey(inputs: unknown): string {
  return createHash('sha256').update(stableJson(inputs)).digest('hex')
}

/** The output recorded for these inputs, if everything it refers to is still there and undamaged; else the stage is made again. */
export async function recall(store: ArtifactStore, stage: string, key: string): Promise<StageOutput | undefined> {
  const output = await readSealed<StageOutput>(memoFile(store, stage, key))
  if (!output) return undefined
  for (const ref of Object.values(output.files ?? {})) if (!(await store.has(ref))) return undefined
  for (const ref of Object.values(output.trees ?? {})) if (!(await store.has(ref, true))) return undefined
  // Garbage collection goes by when it was last of use.
  await renew(memoFile(store, stage, key))
  return output
}

export async function record(store: ArtifactStore, stage: string, key: string, output: StageOutput): Promise<void> {
  await writeAtomically(memoFile(store, stage, key), sealed(output))
}

const memoFile = (store: ArtifactStore, stage: string, key: string) => join(store.root, 'memo', stage, `${key}.json`)

function stableJson(value: unknown): string {
  if (value === undefined) return 'null'
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`
  const entries = Object.entries(value).filter(([, item]) => item !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${stableJson(item)}`).join(',')}}`
}
