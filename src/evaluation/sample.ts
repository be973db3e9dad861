import type { HumanFeedback } from '../dataset/feedback.ts'
import { hash53 } from '../dataset/text.ts'
import type { Judged } from './judge.ts'

/** Below it an answer is not sure. */
const unsure = 0.7
/** Of three answers that a stratum gives, two are wrong or unsure, as long as it has them; the third tells whether right ones are right. */
const turns = ['doubtful', 'doubtful', 'right'] as const

/**
 * Answers for people to look at: from every value of `slice` in turn, so that none is left out. The same for the same answers.
 * @param slice the rows' own, such as "command"; rows that lack it are a stratum of their own
 */
export function sampled(judged: readonly Judged[], slice: string | undefined, count: number): Judged[] {
  const strata = [...Map.groupBy(judged, ({ row }) => (slice === undefined ? '' : (row.slice?.[slice] ?? '')))].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rows]) => inTurns(rows))
  const found: Judged[] = []
  for (let round = 0; found.length < count && strata.some((rows) => rows.length > round); round++) {
    found.push(...strata.flatMap((rows) => rows[round] ?? []).slice(0, count - found.length))
  }
  return found
}

function inTurns(rows: readonly Judged[]): Judged[] {
  const mixed = rows.toSorted((a, b) => hash53(a.row.instruction) - hash53(b.row.instruction))
  const doubtful = mixed.filter(({ score, confidence }) => !score.equivalent || confidence < unsure)
  const right = mixed.filter(({ score, confidence }) => score.equivalent && confidence >= unsure)
  const result: Judged[] = []
  for (let turn = 0; result.length < rows.length; turn++) {
    const [first, second] = turns[turn % turns.length] === 'right' ? [right, doubtful] : [doubtful, right]
    const next = first.shift() ?? second.shift()
    if (next) result.push(next)
  }
  return result
}

/** As a person reads it; a structured answer as an object, which can be corrected without quoting it. */
export function forReview({ row, completion, confidence }: Judged): HumanFeedback {
  return { instruction: row.instruction, context: row.context, output: readable(completion), confidence: Number(confidence.toFixed(3)), ...(row.slice && { slice: row.slice }), corrected: '' }
}

function readable(completion: string): unknown {
  try {
    const value = JSON.parse(completion) as unknown
    return typeof value === 'object' && value !== null ? value : completion
  } catch {
    return completion
  }
}
