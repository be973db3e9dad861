import { ActivityFailure, ApplicationFailure, CancellationScope, isCancellation, patched } from '@temporalio/workflow'
import type { Lesson } from '../activities/improve.ts'
import type { HostFacts, Plan, PlannedPhase, Stage, TrainInput } from '../plan.ts'
import type { Ref } from '../store/ref.ts'
import { generateBatch, gpu, pipeline } from './activities.ts'
import { generateRows } from './generate.ts'
import { Run } from './run.ts'

const titles = {
  plan: 'Plan', check: 'Check host', generate: 'Generate examples', dataset: 'Build dataset', sft: 'Supervised fine-tuning', merge: 'Merge adapter',
  export: 'Export SFT model', preferences: 'Preference pairs', dpo: 'Preference tuning', quantize: 'Merge, convert, quantize', eval: 'Evaluate', improve: 'Sort errors', publish: 'Publish',
}

export interface TrainResult {
  name: string
  version?: number
  promoted: boolean
  up_to_date: boolean
  dollars: number
  scores: Record<string, unknown>
  files: Record<string, { uri: string; sha256: string; bytes: number; kind: string }>
  /** What the rounds came to, in a sentence. */
  improvement?: string
}

/** What one round leaves. */
interface Made {
  dataset: Ref
  sft: Ref
  dpo: Ref
  preferences: Ref
  report: Ref
  score: number
  facts: Record<string, unknown>
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
    // The first training, and then the rounds: the errors of the best so far, and the gates it misses, say what is written and learned in addition.
    const data: { batches: Ref[]; added?: Ref[] } = { batches: [] }
    let best: Made | undefined
    let lesson: Lesson | undefined
    for (let round = 0; ; round++) {
      const at: Plan = round ? { ...plan, round } : plan
      const rows = await run.stage('generate', async () => generateRows({ generateBatch }, at, lesson?.coverage ?? (await pipeline.planCoverage(plan)), run))
      if (round) data.added = [...(data.added ?? []), ...rows.batches]
      else data.batches = rows.batches
      const { dataset, facts } = await run.stage('dataset', () => pipeline.buildDataset(at, data))
      if (last === 'generate') return await finish({ dataset })

      const sft = await learn(at, host, dataset, lessonsOf(plan))
      if (last === 'sft') return await finish({ dataset, sft: sft.model })
      const merged = await run.stage('merge', () => gpu.merge(at, host, sft.model))
      const draft = await run.stage('export', () => gpu.quantize(at, host, merged.model, dataset))
      const preferences = await run.stage('preferences', () => gpu.preferences(at, host, dataset, draft.gguf))
      if (last === 'preferences') return await finish({ dataset, preferences: preferences.pairs })

      const dpo = await run.stage('dpo', () => gpu.dpo(at, host, merged.model, dataset, preferences.pairs))
      if (last === 'dpo') return await finish({ dataset, dpo: dpo.model })
      const tuned = await run.stage('quantize', () => gpu.quantize(at, host, dpo.model, dataset))
      if (last === 'quantize') return await finish({ dataset, quantize: tuned.gguf })

      // Where the kind of task has a second model: it learns from the same rows in phases of its own, and there is nothing for it to prefer.
      const training: Record<string, unknown> = { sft: sft.metrics, dpo: dpo.metrics, preferences: preferences.facts }
      let companion: Ref | undefined
      if (plan.companion) {
        const { name, phases } = plan.companion
        const beside: Plan = { ...at, model: name }
        const learned = await learn(beside, host, dataset, phases.map((phase) => ({ stage: `${name} ${phase.name}`, phase })))
        training[name] = learned.metrics
        const whole = await run.stage(`${name} merge`, () => gpu.merge(beside, host, learned.model))
        companion = (await run.stage(`${name} quantize`, () => gpu.quantize(beside, host, whole.model, dataset))).gguf
      }

      const candidates = { sft: draft.gguf, dpo: tuned.gguf }
      const report = await run.stage('eval', () => gpu.evaluate(at, { dataset, candidates, companion, training })).catch(unlessRoundMissesGate(round))
      const made: Made | string = typeof report === 'string' ? report : { dataset, sft: sft.model, dpo: dpo.model, preferences: preferences.pairs, report: report.report, score: report.score, facts: report.facts }
      if (plan.rounds) lesson = await run.stage('improve', () => pipeline.improve(at, { log: lesson?.log, made, added: facts.added as number | undefined }))
      if (typeof made !== 'string' && (lesson?.kept ?? true)) best = made
      if (lesson?.coverage) {
        run.again(round + 1)
        continue
      }

      const { preferences: pairs, score, ...model } = best!
      run.score(score)
      const published = await run.stage('publish', () => pipeline.publish(plan, { ...model, improvement: lesson?.log }))
      return await finish({ ...published.files, preferences: pairs }, published, lesson?.outcome)
    }
  } catch (error) {
    await announceFailure(error)
    throw error
  } finally {
    await CancellationScope.nonCancellable(() => pipeline.releaseTraining(plan.name))
  }

  /** Each lesson goes on from the weights of the one before. */
  async function learn(at: Plan, host: HostFacts, dataset: Ref, lessons: readonly { stage: string; phase?: PlannedPhase | undefined }[]) {
    let learned: Awaited<ReturnType<typeof gpu.sft>> | undefined
    for (const { stage, phase } of lessons) {
      const from = learned?.model
      learned = await run.stage(stage, () => gpu.sft(at, host, dataset, { phase, from }))
    }
    return learned!
  }

  async function announceFailure(error: unknown): Promise<void> {
    if (!isCancellation(error)) await CancellationScope.nonCancellable(() => pipeline.notify(input.name, 'failed', String((error as Error).cause ?? error)))
  }

  /** Ends the run with what it made: tells the person, and says whether anything had to be done at all. */
  async function finish(files: TrainResult['files'], published?: Awaited<ReturnType<typeof pipeline.publish>>, improvement?: string): Promise<TrainResult> {
    for (const entry of run.progress.stages) if (entry.state === 'waiting') run.skip(entry.stage)
    const upToDate = run.progress.stages.every(({ stage, state }) => ['plan', 'check'].includes(stage) || state === 'up to date' || state === 'skipped')
    if (!upToDate) await pipeline.notify(plan.name, 'done', `${plan.name}: ${last} is done.`)
    return {
      name: plan.name, up_to_date: upToDate, dollars: run.progress.dollars, promoted: published?.promoted ?? false,
      ...(published && { version: published.version }), scores: published?.scores ?? {}, files, ...(improvement && { improvement }),
    }
  }
}

/** Of the first model: the last lesson is the stage that every kind of task has. */
const lessonsOf = ({ phases = [] }: Plan) => [...phases.slice(0, -1).map((phase) => ({ stage: phase.name, phase })), { stage: 'sft', phase: phases.at(-1) }]

/** A further round that misses a gate is over, and the best before it stays: it ends with the gate's own sentence. */
const unlessRoundMissesGate = (round: number) => (error: unknown): string => {
  const cause = error instanceof ActivityFailure ? error.cause : undefined
  if (round > 0 && cause instanceof ApplicationFailure && cause.type === 'GateNotPassed') return cause.message
  throw error
}
