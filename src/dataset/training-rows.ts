import type { Lessons } from '../tasks/companion.ts'
import type { Row, TrainingRow } from './row.ts'

/** The training rows of a phase. */
export const phaseFile = (phase: string) => `sft.${phase}.jsonl`

/** Where in a dataset's folder a file of a model's lessons stands: those of the first one at its top, a companion's in a folder of its name. */
export const lessonFile = (file: string, model: string | undefined) => (model === undefined ? file : `${model}/${file}`)
/** Is this path of a dataset one of those? */
export const isLesson = (path: string, model: string | undefined) => (model === undefined ? !path.includes('/') : path.startsWith(`${model}/`))

/** A row as the trainers read it. @throws when its output does not validate or it has no id */
export function trainingRow(lessons: Lessons, schema: unknown, row: Row): TrainingRow {
  if (row.id === undefined) throw new Error('a training row needs an id')
  return {
    id: row.id,
    text: lessons.userText(schema, row.instruction, row.context),
    completion: lessons.target(schema, row.output),
    copied: lessons.copiedValues(schema, row),
  }
}

export function* trainingRows(lessons: Lessons, schema: unknown, rows: Iterable<Row>): Generator<TrainingRow> {
  for (const row of rows) yield trainingRow(lessons, schema, row)
}
