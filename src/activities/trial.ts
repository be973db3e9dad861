import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ApplicationFailure } from '@temporalio/activity'
import type { HostFacts, Plan, PlannedPhase } from '../plan.ts'
import type { TrialFigures } from '../search/results.ts'
import { type Curve, isHopeless } from '../search/trials.ts'
import { requireRoom } from '../setup/room.ts'
import { writeAtomically } from '../store/atomic.ts'
import { codeVersion } from '../store/code-version.ts'
import type { Ref } from '../store/ref.ts'
import { resolveBase } from './base.ts'
import { lessonSpec, trainingFigures } from './sft.ts'
import { stage } from './stage.ts'

interface Wish {
  config: Plan['configs']['sft']
  phases: PlannedPhase[]
  /** What the trials before came to. */
  rivals: Curve[]
}

/** In the words of the trainer. */
const diverged = /the loss became NaN/
/** Likewise: what this configuration cannot be trained for, whatever the others are. */
const untrainable = /no (?:training )?row fits|memory does not suffice/i
/** How often the losses so far are looked at. */
const lookMs = 2_000

interface Tried {
  curve: Curve
  /** Of the weights that it ends with, over all validation rows. */
  validation_loss?: number
  figures?: TrialFigures
  stopped_at?: number
  /** Why it could not be trained. */
  failed?: string
  facts: Record<string, unknown>
  upToDate: boolean
  seconds: number
}

/**
 * One trial of a search: the supervised fine-tuning by this configuration, broken off when the trials before were clearly better.
 * Its model is not kept. It goes on from its checkpoints on this host; on another one it begins anew. A configuration that cannot be trained ends
 * its trial and not the search; it is not recorded, so another host, or more free memory, gets another try.
 */
export async function trial(plan: Plan, host: HostFacts, dataset: Ref, wish: Wish): Promise<Tried> {
  const began = performance.now()
  try {
    return await train(plan, host, dataset, wish)
  } catch (error) {
    if (!(error instanceof ApplicationFailure && untrainable.test(error.message))) throw error
    return { curve: [], failed: error.message, facts: { failed: error.message }, upToDate: false, seconds: (performance.now() - began) / 1000 }
  }
}

async function train(plan: Plan, host: HostFacts, dataset: Ref, { config, phases, rivals }: Wish): Promise<Tried> {
  const { base, revision, device, precision } = host
  const inputs = { dataset: dataset.sha256, config, phases, rivals, base, revision, device, precision, seed: plan.seed, code: codeVersion('trainers', 'search', 'activities/trial', 'activities/sft') }
  const { facts = {}, upToDate } = await stage('trial', plan.name, inputs, async ({ store, work, child, progress, signal }) => {
    const data = join(work, 'data')
    await store.fetchTree(dataset, data)
    if (host.needs) await requireRoom([work, store.root], host.needs, base)
    const path = (await resolveBase(base, { revision, progress, signal })).path
    const began = performance.now()
    let curve: Curve = []
    let figures: TrialFigures = {}
    let start: string | undefined
    let reached: number | undefined
    for (const lesson of phases.length ? phases : [{ name: 'all', config }]) {
      const folder = join(work, lesson.name)
      const hopeless = new AbortController()
      let looked = 0
      let at = 0
      const resultFile = join(folder, 'result.json')
      let result = await readFile(resultFile, 'utf8').then((text) => JSON.parse(text) as Record<string, unknown>, () => undefined)
      if (!result) {
        await rm(join(folder, 'model'), { recursive: true, force: true })
        result = await child({
          program: 'python', script: 'sft', stop: hopeless.signal,
          onEvent: (event) => {
            if (event.event !== 'progress' || Date.now() - looked < lookMs) return
            looked = Date.now()
            at = event.step
            void lossesIn(folder).then((losses) => {
              if (isHopeless(losses, rivals)) hopeless.abort()
            })
          },
          spec: await lessonSpec(plan, host, { base: path, data, work: folder, config: lesson.config, start, ...(phases.length && { phase: lesson as PlannedPhase }) }),
        }).catch((error: unknown) => {
          // Rates that are too high: a setting like any other, and an answer.
          if (diverged.test((error as Error).message)) hopeless.abort()
          if (signal.aborted || !hopeless.signal.aborted) throw error
          return undefined
        })
        if (result) await writeAtomically(resultFile, JSON.stringify(trainingFigures(result)))
      }
      curve = (await lossesIn(folder)).filter(Number.isFinite)
      if (hopeless.signal.aborted) return { facts: { curve, stopped_at: at, took: (performance.now() - began) / 1000 } }
      figures = figuresOf(result ?? {})
      // With early stopping the weights that are kept are not those of the last step.
      reached = typeof result?.validation_loss === 'number' ? result.validation_loss : curve.at(-1)
      start = join(folder, 'model')
    }
    return { facts: { curve, validation_loss: reached, figures, took: (performance.now() - began) / 1000 } }
  })
  const { curve, figures, stopped_at, took, ...shown } = facts as { curve: Curve; figures?: TrialFigures; stopped_at?: number; took: number }
  const { validation_loss } = shown as { validation_loss?: number }
  return { curve, ...(validation_loss !== undefined && { validation_loss }), ...(figures && { figures }), ...(stopped_at !== undefined && { stopped_at }), facts: { ...shown, ...(stopped_at !== undefined && { stopped_at }) }, upToDate, seconds: took }
}

function figuresOf(result: Record<string, unknown>): TrialFigures {
  const names = ['parameters', 'trainable_parameters', 'tokens_per_second', 'validation_rows'] as const
  return Object.fromEntries(names.flatMap((name) => (typeof result[name] === 'number' ? [[name, result[name]]] : [])))
}

/** Validation losses of a training under way: its metrics.jsonl, whose last line may still be being written, and where Python writes NaN as it is. */
async function lossesIn(folder: string): Promise<number[]> {
  const text = await readFile(join(folder, 'checkpoints', 'metrics.jsonl'), 'utf8').catch(() => '')
  return text.split('\n').slice(0, -1).flatMap((line) => {
    const { validation_loss: loss } = JSON.parse(line.replace(/\bNaN\b/g, 'null')) as { validation_loss?: number | null }
    return loss === undefined ? [] : [loss ?? NaN]
  })
}
