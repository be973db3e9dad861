import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostFacts, Plan, PlannedPhase } from '../plan.ts'
import type { TrialFigures } from '../search/results.ts'
import { type Curve, isHopeless } from '../search/trials.ts'
import { requireRoom } from '../setup/room.ts'
import { codeVersion } from '../store/code-version.ts'
import { writeAtomically } from '../store/atomic.ts'
import type { Ref } from '../store/ref.ts'
import { resolveBase } from './base.ts'
import { lessonSpec } from './sft.ts'
import { stage } from './stage.ts'

interface Wish {
  config: Plan['configs']['sft']
  phases: PlannedPhase[]
  /** What the trials before came to. */
  rivals: Curve[]
}

/** In the words of the trainer. */
const diverged = /the loss became NaN/
/** How often the losses so far are looked at. */
const lookMs = 2_000

/**
 * One trial of a search: the supervised fine-tuning by this configuration, broken off when the trials before were clearly better.
 * Its model is not kept. It goes on from its checkpoints on this host; on another one it begins anew.
 */
export async function trial(plan: Plan, host: HostFacts, dataset: Ref, { config, phases, rivals }: Wish): Promise<{ curve: Curve; figures?: TrialFigures; stopped_at?: number; facts: Record<string, unknown>; upToDate: boolean; seconds: number }> {
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
    for (const lesson of phases.length ? phases : [{ name: 'all', config }]) {
      const folder = join(work, lesson.name)
      const hopeless = new AbortController()
      let looked = 0
      let at = 0
      // Written last: a worker that is killed before it lets the end of the training be repeated, and nothing is missing of it.
      const told = join(folder, 'figures.json')
      if (!existsSync(told)) {
        const result = await child({
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
        })
        if (result) await writeAtomically(told, JSON.stringify(figuresOf(result)))
      }
      curve = (await lossesIn(folder)).filter(Number.isFinite)
      if (hopeless.signal.aborted) return { facts: { curve, stopped_at: at, took: (performance.now() - began) / 1000 } }
      figures = JSON.parse(await readFile(told, 'utf8')) as TrialFigures
      start = join(folder, 'model')
    }
    return { facts: { curve, validation_loss: curve.at(-1), figures, took: (performance.now() - began) / 1000 } }
  })
  const { curve, figures, stopped_at, took, ...shown } = facts as { curve: Curve; figures?: TrialFigures; stopped_at?: number; took: number }
  return { curve, ...(figures && { figures }), ...(stopped_at !== undefined && { stopped_at }), facts: { ...shown, ...(stopped_at !== undefined && { stopped_at }) }, upToDate, seconds: took }
}

function figuresOf(result: Record<string, unknown>): TrialFigures {
  const names = ['parameters', 'trainable_parameters', 'tokens_per_second'] as const
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
