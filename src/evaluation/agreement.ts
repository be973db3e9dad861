/** How two judges of the same rows agree. */
export interface Agreement {
  both_right: number
  only_first: number
  only_second: number
  both_wrong: number
  /** Rows on which they agree, 0 to 1; null without rows. */
  share: number | null
  /**
   * Cohen's kappa (Cohen 1960): (share − expected) ÷ (1 − expected), where `expected` is the share on which two judges with these totals would agree
   * if they knew nothing of each other. 1: always agreed; 0: as by chance. null where chance alone would always agree, or without rows.
   */
  kappa: number | null
}

/** @param pairs of each row, whether the first judge finds it right and whether the second does */
export function agreementOf(pairs: readonly (readonly [boolean, boolean])[]): Agreement {
  const count = (first: boolean, second: boolean) => pairs.filter((pair) => pair[0] === first && pair[1] === second).length
  const [bothRight, onlyFirst, onlySecond, bothWrong] = [count(true, true), count(true, false), count(false, true), count(false, false)]
  const n = pairs.length
  const counts = { both_right: bothRight, only_first: onlyFirst, only_second: onlySecond, both_wrong: bothWrong }
  if (n === 0) return { ...counts, share: null, kappa: null }
  const share = (bothRight + bothWrong) / n
  const expected = ((bothRight + onlyFirst) * (bothRight + onlySecond) + (bothWrong + onlySecond) * (bothWrong + onlyFirst)) / n ** 2
  return { ...counts, share, kappa: expected === 1 ? null : (share - expected) / (1 - expected) }
}
