import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Hooks } from '../dataset/hooks.ts'
import type { Row } from '../dataset/row.ts'
import { askEach } from '../inference/ask-each.ts'
import type { CompanionFile } from '../inference/companion.ts'
import { answerOrNone, type Predictor } from '../inference/predictor.ts'
import { weighing } from '../inference/predictors.ts'
import type { Companion } from '../tasks/family.ts'
import { type ChosenWeight, type Task, weights } from './choose.ts'
import { type Interval, mean, type PairedRates, pairedRates, wilson } from './intervals.ts'
import { scoreOf } from './judge.ts'

/** Of report.json: the second model, how much its word counts (0: it does not ship), and what using both changes. */
export interface CompanionReport extends ChosenWeight {
  name: string
  title: string
  file: string
  bytes: number
  sets: Record<string, CompanionSection>
}

/** On one set of rows; rates are 0 to 1. */
export interface CompanionSection {
  /** By itself, of the rows whose right answer has a label: how many it takes for what they are. */
  own: { n: number; right: number; interval: Interval }
  /** Of answers that have a label: how many have the one it says. */
  agreement: { n: number; rate: number }
  /** Right answers of both together and of the model by itself, on the same rows; `only_first` are both together. */
  gain: PairedRates & { both: number; single: number }
  /** The family's own figures likewise. */
  metrics: Record<string, { both: number; single: number }>
}

interface Compared extends Task {
  companion: Companion
  file: CompanionFile
  chosen: ChosenWeight
  predictor: Predictor
  sets: Readonly<Record<string, readonly Row[]>>
}

/** Asks each row with the companion and without it. `predictor` remembers what it answered. */
export async function companionReport({ companion, file, chosen, sets, ...task }: Compared, hooks: Hooks): Promise<CompanionReport> {
  const { name, title } = companion
  const { weight, choice, validation } = chosen
  // One that is left out is shown as it would have counted least.
  const both = weighing(task.predictor, weight || Math.min(...weights.filter(Boolean)))
  const compared: CompanionReport['sets'] = {}
  for (const [set, rows] of Object.entries(sets)) if (rows.length > 0) compared[set] = await sectionOf(rows, { ...task, companion, both, single: weighing(task.predictor, 0) }, hooks)
  return { name, title, file: basename(file.gguf), bytes: (await stat(file.gguf)).size, weight, choice, validation, sets: compared }
}

async function sectionOf(rows: readonly Row[], { companion, both, single, family, schema }: Task & { companion: Companion; both: Predictor; single: Predictor }, hooks: Hooks): Promise<CompanionSection> {
  const answer = async (predictor: Predictor, row: Row) => {
    const prediction = await answerOrNone(predictor.predict(row.instruction, row.context))
    const score = scoreOf(family, schema, prediction, row)
    const completion = prediction.endedByEos ? prediction.completion : ''
    return { completion, opinion: prediction.opinion, right: score.equivalent, metrics: family.metrics?.(schema, completion, row, score) ?? {} }
  }
  const answers = await askEach(rows, both, 'asking with the second model and without', hooks, async (row) => ({ row, both: await answer(both, row), single: await answer(single, row) }))
  /** Does it say the label of this answer? Of answers that have one. */
  const says = (outputOf: (of: (typeof answers)[number]) => string) => answers.flatMap((of) => {
    const label = companion.labelOf(outputOf(of))
    return label === null || !of.both.opinion ? [] : [of.both.opinion.label === label]
  })
  const own = says(({ row }) => row.output)
  const given = says(({ both: { completion } }) => completion)
  const names = new Set(answers.flatMap((of) => Object.keys(of.both.metrics)))
  const meanOf = (name: string, way: 'both' | 'single') => mean(answers.flatMap((of) => of[way].metrics[name] ?? []))
  return {
    own: { n: own.length, right: share(own), interval: wilson(own.filter(Boolean).length, own.length) },
    agreement: { n: given.length, rate: share(given) },
    gain: { ...pairedRates(answers.map((of) => [of.both.right, of.single.right])), both: share(answers.map((of) => of.both.right)), single: share(answers.map((of) => of.single.right)) },
    metrics: Object.fromEntries([...names].map((name) => [name, { both: meanOf(name, 'both'), single: meanOf(name, 'single') }])),
  }
}

const share = (list: readonly boolean[]) => mean(list.map(Number))
