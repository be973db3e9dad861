import { CancellationScope, isCancellation, patched } from '@temporalio/workflow'
import type { Stage, TrainInput } from '../plan.ts'
import type { Ref } from '../store/ref.ts'
import { generateBatch, gpu, pipeline } from './activities.ts'
import { generateRows } from './generate.ts'
import { Run } from './run.ts'

const titles = {
  plan: 'Plan', check: 'Check host', generate: 'Generate examples', dataset: 'Build dataset', sft: 'Supervised fine-tuning', merge: 'Merge adapter',
  export: 'Export SFT model', preferences: 'Preference pairs', dpo: 'Preference tuning', quantize: 'Merge, convert, quantize', eval: 'Evaluate', publish: 'Publish',
}

export interface TrainResult {
  name: string
  version?: number
  promoted: boolean
  up_to_date: boolean
  dollars: number
  scores: Record<string, unknown>
  files: Record<string, { uri: string; sha256: string; bytes: number; kind: string }>
}

/** From one YAML to one evaluated, quantized model. Every line is a stage; every stage can die and goes on. */
export async function train(input: TrainInput): Promise<TrainResult> {
  return trainUntil(input, 'eval')
}

export async function trainUntil(input: TrainInput, last: Stage): Promise<TrainResult> {
  const run = new Run(input.name, titles, (waiting) => pipeline.notify(input.name, 'waiting', waiting))
  const { plan } = await run.stage('plan', () => pipeline.freezePlan(input)).catch(async (error) => {
    // An earlier release ended here without a word.
    if (patched('failed-plan-is-announced')) await announceFailure(error)
    throw error
  })
  run.begin(plan)
  await pipeline.acquireTraining(plan.name)
  try {
    const { host } = await run.stage('check', () => gpu.checkHost(plan))
    const rows = await run.stage('generate', () => generateRows({ planCoverage: pipeline.planCoverage, generateBatch }, plan, run))
    const { dataset } = await run.stage('dataset', () => pipeline.buildDataset(plan, rows))
    if (last === 'generate') return await finish({ dataset })

    const phases = plan.phases ?? []
    let learnt: Ref | undefined
    for (const phase of phases.slice(0, -1)) learnt = (await run.stage(phase.name, () => gpu.sft(plan, host, dataset, { phase, from: learnt }))).model
    const sft = await run.stage('sft', () => gpu.sft(plan, host, dataset, { phase: phases.at(-1), from: learnt }))
    if (last === 'sft') return await finish({ dataset, sft: sft.model })
    const merged = await run.stage('merge', () => gpu.merge(plan, host, sft.model))
    const draft = await run.stage('export', () => gpu.quantize(plan, host, merged.model, dataset))
    const preferences = await run.stage('preferences', () => gpu.preferences(plan, host, dataset, draft.gguf))
    if (last === 'preferences') return await finish({ dataset, preferences: preferences.pairs })

    const dpo = await run.stage('dpo', () => gpu.dpo(plan, host, merged.model, dataset, preferences.pairs))
    if (last === 'dpo') return await finish({ dataset, dpo: dpo.model })
    const tuned = await run.stage('quantize', () => gpu.quantize(plan, host, dpo.model, dataset))
    if (last === 'quantize') return await finish({ dataset, quantize: tuned.gguf })

    const report = await run.stage('eval', () => gpu.evaluate(plan, { dataset, candidates: { sft: draft.gguf, dpo: tuned.gguf }, training: { sft: sft.metrics, dpo: dpo.metrics, preferences: preferences.facts } }))
    run.score(report.score)
    const published = await run.stage('publish', () => pipeline.publish(plan, { dataset, sft: sft.model, dpo: dpo.model, report: report.report, facts: report.facts }))
    return await finish({ ...published.files, preferences: preferences.pairs }, published)
  } catch (error) {
    await announceFailure(error)
    throw error
  } finally {
    await CancellationScope.nonCancellable(() => pipeline.releaseTraining(plan.name))
  }

  async function announceFailure(error: unknown): Promise<void> {
    if (!isCancellation(error)) await CancellationScope.nonCancellable(() => pipeline.notify(input.name, 'failed', String((error as Error).cause ?? error)))
  }

  /** Ends the run with what it made: tells the person, and says whether anything had to be done at all. */
  async function finish(files: TrainResult['files'], published?: Awaited<ReturnType<typeof pipeline.publish>>): Promise<TrainResult> {
    for (const entry of run.progress.stages) if (entry.state === 'waiting') run.skip(entry.stage)
    const upToDate = run.progress.stages.every(({ stage, state }) => ['plan', 'check'].includes(stage) || state === 'up to date' || state === 'skipped')
    if (!upToDate) await pipeline.notify(plan.name, 'done', `${plan.name}: ${last} is done.`)
    return {
      name: plan.name, up_to_date: upToDate, dollars: run.progress.dollars, promoted: published?.promoted ?? false,
      ...(published && { version: published.version }), scores: published?.scores ?? {}, files,
    }
  }
}
