import { z } from 'zod'
import { Ref } from '../store/ref.ts'
import { unsureBelow } from '../tasks/more-like.ts'
import { type Interval, pairedRates, wilson } from './intervals.ts'

/** In a report's folder: what the model that ships made of each row of the validation split. */
export const outcomesFile = 'outcomes.jsonl'

/** A line of it; `error` is absent when the answer was right, `confidence` is calibrated, `short` says how far it falls short of gates that the split misses, 0 to 1. */
export const Answered = z.object({ id: z.string(), error: z.string().optional(), confidence: z.number(), short: z.record(z.string(), z.number()).optional() })
export type Answered = z.infer<typeof Answered>

export const parseOutcomes = (text: string): Answered[] => text.split('\n').filter(Boolean).map((line) => Answered.parse(JSON.parse(line)))

const Range = z.tuple([z.number(), z.number()])
const Counts = z.record(z.string(), z.number())
/** By gate, the sentence that says why it is not passed. */
const Sentences = z.record(z.string(), z.string())

/** Two rounds on the same validation rows. */
const Gain = z.object({
  /** The round that it is compared with. */
  over: z.int(),
  n: z.int(),
  points: z.number(),
  /** Of the points, 95%. */
  interval: Range,
  /** Rows that only one of the two answers rightly. */
  only_this: z.int(),
  only_before: z.int(),
  /** Exact McNemar. */
  p_value: z.number(),
})
type Gain = z.infer<typeof Gain>

const Round = z.object({
  /** 0 is the first training. */
  round: z.int(),
  /**
   * Why it changed what it changed: the gates that the best round until then did not pass, those that its validation rows miss (they alone
   * say what is written), what it got wrong, and right without being sure. Logs of an earlier release have no gates.
   */
  because: z.object({ round: z.int(), gates: Sentences.optional(), gates_on_validation: Sentences.optional(), errors: Counts, unsure: z.int() }).optional(),
  /** What it changed: examples that were asked for, by the slices that tell them apart, and those of them that joined the training split. */
  added: z.object({ asked: z.int(), slices: z.record(z.string(), Counts), rows: z.int().optional() }).optional(),
  validation: z.object({ n: z.int(), equivalent: z.number(), interval: Range }).optional(),
  gain: Gain.optional(),
  kept: z.boolean().optional(),
  verdict: z.string().optional(),
  /** Promotion gates that it does not pass, on the rows that score. */
  failed: Sentences.optional(),
  /** The same gates held against the validation rows, those that they miss. */
  missed: Sentences.optional(),
  /** Scores on rows that choose nothing. */
  scores: z.record(z.string(), z.unknown()).optional(),
  report: Ref.optional(),
  dataset: Ref.optional(),
})

/** The content of improvement_log.json. */
export const ImprovementLog = z.object({
  name: z.string(),
  kind: z.string(),
  max_rounds: z.int(),
  /** Does a round follow only while the best one misses a gate? */
  only_while_gates_fail: z.boolean().optional(),
  /** The round that is published. */
  best: z.int(),
  /** Of that one over the first training. */
  gain: Gain.optional(),
  /** Why no further round follows; absent while one does. */
  stopped: z.string().optional(),
  rounds: z.array(Round),
})
export type ImprovementLog = z.infer<typeof ImprovementLog>

/** A finished round: what it made of the validation rows, and what else its evaluation says. */
export interface Finished {
  answers: readonly Answered[]
  failed: Record<string, string>
  missed?: Record<string, string> | undefined
  scores: Record<string, unknown>
  report: Ref
  dataset: Ref
  /** Added rows in its training split. */
  rows?: number | undefined
}

/**
 * A gain that is chance as likely as not is no reason for another training. Of 500 rows two trainings answer some 90 differently; then this
 * asks for 8 rows more (1.6 points), and significance at 0.05 would ask for 20.
 */
const goesOnBelow = 0.5
/** For the word "beyond chance". */
const significance = 0.05

/** How many points more of the same rows are right, with what chance has to say about it. */
export function gainOver(over: number, before: readonly Answered[], after: readonly Answered[]): Gain {
  const wasRight = new Map(before.map(({ id, error }) => [id, error === undefined]))
  const pairs = after.flatMap(({ id, error }): [boolean, boolean][] => (wasRight.has(id) ? [[error === undefined, wasRight.get(id)!]] : []))
  const { n, points, interval, only_first, only_second, p_value } = pairedRates(pairs)
  return { over, n, points: rounded(points), interval: interval.map(rounded) as Interval, only_this: only_first, only_before: only_second, p_value: rounded(p_value) }
}

/** A log of the first training. */
export function firstRound(of: Pick<ImprovementLog, 'name' | 'kind' | 'max_rounds' | 'only_while_gates_fail'>, first: Finished): ImprovementLog {
  return { ...of, best: 0, rounds: [{ round: 0, ...figures(first), kept: true, verdict: 'the first training' }] }
}

/** More examples make no answer faster. */
const isForData = (gate: string): boolean => gate !== 'latency'

/**
 * Takes down what the last round came to. It is kept, and the best from then on, when it passes every gate that the best before it passes,
 * and answers more of the validation rows rightly; or no fewer beyond chance, where it passes a gate that the best does not.
 * @param made a sentence where a gate ended it
 */
export function takeDown(log: ImprovementLog, made: Finished | string, best: readonly Answered[], first: readonly Answered[]): ImprovementLog {
  const rounds = log.rounds.slice(0, -1)
  const { added, ...last } = log.rounds.at(-1)!
  if (typeof made === 'string') return { ...log, rounds: [...rounds, { ...last, added, kept: false, verdict: `not kept: ${made}` }] }
  const gain = gainOver(log.best, best, made.answers)
  const before = log.rounds[log.best]!.failed ?? {}
  const worseGates = Object.keys(made.failed).filter((gate) => !Object.hasOwn(before, gate))
  const betterGates = Object.keys(before).filter((gate) => isForData(gate) && !Object.hasOwn(made.failed, gate))
  const isBetter = gain.points > 0
  const isAsGood = betterGates.length > 0 && gain.p_value >= significance
  const kept = worseGates.length === 0 && (isBetter || isAsGood)
  const why = !isBetter && !isAsGood ? 'it is not better'
    : worseGates.length ? `a gate is not passed that round ${log.best} passes: ${worseGates.map((gate) => made.failed[gate]).join('; ')}`
      : !isBetter ? `it passes a gate that round ${log.best} does not (${betterGates.map((gate) => before[gate]).join('; ')}), and is not worse beyond chance`
        : gain.p_value < significance ? 'it is better beyond chance' : 'it is better, though not beyond chance'
  const round = { ...last, added: added && { ...added, rows: made.rows }, ...figures(made), gain, kept, verdict: `${kept ? 'kept' : 'not kept'}: ${why} (${gainWords(gain)})` }
  return { ...log, rounds: [...rounds, round], ...(kept && { best: round.round, gain: gainOver(0, first, made.answers) }) }
}

/** Why no further round follows; undefined when one does. */
export function whyStop({ rounds, max_rounds, best, only_while_gates_fail }: ImprovementLog): string | undefined {
  const { round, kept, gain } = rounds.at(-1)!
  const missed = Object.keys(rounds[best]!.failed ?? {})
  if (only_while_gates_fail && missed.length === 0) return 'all gates are passed'
  if (!kept) return `round ${round} does not help`
  if (round >= max_rounds) return max_rounds === 1 ? 'the one round is done' : `all ${max_rounds} rounds are done`
  if (only_while_gates_fail) return missed.some(isForData) ? undefined : 'no gate is missed that more examples could mend'
  return gain && gain.p_value >= goesOnBelow ? `the gain of round ${round} may as well be chance (McNemar p = ${gain.p_value.toPrecision(2)})` : undefined
}

/** The reasons of the round that follows. @param answers of the best round so far */
export function reasonsOf({ rounds, best }: ImprovementLog, answers: readonly Answered[]): NonNullable<z.infer<typeof Round>['because']> {
  const { failed = {}, missed = {} } = rounds[best]!
  return { round: best, gates: failed, gates_on_validation: missed, errors: errorsOf(answers), unsure: answers.filter(({ error, confidence }) => error === undefined && confidence < unsureBelow).length }
}

/** What the whole came to, in a sentence. */
export function outcomeOf({ best, gain, stopped, rounds, only_while_gates_fail }: ImprovementLog): string {
  const came = gain ? `round ${best} is the best, with ${gainWords(gain)}` : rounds.length === 1 ? 'the first training stays' : 'no round was better than the first training'
  const missed = only_while_gates_fail && stopped !== undefined ? Object.values(rounds[best]!.failed ?? {}) : []
  return `${came}; ${stopped ?? 'it goes on'}${missed.length ? `, and a gate is still missed: ${missed.join('; ')}` : ''}`
}

/** Errors by name, the commonest first. */
export function errorsOf(answers: readonly Answered[]): Record<string, number> {
  const groups = Map.groupBy(answers.flatMap(({ error }) => error ?? []), (error) => error)
  return Object.fromEntries([...groups].map(([error, of]) => [error, of.length] as const).sort((a, b) => b[1] - a[1]))
}

function figures({ answers, failed, missed, scores, report, dataset }: Finished) {
  const right = answers.filter(({ error }) => error === undefined).length
  return { validation: { n: answers.length, equivalent: rounded(right / Math.max(1, answers.length)), interval: wilson(right, answers.length).map(rounded) as Interval }, failed, missed, scores, report, dataset }
}

const gainWords = ({ over, n, points, interval: [low, high], p_value }: Gain) =>
  `${points >= 0 ? '+' : '−'}${Math.abs(points).toFixed(1)} points over ${over === 0 ? 'the first training' : `round ${over}`} on the same ${n} validation rows, 95% interval ${low.toFixed(1)} to ${high.toFixed(1)}, McNemar p = ${p_value.toPrecision(2)}`

const rounded = (value: number) => Number(value.toPrecision(4))
