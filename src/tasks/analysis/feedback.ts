import { shares } from '../dealing.ts'
import type { Brief, Outcome as Answered, RoundOptions } from '../family.ts'
import { unsureBelow } from '../more-like.ts'
import { briefsOf } from './plan.ts'
import { placedEvents, type AnalysisSchema } from './schema.ts'

/** How one prediction went. */
export interface Outcome {
  /** The event of the right answer, as a row's slice names it. */
  event: string
  right: boolean
  /** Calibrated, 0 to 1. */
  confidence: number
  /** What missed gates want of it besides, in errors. */
  forGates?: number | undefined
}

export interface Weakness { event: string; seen: number; wrong: number; uncertain: number; /** How much of what was seen was wrong or uncertain, 0 to 1, a half where nothing was seen; above where gates want more. */ need: number }

/** Which patterns fail: every event, the neediest first. An uncertain right answer counts half, and what missed gates want is added. */
export function weaknesses(schema: AnalysisSchema, outcomes: readonly Outcome[]): Weakness[] {
  const byEvent = Map.groupBy(outcomes, ({ event }) => event)
  const all = placedEvents(schema).map(({ event: { name } }): Weakness => {
    const list = byEvent.get(name) ?? []
    const wrong = list.filter(({ right }) => !right).length
    const uncertain = list.filter(({ right, confidence }) => right && confidence < unsureBelow).length
    const forGates = list.reduce((sum, outcome) => sum + (outcome.forGates ?? 0), 0)
    // One right and one wrong answer are taken for granted, so that few cases prove little.
    return { event: name, seen: list.length, wrong, uncertain, need: (wrong + uncertain / 2 + forGates + 1) / (list.length + 2) }
  })
  return all.sort((a, b) => b.need - a.need || (a.event < b.event ? -1 : 1))
}

/**
 * What to generate next, after so many rounds: more of what failed. Each event gets rows in proportion to its need; none is left out, so that
 * nothing is forgotten. @param round 1 or more: its examples are others than those before
 */
export function planFromFeedback(schema: AnalysisSchema, outcomes: readonly Outcome[], { count, seed, round }: { count: number; seed: number; round: number }): Brief[] {
  const needs = new Map(weaknesses(schema, outcomes).map(({ event, need }) => [event, need]))
  const placed = placedEvents(schema)
  const quotas = shares(count, placed.map(({ event }) => needs.get(event.name)!))
  return briefsOf(schema, placed.map((each, i) => ({ ...each, quota: quotas[i]! })), seed, round)
}

/** The same from answers to rows; one that somebody wrote by hand tells no event. */
export function reinforce(schema: AnalysisSchema, answered: readonly Answered[], options: RoundOptions): Brief[] {
  return planFromFeedback(schema, answered.flatMap(({ row, error, confidence, forGates }) => (row.slice?.event === undefined ? [] : [{ event: row.slice.event, right: error === undefined, confidence, forGates }])), options)
}
