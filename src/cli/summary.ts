import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { modelDir } from '../paths.ts'
import { readRegistry } from '../registry/registry.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import type { TrainResult } from '../workflows/train.ts'

/** What `eval --json` prints: each set of rows with all its figures. */
export async function scoresOf(name: string): Promise<Record<string, unknown>> {
  return (JSON.parse(await readFile(modelDir(name, 'report.json'), 'utf8')) as { scores: Record<string, unknown> }).scores
}

/** What `train --json` prints. */
export async function summary(name: string, result: TrainResult, seconds: number) {
  const store = new ArtifactStore()
  const { champion, versions } = await readRegistry(store, name)
  const version = versions.find((candidate) => candidate.version === champion)
  const file = version && `clitron-${name}-${version.quant}.gguf`
  const model = version && file ? { path: relative(process.cwd(), modelDir(name, file)), ...pick((await store.readTree(version.report))[file]) } : undefined
  const { verdict, failed } = versions.find((candidate) => candidate.version === result.version) ?? {}
  return { name, model, scores: version?.scores ?? {}, seconds: Math.round(seconds * 10) / 10, up_to_date: result.up_to_date, dollars: result.dollars, version: version?.version, promoted: result.promoted, ...(result.improvement && { improvement: result.improvement }), verdict, failed: failed ?? {} }
}

const pick = (file: { sha256: string; bytes: number } | undefined) => ({ sha256: file?.sha256, bytes: file?.bytes })
