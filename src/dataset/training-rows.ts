import type { TaskFamily } from '../tasks/family.ts'
import type { Row, TrainingRow } from './row.ts'

/** The training rows of a phase, in a dataset's folder. */
export const phaseFile = (phase: string) => `sft.${phase}.jsonl`

/** A row as the trainers read it. @throws when its output does not validate or it has no id */
export function trainingRow(family: TaskFamily, schema: unknown, row: Row): TrainingRow {
  if (row.id === undefined) throw new Error('a training row needs an id')
  return {
    id: row.id,
    text: family.userText(schema, row.instruction, row.context),
    completion: family.target(schema, row.output),
    copied: family.copiedValues(schema, row),
  }
}

export function* trainingRows(family: TaskFamily, schema: unknown, rows: Iterable<Row>): Generator<TrainingRow> {
  for (const row of rows) yield trainingRow(family, schema, row)
}
