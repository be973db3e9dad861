import type { Row } from '../dataset/row.ts'
import type { BoundFigure, FigureBound } from '../tasks/gates.ts'
import { failedFigures, figureGate, robustnessWords } from './gates.ts'
import { mean } from './intervals.ts'
import type { Robustness } from './robustness.ts'

/** Gates held against the validation split, which alone says what more is to be written. */
export interface Missed {
  /** By gate that its rows miss, why. */
  sentences: Record<string, string>
  /** By row, how far its answer falls short of each of them, above 0 to 1. */
  short: Map<Row, Record<string, number>>
}

/** An answer to a validation row with the family's own figures. */
interface Measured { row: Row; metrics?: Readonly<Record<string, number>> | undefined }

/**
 * The bounds of a schema held against the validation rows: a figure counts on the rows that tell it, and those that fall short of it are the
 * ones to learn from. @param otherwise the same rows asked in other ways, where that was done
 */
export function missedGates(figures: readonly BoundFigure[], answers: readonly Measured[], otherwise?: { robustness: Robustness; kept: ReadonlyMap<Row, number> }): Missed {
  const short: Missed['short'] = new Map()
  const fallsShort = (row: Row, gate: string, by: number) => {
    if (by > 0) short.set(row, { ...short.get(row), [gate]: by })
  }
  const gates = Object.fromEntries(figures.map(({ name, figure, bound }) => {
    const told = answers.flatMap(({ row, metrics }) => (metrics?.[figure] === undefined ? [] : [{ row, value: metrics[figure] }]))
    const gate = figureGate(figure, bound, told.length ? { metrics: { [figure]: { served: mean(told.map(({ value }) => value)) } }, n: told.length } : {})
    if (!gate.passed) for (const { row, value } of told) fallsShort(row, name, isBelow(gate.value!, bound) ? 1 - value : value)
    return [name, gate]
  }))
  if (!otherwise || otherwise.robustness.passed) return { sentences: failedFigures(gates), short }
  for (const [row, share] of otherwise.kept) fallsShort(row, 'robustness', 1 - share)
  return { sentences: { ...failedFigures(gates), robustness: robustnessWords(otherwise.robustness.points_lost, otherwise.robustness.swaps.followed) }, short }
}

const isBelow = (value: number, { min = 0, above = -1 }: FigureBound): boolean => value < min || value <= above
