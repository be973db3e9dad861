import type { Row } from '../dataset/row.ts'
import type { Prediction } from '../inference/predictor.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { type EnsembleScore, Figures } from './ensemble-results.ts'
import { sectionOf } from './evaluate.ts'
import { pairedRates } from './intervals.ts'
import { canonicalOrNone, judge, type Judged } from './judge.ts'

/**
 * The answer of several models to one question: the confidences of answers that mean the same are added, and the largest sum wins; of equal sums
 * the one that was given first. An answer that was cut has no say where another one ended.
 * @param ballots one of each model, at least one; `probability` is calibrated
 * @param meaning the same string for answers that mean the same
 * @returns `probability`: the sum by the number of all models, 0 to 1; `latencyMs`: of all, one after the other
 */
export function vote(ballots: readonly Prediction[], meaning: (completion: string) => string): Prediction {
  const alike = Map.groupBy(ballots.filter(({ endedByEos }) => endedByEos), ({ completion }) => meaning(completion))
  const answers = [...alike.values()].map((given) => ({ ...given[0]!, probability: given.reduce((sum, { probability }) => sum + probability, 0) / ballots.length }))
  // The sort is stable: of equal sums the earlier one stays ahead.
  const [winner = ballots[0]!] = answers.sort((a, b) => b.probability - a.probability)
  return { ...winner, latencyMs: ballots.reduce((sum, { latencyMs }) => sum + latencyMs, 0) }
}

export interface Answers {
  rows: readonly Row[]
  /** Of each member, to the rows in their order, `probability` calibrated. The vote is compared with the first member. */
  members: readonly (readonly Prediction[])[]
  family: TaskFamily
  schema: unknown
}

/** Scores what each member answered, and what they answer by a vote, on the same rows. */
export async function scoreEnsemble({ rows, members, family, schema }: Answers): Promise<EnsembleScore> {
  const meaning = (completion: string) => canonicalOrNone(family, schema, completion) ?? completion
  const judged = (answers: readonly Prediction[]) => Promise.all(rows.map((row, index) => judge(row, { predictor: { predict: async () => answers[index]! }, family, schema })))
  const alone = await Promise.all(members.map(judged))
  const together = await judged(rows.map((_, index) => vote(members.map((answers) => answers[index]!), meaning)))
  const figures = (of: readonly Judged[]) => Figures.parse(sectionOf(family, of))
  return {
    n: rows.length, members: alone.map(figures), ensemble: figures(together),
    difference: pairedRates(together.map(({ score }, index) => [score.equivalent, alone[0]![index]!.score.equivalent])),
  }
}
