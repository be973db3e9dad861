import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isLesson, lessonFile, phaseFile } from '../dataset/training-rows.ts'
import { modelName, type HostFacts, type Plan, type PlannedPhase } from '../plan.ts'
import { requireRoom } from '../setup/room.ts'
import { codeVersion } from '../store/code-version.ts'
import type { Ref } from '../store/ref.ts'
import { resolveBase } from './base.ts'
import { carryCheckpoints, checkpointInterval } from './checkpoints.ts'
import { stage } from './stage.ts'

interface Lesson {
  /** The whole training where absent. */
  phase?: PlannedPhase
  /** The model of the phase before. */
  from?: Ref
}

/** Supervised fine-tuning; goes on from the newest complete checkpoint, on this host or another. */
export async function sft(plan: Plan, host: HostFacts, dataset: Ref, { phase, from }: Lesson = {}): Promise<{ model: Ref; metrics: Record<string, unknown>; facts: Record<string, unknown>; upToDate: boolean; seconds: number }> {
  const { base, revision, device, precision } = host
  const config = phase?.config ?? plan.configs.sft
  const name = ['sft', plan.model, phase?.name].filter((part) => part !== undefined).join('-')
  const inputs = { dataset: dataset.sha256, model: plan.model, phase: phase?.name, from: from?.sha256, config, base, revision, device, precision, seed: plan.seed, code: codeVersion('trainers', 'activities/sft') }
  const output = await stage(name, plan.name, inputs, async ({ store, work, key, check, child, progress, signal }) => {
    const data = join(work, 'data')
    await store.fetchTree(dataset, data, (path) => isLesson(path, plan.model))
    if (from) await store.fetchTree(from, join(work, 'from'))
    const checkpoints = await carryCheckpoints({ store, key, check }, name, join(work, 'checkpoints'))
    // A training that goes on has a part of it on the disk already.
    if (host.needs && !checkpoints.there) await requireRoom([work, store.root], host.needs, base)
    const result = await child({
      program: 'python', script: 'sft', onEvent: checkpoints.onEvent,
      spec: await lessonSpec(plan, host, { base: (await resolveBase(base, { revision, progress, signal })).path, data, work, phase, config, start: from && join(work, 'from') }),
    }).finally(checkpoints.stored)
    const model = await store.putTree(join(work, 'model'), 'model')
    await checkpoints.done()
    return { trees: { model }, facts: { ...trainingFigures(result), ...(revision && { revision }) } }
  })
  const facts = output.facts ?? {}
  return { ...output, model: output.trees!.model!, metrics: facts, facts: { loss: facts.train_loss, perplexity: facts.perplexity, stopped_early_at: facts.stopped_early_at, kept_step: facts.kept_step } }
}

interface LessonFolders {
  /** "scratch", or the folder of the base. */
  base: string
  /** The dataset's. */
  data: string
  work: string
  phase?: PlannedPhase | undefined
  config: Record<string, unknown>
  /** The model that it goes on from. */
  start?: string | undefined
}

/** What trainers/sft.py is told. */
export async function lessonSpec(plan: Plan, { device, precision }: HostFacts, { base, data, work, phase, config, start }: LessonFolders): Promise<Record<string, unknown>> {
  const lesson = (file: string) => join(data, lessonFile(file, plan.model))
  return {
    stage: 'sft', name: modelName(plan), base,
    train: lesson(phase ? phaseFile(phase.name) : 'sft.train.jsonl'), validation: lesson('sft.validation.jsonl'), ...(phase && { corpus: lesson('sft.train.jsonl') }), ...(start && { start }),
    pieces: lesson('pieces.json'), system: await readFile(lesson('system.txt'), 'utf8'), config, work: join(work, 'checkpoints'), output: join(work, 'model'), seed: plan.seed, device, precision, ...checkpointInterval(),
  }
}

/** The figures of a trainer's result event, without paths. */
export function trainingFigures(result: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(result).filter(([key, value]) => key !== 'event' && key !== 'output' && (typeof value === 'number' || (typeof value === 'string' && value.length < 4000))))
}
