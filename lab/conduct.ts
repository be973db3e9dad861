import type { Row } from '../src/dataset/row.ts'
import type { Ref } from '../src/store/ref.ts'
import { inputsKey } from '../src/store/memo.ts'
import { type Arm, type Arms, type Job, jobOf, type Schema } from './arms.ts'
import type { Exam } from './exam.ts'
import type { Experiment, Stage } from './experiment.ts'
import { type Answer, type Keep, rowsKey, type Run } from './keep.ts'
import { comparePaired, type Comparison, loses, type Pair, type SeedPairs, type Verdict, verdictOf } from './paired.ts'

/** What a training leaves. */
export interface Trained {
  training: string
  dataset: Ref
  gguf: Ref
  seconds: number
  precision?: string | undefined
}

/** Trains and asks; `durable.ts` is the real one. */
export interface Runner {
  /** To the quantized file: what is there is found, and a run under way is followed. @throws Untrainable */
  train(job: Job): Promise<Trained>
  /** The held-out test rows of its data. */
  testRows(trained: Trained): Promise<Row[]>
  /** One a row. */
  answers(job: Job, trained: Trained, exam: Exam): Promise<Answer[]>
}

/** A variant that cannot be trained is an outcome, not an error: it is out, and the others go on. It is not kept: a mended host gives it another try. */
export class Untrainable extends Error {
  override name = 'Untrainable'
}

export interface VariantResult {
  name: string
  change: string
  /** Absent where it was not measured. */
  comparison?: Comparison
  verdict: Verdict | 'not measured' | 'the baseline itself'
  /** Why it was not measured. */
  failed?: string
  /** Rows that were not compared: one of the two models had seen them, or their like. */
  left_out: number
  seconds: number
}

export interface StageResult {
  stage: string
  baseline: { change: string; per_seed: { seed: number; n: number; right: number }[]; seconds: number }
  variants: VariantResult[]
  /** The precisions of the trainings; with more than one, it differs too. */
  precisions: string[]
  /** Names its runs: the same runs, the same result. */
  key: string
}

export interface Conduct {
  runner: Runner
  keep: Keep
  /** Rows of a file; undefined where each seed has its own. */
  exam: Exam | undefined
  tell: (line: string) => void
  /** After each stage, before the next begins. */
  onStage: (result: StageResult) => Promise<void>
}

/** Runs an experiment: stage by stage the baseline and what is left of the variants, on the same seeds and rows. A variant that loses is not run at the next stage. */
export async function conduct(experiment: Experiment, arms: Arms, tools: Conduct): Promise<StageResult[]> {
  const results: StageResult[] = []
  let variants = arms.variants
  for (const stage of experiment.stages) {
    const result = await runStage(experiment, { ...arms, variants }, stage, tools)
    results.push(result)
    await tools.onStage(result)
    const staying = new Set(result.variants.filter(({ failed, comparison }) => failed === undefined && !(comparison && loses(comparison))).map(({ name }) => name))
    variants = variants.filter(({ name }) => staying.has(name))
    if (variants.length === 0) break
  }
  return results
}

/** A seed's runs at a stage. */
interface Seed {
  seed: number
  baseline: Run
  rows: Row[]
  variants: Map<string, Run>
}

async function runStage({ seeds }: Experiment, arms: Arms, stage: Stage, tools: Conduct): Promise<StageResult> {
  const failed = new Map<string, string>()
  const same = new Set<string>()
  const keys: string[] = []
  const run = async (arm: Arm, job: Job, exam: Exam | undefined) => {
    keys.push(runKey(job, exam))
    return runOnce(job, exam, arms.baseline.schema, `${stage.title}, seed ${job.options.seed}, ${arm.name}`, tools)
  }
  const done: Seed[] = []
  // Seed by seed, so that what was interrupted has whole pairs.
  for (const seed of seeds) {
    const own = jobOf(arms, arms.baseline, stage, seed)
    const { rows, run: baseline } = await run(arms.baseline, own, tools.exam)
    const variants = new Map<string, Run>()
    for (const arm of arms.variants) {
      const job = jobOf(arms, arm, stage, seed)
      if (job.key === own.key) same.add(arm.name)
      if (failed.has(arm.name) || same.has(arm.name)) continue
      try {
        variants.set(arm.name, (await run(arm, job, { rows, truth: arms.baseline.schema })).run)
      } catch (error) {
        if (!(error instanceof Untrainable)) throw error
        failed.set(arm.name, error.message)
      }
    }
    done.push({ seed, baseline, rows, variants })
  }
  return {
    stage: stage.title,
    baseline: {
      change: arms.baseline.change, seconds: total(done.map(({ baseline }) => baseline.seconds)),
      per_seed: done.map(({ seed, baseline: { answers } }) => ({ seed, n: answers.length, right: answers.filter(({ right }) => right).length })),
    },
    variants: arms.variants.map((arm) => resultOf(arm, done, failed.get(arm.name), same.has(arm.name))),
    precisions: [...new Set(done.flatMap(({ baseline, variants }) => [baseline, ...variants.values()]).flatMap(({ precision }) => precision ?? []))].sort(),
    key: inputsKey({ stage, keys, failed: [...failed] }),
  }
}

/** The kept run, or a new one that is kept. @param exam undefined for a baseline's own test rows */
async function runOnce(job: Job, exam: Exam | undefined, truth: Schema, label: string, { runner, keep, tell }: Conduct): Promise<{ run: Run; rows: Row[] }> {
  const key = runKey(job, exam)
  const known = await keep.find(key)
  tell(`${label}${known ? ': done before' : ''}`)
  if (known) return known
  const trained = await runner.train(job)
  const rows = exam?.rows ?? (await runner.testRows(trained))
  const answers = await runner.answers(job, trained, { rows, truth })
  return { rows, run: await keep.put(key, rows, { answers, seconds: trained.seconds, precision: trained.precision }) }
}

/** A run is told by what is trained and what is asked; a baseline that is asked its own test split, by what is trained alone. */
export const runKey = (job: Job, exam: Exam | undefined): string => inputsKey({ job: job.key, exam: exam ? { rows: rowsKey(exam.rows), truth: exam.truth.text } : 'test' })

function resultOf({ name, change }: Arm, done: readonly Seed[], failed: string | undefined, same: boolean): VariantResult {
  const measured = done.flatMap(({ seed, baseline, rows, variants }) => {
    const run = variants.get(name)
    return run ? [{ seed, seconds: run.seconds, ...pairsOf(rows, run, baseline) }] : []
  })
  const about = { name, change, left_out: total(measured.map((of) => of.leftOut)), seconds: total(measured.map((of) => of.seconds)) }
  if (failed !== undefined) return { ...about, verdict: 'not measured', failed: `it could not be trained: ${failed}` }
  if (same) return { ...about, verdict: 'the baseline itself' }
  const empty = measured.find(({ pairs }) => pairs.length === 0)
  if (empty) return { ...about, verdict: 'not measured', failed: `with seed ${empty.seed} it was trained on all rows that it is to be asked, or on their like; measure on a file` }
  const comparison = comparePaired(measured)
  return { ...about, comparison, verdict: verdictOf(comparison) }
}

/** Rows that are new to both, with what both made of them. */
function pairsOf(rows: readonly Row[], variant: Run, baseline: Run): Pick<SeedPairs, 'pairs'> & { leftOut: number } {
  const pairs = rows.flatMap((row, index): Pair[] => {
    const [mine, theirs] = [variant.answers[index]!, baseline.answers[index]!]
    return mine.known || theirs.known ? [] : [{ cluster: row.intent ?? row.id ?? String(index), variant: mine.right, baseline: theirs.right }]
  })
  return { pairs, leftOut: rows.length - pairs.length }
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
