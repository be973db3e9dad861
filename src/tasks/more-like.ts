import { createHash } from 'node:crypto'
import { thinned } from '../thinned.ts'
import { shares } from './dealing.ts'
import type { Brief, Outcome, RoundOptions } from './family.ts'

/** A right answer that is less sure counts as half an error (the adaptive training plan's threshold). */
export const unsureBelow = 0.7

/** How much of a lesson an outcome is: 1 an error, a half an answer that was right and not sure, and what missed gates want of it. */
export const needOf = ({ error, confidence, forGates = 0 }: Outcome): number => (error !== undefined ? 1 : confidence < unsureBelow ? 0.5 : 0) + forGates

/** An outcome with how far it falls short of gates that the validation rows miss, by gate, 0 to 1. */
export type ShortOutcome = Outcome & { short?: Readonly<Record<string, number>> | undefined }

/**
 * Half of a round is for the gates: together they want as much as all errors do, each the same, and of the rows that fall short of it in
 * proportion to how far. So a figure of few rows is not drowned by the errors of many.
 */
export function withGates(outcomes: readonly ShortOutcome[]): Outcome[] {
  const errors = outcomes.reduce((sum, outcome) => sum + needOf(outcome), 0) || 1
  const totals = new Map<string, number>()
  for (const { short = {} } of outcomes) for (const [gate, by] of Object.entries(short)) totals.set(gate, (totals.get(gate) ?? 0) + by)
  return outcomes.map(({ short = {}, ...outcome }) => {
    const forGates = Object.entries(short).reduce((sum, [gate, by]) => sum + by / totals.get(gate)!, 0) * (errors / totals.size)
    return forGates > 0 ? { ...outcome, forGates } : outcome
  })
}

/** Briefs that have this in their slices are wanted, so much. */
export interface Wanted {
  slice: Record<string, string>
  weight: number
}

/** More of what the rows that failed were examples of, as far as these keys of their slices tell. */
export function wantedBy(keys: readonly string[], outcomes: readonly Outcome[]): Wanted[] {
  return outcomes.flatMap((outcome) => {
    const slice = Object.fromEntries(keys.flatMap((key) => (outcome.row.slice?.[key] === undefined ? [] : [[key, outcome.row.slice[key]]])))
    return Object.keys(slice).length ? [{ slice, weight: needOf(outcome) }] : []
  })
}

/**
 * Briefs like those of the plan that are wanted, in proportion to the weights: the same slices under new keys, so other examples than the
 * plan's and than those of other rounds. None is asked for twice in a round, so nothing more than doubles; there may be fewer than `count`.
 */
export function moreLike(wanted: readonly Wanted[], { briefs, count, round }: RoundOptions): Brief[] {
  const bySlice = Map.groupBy(wanted.filter(({ weight }) => weight > 0), ({ slice }) => JSON.stringify(Object.entries(slice).sort()))
  const wants = [...bySlice.values()].map((same) => ({ slice: Object.entries(same[0]!.slice), weight: same.reduce((sum, { weight }) => sum + weight, 0) }))
  const found = wants.map(({ slice, weight }) => ({ weight, like: briefs.filter((brief) => slice.every(([key, value]) => brief.slice[key] === value)) })).filter(({ like }) => like.length > 0)
  const quotas = shares(count, found.map(({ weight }) => weight))
  const taken = new Set<Brief>()
  found.forEach(({ like }, i) => {
    for (const brief of thinned(like.filter((each) => !taken.has(each)), quotas[i]!)) taken.add(brief)
  })
  return [...taken].map(({ key, slice }, index) => ({ index, key: createHash('sha256').update(JSON.stringify([key, 'round', round])).digest('hex'), slice }))
}
