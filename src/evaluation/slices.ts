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

export const shownExamples = 5
export const shownCharacters = 600

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
  /** Per negative case, of the rows and of the answers alike. */
  by_case: Record<string, CaseScore>
  /** Off-topic requests that got a command ÷ off-topic requests; null without such rows. */
  off_topic_answered: number | null
}

/** The parts of which recall and precision of all clarifications are the weighted means. */
export interface CaseScore {
  /** Rows of this case. */
  n: number
  /** Asked at all ÷ rows of this case; null without such rows. */
  recall: number | null
  /** With the right suggestions ÷ rows of this case. */
  right: number | null
  /** Answers that ask as one does in this case, whatever the row. */
  asked: number
  /** Asked rightly ÷ asked as in this case; null when it never asked so. */
  precision: number | null
}

/** Does the model know when to ask? Undefined for families whose answers are never executed. */
export function clarificationsOf(rows: readonly Judged[]): Clarifications | undefined {
  if (!rows.some(({ expectsExecutable }) => expectsExecutable)) return undefined
  const asked = rows.filter(asks)
  const should = rows.filter(({ expectsExecutable }) => !expectsExecutable)
  const rightly = should.filter(asks).length
  const cases = new Set([...should.map(caseOf), ...asked.flatMap(({ askedFor }) => askedFor ?? [])])
  const offTopic = should.filter((row) => caseOf(row) === 'off_topic')
  return {
    n: should.length,
    precision: asked.length ? rightly / asked.length : null,
    recall: should.length ? rightly / should.length : null,
    by_case: Object.fromEntries([...cases].sort().map((name) => [name, caseScore(should.filter((row) => caseOf(row) === name), asked.filter(({ askedFor }) => askedFor === name))])),
    off_topic_answered: offTopic.length ? offTopic.filter((row) => !asks(row)).length / offTopic.length : null,
  }
}

const caseOf = ({ shouldAskFor = 'other' }: Judged) => shouldAskFor

function caseScore(should: readonly Judged[], asked: readonly Judged[]): CaseScore {
  const share = (of: readonly Judged[], test: (row: Judged) => boolean) => (of.length ? of.filter(test).length / of.length : null)
  return { n: should.length, recall: share(should, asks), right: share(should, ({ score }) => score.equivalent), asked: asked.length, precision: share(asked, ({ expectsExecutable }) => !expectsExecutable) }
}

/** An answer that was cut asks nothing; one that is refused executes nothing. */
const asks = ({ executable, score }: Judged) => !executable && score.error !== 'did not end' && score.error !== 'not JSON'
