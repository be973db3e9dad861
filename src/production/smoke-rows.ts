import { z } from 'zod'
import { readRows } from '../dataset/read-rows.ts'
import { Row } from '../dataset/row.ts'
import { Answered } from '../evaluation/rounds.ts'
import { thinned } from '../thinned.ts'

/** In the package: the questions that it is tested with. */
export const smokeRowsFile = 'smoke_test.jsonl'

/** A held-out row, with what the evaluation made of it where that was recorded. */
export const SmokeRow = Row.extend({ recorded: Answered.omit({ id: true }).optional() })
export type SmokeRow = z.infer<typeof SmokeRow>

/** So many rows of each kind: one question in fifty that is answered otherwise is seen. */
const rowsOfEach = 50

/**
 * Rows of which the evaluation recorded what became of them (of the validation split), and rows of the test split, of which only the score is
 * known; both spread over their split. An answer that was cut is left out: people's questions are cut later than the evaluation's.
 */
export function smokeRows({ validation, test }: Record<'validation' | 'test', readonly Row[]>, outcomes: readonly Answered[]): SmokeRow[] {
  const known = new Map(outcomes.filter(({ error }) => error !== 'did not end').map(({ id, ...recorded }) => [id, recorded]))
  const recorded = validation.filter(({ id = '' }) => known.has(id)).map((row) => ({ ...row, recorded: known.get(row.id!)! }))
  return [...thinned(recorded, rowsOfEach), ...thinned(test, rowsOfEach)]
}

/** @throws InputError with file and line of what is no row */
export const readSmokeRows = (file: string): Promise<SmokeRow[]> => readRows(file, (value) => SmokeRow.parse(value))
