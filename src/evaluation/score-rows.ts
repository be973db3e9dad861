import type { Hooks } from '../dataset/hooks.ts'
import { readJsonl } from '../dataset/jsonl.ts'
import { nearestNeighbour } from '../dataset/nearest.ts'
import type { Row } from '../dataset/row.ts'
import { InputError } from '../errors.ts'
import type { Calibration } from '../inference/calibration.ts'
import { checkInstruction, type Predictor } from '../inference/predictor.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { judgeRows, sectionOf, type Section } from './evaluate.ts'
import { scorableRow } from './inputs.ts'
import type { Judged } from './judge.ts'

export interface BadRow {
  line: number
  message: string
}

/**
 * Reads rows in any form that the family understands. A row that cannot be scored is listed with its line, the rest is kept.
 * @throws InputError when the file cannot be read, or no row in it can be scored
 */
export async function readScorable({ family, schema, file }: { family: TaskFamily; schema: unknown; file: string }): Promise<{ rows: Row[]; bad: BadRow[] }> {
  const rows: Row[] = []
  const bad: BadRow[] = []
  for await (const { line, value } of readJsonl(file, { onBadLine: (error, at) => bad.push({ line: at, message: error.message }) })) {
    try {
      const row = scorableRow(family, schema, value, `line-${line}`)
      checkInstruction(row.instruction)
      rows.push(row)
    } catch (error) {
      bad.push({ line, message: (error as Error).message })
    }
  }
  if (rows.length === 0) {
    const [first] = bad
    throw new InputError(first ? `${file}: none of the ${bad.length} rows can be scored; the first, line ${first.line}: ${first.message}` : `${file}: there are no rows; expected one JSON object a line, like {"instruction": …, "output": …}.`)
  }
  return { rows, bad }
}

export interface ScoreRowsOptions {
  predictor: Predictor
  family: TaskFamily
  schema: unknown
  file: string
  calibration?: Calibration | undefined
  /** The rows that the model was trained on, for the lookup baseline and to tell which rows it knows already. */
  train?: readonly Row[]
}

/** Answers and scores every row of a file: the rows one by one, and those that could not be scored. */
export async function judgeFile({ file, train = [], ...task }: ScoreRowsOptions, hooks: Hooks = {}): Promise<{ judged: Judged[]; bad: BadRow[] }> {
  const { rows, bad } = await readScorable({ ...task, file })
  const baseline = train.length > 0 ? nearestNeighbour(train, (row) => task.family.fingerprint(task.schema, row)) : undefined
  return { judged: await judgeRows({ ...task, rows, baseline }, hooks), bad }
}

/** Scores any file of rows: the section, and the rows that could not be scored. */
export async function scoreRows(options: ScoreRowsOptions, hooks: Hooks = {}): Promise<Section & { bad_rows: BadRow[] }> {
  const { judged, bad } = await judgeFile(options, hooks)
  return { ...sectionOf(options.family, judged), bad_rows: bad }
}
