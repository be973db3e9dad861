import { wilson, type Interval } from './intervals.ts'
import type { Judged } from './judge.ts'

export interface SliceScore {
  n: number
  equivalent: number
  interval: Interval
}

const scoreOf = (rows: readonly Judged[]): SliceScore => {
  const right = rows.filter(({ score }) => score.equivalent).length
  return { n: rows.length, equivalent: rows.length === 0 ? 0 : right / rows.length, interval: wilson(right, rows.length) }
}

/** Scores by every value of every slice, the surely weak first: one miss of one row says less than two of four. */
export function scoresBySlice(keys: readonly string[], rows: readonly Judged[]): Record<string, Record<string, SliceScore>> {
  const result: Record<string, Record<string, SliceScore>> = {}
  for (const key of keys) {
    const groups = Map.groupBy(rows.filter(({ row }) => row.slice?.[key] !== undefined), ({ row }) => row.slice![key]!)
    const scored = [...groups].map(([value, of]) => [value, scoreOf(of)] as const).sort((a, b) => a[1].interval[1] - b[1].interval[1] || a[1].equivalent - b[1].equivalent)
    if (scored.length) result[key] = Object.fromEntries(scored)
  }
  return result
}

export interface ErrorExample {
  instruction: string
  context: Judged['row']['context']
  /** Shell lines where the answers are commands, else the answers. */
  expected: string
  got: string
  confidence: number
}

const shownExamples = 5
const shownCharacters = 600

/** Counts by name, the commonest first, with up to five examples each, the most confident ones: those hurt most. Rows of a final half are never listed. */
export function errorsByName(rows: readonly Judged[]): { counts: Record<string, number>; examples: Record<string, ErrorExample[]> } {
  const wrong = rows.filter(({ row, score }) => !score.equivalent && row.part !== 'final')
  const groups = [...Map.groupBy(wrong, ({ score }) => score.error ?? 'other')].sort((a, b) => b[1].length - a[1].length)
  const example = ({ row, shown, confidence }: Judged): ErrorExample => ({
    instruction: row.instruction.slice(0, shownCharacters), context: row.context, expected: shown.expected.slice(0, shownCharacters), got: shown.got.slice(0, shownCharacters), confidence,
  })
  return {
    counts: Object.fromEntries(groups.map(([name, of]) => [name, of.length])),
    examples: Object.fromEntries(groups.map(([name, of]) => [name, of.toSorted((a, b) => b.confidence - a.confidence).slice(0, shownExamples).map(example)])),
  }
}

export interface Clarifications {
  /** Rows where asking is right. */
  n: number
  /** Asked rightly ÷ asked. */
  precision: number | null
  /** Asked rightly ÷ should have asked. */
  recall: number | null
  /** Per negative case: rows, share that was asked at all, share with the right suggestions; and of all answers that asked, the share that stood in this case. */
  by_case: Record<string, { n: number; recall: number; right: number; share_of_asked: number }>
  /** Off-topic requests that got a command ÷ off-topic requests; null without such rows. */
  off_topic_answered: number | null
}

/** Does the model know when to ask? Undefined for families whose answers are never executed. */
export function clarificationsOf(rows: readonly Judged[]): Clarifications | undefined {
  if (!rows.some(({ expectsExecutable }) => expectsExecutable)) return undefined
  const asked = rows.filter(asks)
  const should = rows.filter(({ expectsExecutable }) => !expectsExecutable)
  const rightly = should.filter(asks).length
  const cases = [...Map.groupBy(should, ({ row }) => row.slice?.case ?? 'other')].sort((a, b) => (a[0] < b[0] ? -1 : 1))
  const offTopic = should.filter(({ row }) => row.slice?.case === 'off_topic')
  return {
    n: should.length,
    precision: asked.length ? rightly / asked.length : null,
    recall: should.length ? rightly / should.length : null,
    by_case: Object.fromEntries(cases.map(([name, of]) => [name, {
      n: of.length, recall: of.filter(asks).length / of.length, right: of.filter(({ score }) => score.equivalent).length / of.length, share_of_asked: asked.length ? of.filter(asks).length / asked.length : 0,
    }])),
    off_topic_answered: offTopic.length ? offTopic.filter((row) => !asks(row)).length / offTopic.length : null,
  }
}

/** An answer that was cut asks nothing; one that is refused executes nothing. */
const asks = ({ executable, score }: Judged) => !executable && score.error !== 'did not end' && score.error !== 'not JSON'
