import { join } from 'node:path'
import { splitFiles } from '../dataset/assemble.ts'
import { readRows } from '../dataset/read-rows.ts'
import { sliceCounts } from '../dataset/statistics.ts'
import { type Answered, type Finished, firstRound, ImprovementLog, outcomeOf, outcomesFile, parseOutcomes, reasonsOf, takeDown, whyStop } from '../evaluation/rounds.ts'
import type { Plan } from '../plan.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import { codeVersion } from '../store/code-version.ts'
import type { Ref } from '../store/ref.ts'
import type { Brief, TaskFamily } from '../tasks/family.ts'
import { loadSchema } from '../tasks/index.ts'
import { moreLike, type ShortOutcome, wantedBy, withGates } from '../tasks/more-like.ts'
import { addedShare } from '../teacher/briefs.ts'
import { batchesOf, type Coverage } from './plan-coverage.ts'
import { stage } from './stage.ts'

export interface RoundMade {
  /** Of the rounds before. */
  log?: Ref | undefined
  /** Its evaluation, or why a gate ended it. */
  made: { report: Ref; dataset: Ref; facts: Record<string, unknown> } | string
  /** Of the rows that it asked for, those in the training split. */
  added?: number | undefined
}

export interface Lesson {
  log: Ref
  /** Is the newest round the best so far? */
  kept: boolean
  /** What is to be written for the next round; absent when none follows. */
  coverage?: Coverage
  /** What the rounds came to, for people. */
  outcome: string
  facts: Record<string, unknown>
  upToDate: boolean
  seconds: number
}

/**
 * Takes down what a round made of the validation split, sorts the errors of the best round so far, and plans what more is to be written
 * because of them and of gates that this split misses, or says why no further round helps. Golden set and test split say no more than
 * whether a model passes its gates; they have no say in what is written.
 */
export async function improve(plan: Plan, { log, made, added }: RoundMade): Promise<Lesson> {
  const inputs = { log: log?.sha256, made: typeof made === 'string' ? made : [made.report.sha256, made.dataset.sha256], rounds: plan.rounds, whileGatesFail: plan.whileGatesFail, count: plan.count, seed: plan.seed, schema: plan.schema.sha256, code: codeVersion('tasks', 'teacher', 'dataset', 'evaluation', 'activities/improve') }
  const output = await stage('improve', plan.name, inputs, async ({ store, work }) => {
    const { family, schema } = loadSchema({ name: plan.name, file: `schemas/${plan.name}.yaml`, text: await store.readText(plan.schema) })
    const answersIn = async ({ rounds }: ImprovementLog, round: number) => readAnswers(store, rounds[round]!.report!)
    const finished: Finished | string = typeof made === 'string' ? made : {
      answers: await readAnswers(store, made.report), report: made.report, dataset: made.dataset, rows: added,
      failed: (made.facts.failed ?? {}) as Record<string, string>, missed: made.facts.missed as Record<string, string> | undefined, scores: (made.facts.scores ?? {}) as Record<string, unknown>,
    }
    const before = log && ImprovementLog.parse(JSON.parse(await store.readText(log)))
    const next = before
      ? takeDown(before, finished, await answersIn(before, before.best), await answersIn(before, 0))
      : firstRound({ name: plan.name, kind: plan.kind, max_rounds: plan.rounds!, ...(plan.whileGatesFail && { only_while_gates_fail: true }) }, finished as Finished)

    const round = next.rounds.length
    const answers = await answersIn(next, next.best)
    const { dataset } = next.rounds[next.best]!
    next.stopped = whyStop(next)
    let briefs: Brief[] = []
    if (!next.stopped) {
      await store.fetchTree(dataset!, work, (path) => path === splitFiles.validation)
      const rows = new Map((await readRows(join(work, splitFiles.validation))).map((row) => [row.id, row]))
      briefs = lessons(plan, family, schema, answers.flatMap(({ id, ...answer }): ShortOutcome[] => (rows.has(id) ? [{ row: rows.get(id)!, ...answer }] : [])), round)
      if (briefs.length === 0) next.stopped = 'nothing that failed can be asked for'
    }
    if (!next.stopped) next.rounds.push({ round, because: reasonsOf(next, answers), added: { asked: briefs.length, slices: sliceCounts(family, briefs) } })
    return {
      files: { log: await store.putText(`${JSON.stringify(next, null, 2)}\n`, 'improvement log'), ...(briefs.length > 0 && { briefs: await store.putText(briefs.map((brief) => JSON.stringify(brief)).join('\n'), 'briefs') }) },
      facts: { best: next.best, kept: next.best === round - 1, asked: briefs.length, outcome: outcomeOf(next) },
    }
  })
  const { briefs } = output.files!
  const { kept, asked, outcome, best } = output.facts as { kept: boolean; asked: number; outcome: string; best: number }
  return {
    ...output, log: output.files!.log!, kept, outcome, facts: { best, ...(asked > 0 && { asked }) },
    ...(briefs && { coverage: { total: asked, missing: asked, briefs, reused: [], ...batchesOf(plan, asked) } }),
  }
}

async function readAnswers(store: ArtifactStore, report: Ref): Promise<Answered[]> {
  return parseOutcomes((await store.readTreeText(report, outcomesFile))!)
}

/** What the next round asks the teacher for. */
export function lessons(plan: Pick<Plan, 'count' | 'seed'>, family: TaskFamily, schema: unknown, answered: readonly ShortOutcome[], round: number): Brief[] {
  const count = Math.ceil(plan.count * addedShare)
  const outcomes = withGates(answered)
  const options = { briefs: family.plan(schema, { count: plan.count, seed: plan.seed }), count, seed: plan.seed, round }
  const briefs = family.reinforce?.(schema, outcomes, options) ?? moreLike(wantedBy(family.slices.slice(0, 2), outcomes), options)
  return briefs.map((brief, index) => ({ ...brief, index: plan.count + (round - 1) * count + index }))
}
