import { thinned } from '../src/thinned.ts'
import type { Row } from '../src/dataset/row.ts'
import { enoughHeldOut } from '../src/dataset/split.ts'
import { InputError } from '../src/errors.ts'
import { readScorable } from '../src/evaluation/score-rows.ts'
import type { Arms, Schema } from './arms.ts'
import type { Experiment } from './experiment.ts'

/** Rows that are asked, and the schema by which an answer to them is right. */
export interface Exam {
  rows: Row[]
  truth: Schema
}

/**
 * The rows of the file that an experiment measures on; undefined where each seed has its own test split.
 * @param tell hears of rows that cannot be scored
 * @throws InputError for rows of a golden set's final half, unless the experiment scores them once, and when no row is left
 */
export async function readExam({ measure: { rows: file, part, score_once: once }, fail }: Experiment, { baseline }: Pick<Arms, 'baseline'>, tell: (line: string) => void): Promise<Exam | undefined> {
  if (file === 'test') return undefined
  const { rows, bad } = await readScorable({ ...baseline.schema, file }).catch((error: unknown) => {
    if (error instanceof InputError) return fail(['measure', 'rows'], error.message)
    throw error
  })
  for (const { line, message } of bad.slice(0, 10)) tell(`${file}:${line}: not scored: ${message}`)
  if (bad.length > 10) tell(`… and ${bad.length - 10} more rows that were not scored`)
  const taken = rows.filter((row) => part === undefined || row.part === part)
  if (taken.length === 0) fail(['measure', 'part'], `expected rows with "part": ${JSON.stringify(part)} in ${file}, found none among ${rows.length}; name the other part, or leave it out.`)
  const final = taken.filter((row) => row.part === 'final').length
  if (final > 0 && !once) fail(['measure', 'rows'], `expected rows by which may be chosen, found ${final} of a final half, which is only scored: whatever is chosen by it makes its score too good. Add "part: dev"; or "score_once: true" for a last look, after which nothing is changed.`)
  return { rows: taken, truth: baseline.schema }
}

/** Whether the final half of a golden set is looked at. */
export const looksAtFinal = (exam: Exam | undefined): boolean => exam?.rows.some(({ part }) => part === 'final') ?? false

/** As many rows of a test split as an evaluation scores. */
export const ofTestSplit = (rows: readonly Row[]): Row[] => thinned(rows, enoughHeldOut.test)
