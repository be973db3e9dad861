import type { Hooks } from '../dataset/hooks.ts'
import { newTo } from '../dataset/nearest.ts'
import { readRows } from '../dataset/read-rows.ts'
import type { Row } from '../dataset/row.ts'
import { askEach } from '../inference/ask-each.ts'
import { openBundle } from '../inference/bundle.ts'
import { loadPredictors } from '../inference/predictors.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { compare, type Comparison } from './compare.ts'
import { judge, type Judged } from './judge.ts'

export interface AgainstChampion {
  /** An earlier report's folder, and the rows that its model was trained on. */
  champion: { report: string; train: string }
  /** The challenger's answers. */
  judged: { golden: Judged[]; test: Judged[] }
  family: TaskFamily
  schema: unknown
  answersLike: readonly string[]
}

/**
 * The champion answers the same rows in its own words: its own schema, grammar and prompt; the present schema scores both.
 * Only rows that neither has seen are compared: other data of the same teacher would favour the champion.
 */
export async function againstChampion({ champion, judged, family, schema, answersLike }: AgainstChampion, hooks: Hooks): Promise<Comparison> {
  hooks.onProgress?.({ message: 'leaving out what the champion was trained on', step: 0, steps: 1 })
  const textOf = (row: Row) => family.fingerprint(schema, row)
  const isNew = newTo((await readRows(champion.train)).map(textOf))
  const unseen = ({ row }: Judged) => isNew(textOf(row))
  const [golden, test] = [judged.golden.filter(unseen), judged.test.filter(unseen)]
  const challenger = [...golden, ...test]
  const bundle = await openBundle(champion.report)
  const predictor = await loadPredictors({ gguf: bundle.gguf, template: bundle.template, grammar: bundle.grammar, companion: bundle.companion, answersLike, name: bundle.manifest.name, schemaText: bundle.schemaText })
  try {
    const answers = await askEach(challenger, predictor, 'scoring the champion on the same rows', hooks, ({ row }) => judge(row, { predictor, family, schema, calibration: bundle.calibration }))
    return compare(challenger, answers, family.slices, { rows: judged.golden.length + judged.test.length - challenger.length, wholeTest: test.length === 0 })
  } finally {
    await predictor.close()
  }
}

/** Why a model replaces the champion, or does not. */
export function verdictOf(comparison: Comparison | undefined, failed: Record<string, string>): string {
  const reasons = Object.values(failed)
  if (reasons.length === 0) return comparison?.verdict ?? 'promoted: there is no champion to compare with'
  const short = `a gate is not passed (${reasons.join('; ')}), so it replaces no champion that passes it`
  return comparison ? `${comparison.verdict.replace(/^promoted: /, '')}; ${short}` : short
}
