import type { Row } from '../../dataset/row.ts'
import type { Random } from '../../teacher/random.ts'
import type { Way } from './section.ts'

/** One way to make another row of a row. */
export interface Variation<S = any> {
  way: Way
  /** Another row, with the answer that is right for it; undefined where this way changes nothing of the row, or might change what it means. Deterministic. */
  vary(schema: S, row: Row, r: Random): Row | undefined
}

/** By the names under which variants are counted. */
export type Variations<S = any> = Readonly<Record<string, Variation<S>>>
