import { holm, mcnemar } from './intervals.ts'
import type { Judged } from './judge.ts'
import { clarificationsOf } from './slices.ts'

/** Bounds of the promotion gate. */
export const promotionBounds = {
  /** Points below the champion that are still no step back. */
  points: 1,
  /** Points that no slice may lose. */
  slicePoints: 5,
  /** Share of the champion's clarification recall. */
  clarificationRecall: 0.95,
  significance: 0.05,
}

/** Two models on the same rows. */
export interface Comparison {
  n: number
  challenger: number
  champion: number
  /** Challenger − champion, in points. */
  points: number
  only_challenger: number
  only_champion: number
  /** Exact McNemar. */
  p_value: number
  /** Slices the challenger lost five points or more on, with Holm's correction over all slices. */
  slices_down: { slice: string; n: number; points: number; p_value: number }[]
  clarification_recall: { challenger: number | null; champion: number | null }
  /** Rows that were not compared: the champion was trained on them, or on ones that read like them. */
  left_out: number
  promote: boolean
  /** One sentence for people. */
  verdict: string
}

/** @param challenger, champion answers to the same rows in the same order @param leftOut rows beside these, and whether they were the whole test split */
export function compare(challenger: readonly Judged[], champion: readonly Judged[], sliceKeys: readonly string[], leftOut = { rows: 0, wholeTest: false }): Comparison {
  const pairs = challenger.map((mine, index) => ({ mine, theirs: champion[index]! }))
  const whole = paired(pairs)
  const slices = sliceKeys.flatMap((key) => [...Map.groupBy(pairs.filter(({ mine }) => mine.row.slice?.[key] !== undefined), ({ mine }) => `${key} ${mine.row.slice![key]}`)].map(([slice, of]) => ({ slice, ...paired(of) })))
  const corrected = holm(slices.map(({ p_value }) => p_value))
  const slicesDown = slices.map((slice, index) => ({ slice: slice.slice, n: slice.n, points: slice.points, p_value: corrected[index]! })).filter(({ points, p_value }) => points <= -promotionBounds.slicePoints && p_value < promotionBounds.significance)
  const recall = { challenger: clarificationsOf(challenger)?.recall ?? null, champion: clarificationsOf(champion)?.recall ?? null }

  const against = [
    whole.n === 0 && 'is not to be compared: no question is left (add golden rows)',
    whole.points < -promotionBounds.points && `is ${Math.abs(whole.points).toFixed(1)} points worse`,
    whole.points < 0 && whole.p_value < promotionBounds.significance && `is worse beyond chance (McNemar p = ${whole.p_value.toPrecision(2)})`,
    slicesDown.length > 0 && `is worse on ${slicesDown.map(({ slice, points }) => `${slice} (${points.toFixed(0)} points)`).slice(0, 3).join(', ')}`,
    recall.challenger !== null && recall.champion !== null && recall.challenger < promotionBounds.clarificationRecall * recall.champion && `asks back in only ${percent(recall.challenger)} of the cases where it should (champion ${percent(recall.champion)})`,
  ].filter((reason) => reason !== false)
  const figures = `${percent(whole.challenger)} against ${percent(whole.champion)} on the same ${whole.n} rows, McNemar p = ${whole.p_value.toPrecision(2)}${leftOutWords(leftOut)}`
  return {
    ...whole, slices_down: slicesDown, clarification_recall: recall, left_out: leftOut.rows, promote: against.length === 0,
    verdict: against.length === 0 ? `promoted: not worse than the champion (${figures})` : `the champion stays: the challenger ${against.join('; ')} (${figures})`,
  }
}

function leftOutWords({ rows, wholeTest }: { rows: number; wholeTest: boolean }): string {
  if (rows === 0) return ''
  return `; ${rows} near what the champion was trained on were left out${wholeTest ? ', all of the test split among them: only golden rows were compared' : ''}`
}

function paired(pairs: readonly { mine: Judged; theirs: Judged }[]) {
  const count = (test: (pair: { mine: Judged; theirs: Judged }) => boolean) => pairs.filter(test).length
  const n = pairs.length
  const mine = count(({ mine }) => mine.score.equivalent)
  const theirs = count(({ theirs }) => theirs.score.equivalent)
  const onlyMine = count(({ mine, theirs }) => mine.score.equivalent && !theirs.score.equivalent)
  const onlyTheirs = count(({ mine, theirs }) => !mine.score.equivalent && theirs.score.equivalent)
  return {
    n, challenger: mine / Math.max(1, n), champion: theirs / Math.max(1, n), points: (100 * (mine - theirs)) / Math.max(1, n),
    only_challenger: onlyMine, only_champion: onlyTheirs, p_value: mcnemar(onlyMine, onlyTheirs),
  }
}

const percent = (rate: number) => `${(100 * rate).toFixed(1)}%`
