import type { Hooks } from '../dataset/hooks.ts'
import type { Row } from '../dataset/row.ts'
import { askEach } from '../inference/ask-each.ts'
import { answerOrNone, type Predictor } from '../inference/predictor.ts'
import { weighing } from '../inference/predictors.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { percent } from './format.ts'
import { wilson } from './intervals.ts'
import { scoreOf } from './judge.ts'
import type { Stage } from './report.ts'

export interface Task {
  family: TaskFamily
  schema: unknown
}

/** How much a companion's word may count, the most first; with 0 the model answers by itself. */
export const weights = [1, 0.5, 0.25, 0]

/** DPO is kept unless it made the quantized file worse on the validation split. A companion has no say in it. */
export async function chooseCandidate(candidates: Record<Stage, Predictor>, rows: readonly Row[], task: Task, hooks: Hooks) {
  const { answers, right } = await askedEachWay(new Map(Object.entries(candidates) as [Stage, Predictor][]), rows, 'choosing between SFT and DPO on the validation split', task, hooks)
  const score = (of: Stage) => ({ n: rows.length, equivalent: right(of) / Math.max(1, rows.length), interval: wilson(right(of), rows.length) })
  const [sft, dpo] = [score('sft'), score('dpo')]
  const chosen: Stage = dpo.equivalent >= sft.equivalent ? 'dpo' : 'sft'
  const figures = `${percent(dpo.equivalent)} against ${percent(sft.equivalent)} on ${rows.length} validation rows`
  return { chosen, scores: { sft, dpo }, answers: answers(chosen), choice: chosen === 'dpo' ? `preference tuning was kept (${figures})` : `preference tuning made the score worse (${figures}), so the SFT model ships` }
}

/** How much the companion's word counts: the validation split says. */
export async function chooseWeight(predictor: Predictor, rows: readonly Row[], task: Task, hooks: Hooks) {
  const { answers, right } = await askedEachWay(new Map(weights.map((weight) => [weight, weighing(predictor, weight)])), rows, 'weighing the second model on the validation split', task, hooks)
  const chosen = bestWeight(new Map(weights.map((weight) => [weight, right(weight) / Math.max(1, rows.length)])))
  return { ...chosen, answers: answers(chosen.weight) }
}

/** What each of several predictors makes of the rows, with the family's own figures where the schema bounds any, and how many it gets right. */
async function askedEachWay<Way>(ways: ReadonlyMap<Way, Predictor>, rows: readonly Row[], message: string, { family, schema }: Task, hooks: Hooks) {
  const bounded = (family.gates?.(schema).figures.length ?? 0) > 0
  const asked = [...ways].flatMap(([way, predictor]) => rows.map((row) => ({ way, predictor, row })))
  const all = await askEach(asked, [...ways.values()][0]!, message, hooks, async ({ way, predictor, row }) => {
    const answer = await answerOrNone(predictor.predict(row.instruction, row.context))
    const score = scoreOf(family, schema, answer, row)
    const metrics = bounded ? family.metrics?.(schema, answer.endedByEos ? answer.completion : '', row, score) : undefined
    return { way, row, probability: answer.probability, error: score.equivalent ? undefined : (score.error ?? 'other'), metrics }
  })
  const answers = (of: Way) => all.filter(({ way }) => way === of)
  return { answers, right: (of: Way) => answers(of).filter(({ error }) => error === undefined).length }
}

export interface ChosenWeight {
  weight: number
  /** Why. */
  choice: string
  /** By weight, the share of validation rows answered rightly. */
  validation: Record<string, number>
}

/** The weight with which most of the validation rows are answered rightly; of equal ones the larger. */
export function bestWeight(right: ReadonlyMap<number, number>): ChosenWeight {
  const [weight, most] = [...right].reduce((best, each) => (each[1] > best[1] ? each : best))
  const figures = `${percent(most)} of the validation rows with it, ${percent(right.get(0) ?? 0)} without`
  return {
    weight, validation: Object.fromEntries(right),
    choice: weight === 0 ? `it is left out: with it fewer validation rows are answered rightly, ${[...right].map(([each, rate]) => `${percent(rate)} at weight ${each}`).join(', ')}` : `its word counts with weight ${weight} (${figures})`,
  }
}
