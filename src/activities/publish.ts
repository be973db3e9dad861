import { mkdir, rm } from 'node:fs/promises'
import { errorAnalysisFile } from '../evaluation/error-analysis.ts'
import { trainingMetricsFile } from '../evaluation/training-metrics.ts'
import { modelDir } from '../paths.ts'
import type { Plan } from '../plan.ts'
import { type Outcome, promotion } from '../registry/promotion.ts'
import { addVersion, champion, type Version } from '../registry/registry.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { sweepParts, writeAtomically } from '../store/atomic.ts'
import type { Ref } from '../store/ref.ts'
import { activity } from './stage.ts'

interface Finished {
  dataset: Ref
  sft: Ref
  dpo: Ref
  report: Ref
  /** The log of the rounds. */
  improvement?: Ref | undefined
  facts: Record<string, unknown>
}

/** Records the version, makes it the champion if it won, and lays the champion's files out under training/models/{name}/. */
export async function publish(plan: Plan, finished: Finished): Promise<{ version: number; promoted: boolean; scores: Record<string, unknown>; files: Record<string, Ref>; upToDate: boolean; facts: Record<string, unknown> }> {
  return activity('publish', async (progress) => {
    const store = new ArtifactStore()
    const before = await champion(store, plan.name)
    const { facts, ...refs } = finished
    const scores = (facts.scores ?? {}) as Record<string, unknown>
    const outcome = facts as Outcome
    const { promoted, verdict } = promotion(before, finished.report, outcome, plan.retrain)
    const version = await addVersion(store, plan.name, { ...refs, schema: plan.schema.sha256, base: plan.base, quant: plan.quant, seed: plan.seed, options: plan.options, configs: plan.configs, scores, ...(outcome.failed && { failed: outcome.failed }), ...(outcome.gates?.figures && { held: Object.keys(outcome.gates.figures) }), verdict }, promoted)
    progress({ message: `version ${version.version}: ${verdict}` })
    await sweepParts(modelDir(plan.name))
    if (promoted) await layOut(store, plan.name, version)
    await writeVersion(plan.name, version)
    const files = { report: version.report, dataset: version.dataset, sft: version.sft, dpo: version.dpo }
    return { version: version.version, promoted, scores, files, upToDate: before?.report.sha256 === version.report.sha256, facts: { version: version.version } }
  })
}

/** The record of a version among the model's files. */
export const versionFile = (name: string, { version }: Version) => modelDir(name, 'versions', `${String(version).padStart(4, '0')}.json`)
export const writeVersion = (name: string, version: Version) => writeAtomically(versionFile(name, version), JSON.stringify(version, null, 2))

/** The manifest comes last: a reader that finds it finds everything it names. */
export async function layOut(store: ArtifactStore, name: string, version: Pick<Version, 'report' | 'sft' | 'dpo' | 'improvement'>): Promise<void> {
  await mkdir(modelDir(name), { recursive: true })
  await store.fetchTree(version.sft, modelDir(name, 'sft'))
  await store.fetchTree(version.dpo, modelDir(name, 'dpo'))
  // One of the version before would speak of another model.
  if (version.improvement) await store.fetchFile(version.improvement, modelDir(name, 'improvement_log.json'))
  else await rm(modelDir(name, 'improvement_log.json'), { force: true })
  // Reports of an earlier release have none of these.
  const reported = await store.readTree(version.report)
  for (const file of [trainingMetricsFile, errorAnalysisFile]) if (!reported[file]) await rm(modelDir(name, file), { force: true })
  await store.fetchTree(version.report, modelDir(name), (path) => path !== 'clitron.json')
  await store.fetchTree(version.report, modelDir(name), (path) => path === 'clitron.json')
}
