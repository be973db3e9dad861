/** Rows that the benchmarks train and ask on: the offline teacher's, the same every time. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../src/dataset/row.ts'
import { trainingRows } from '../src/dataset/training-rows.ts'
import { packageRoot } from '../src/paths.ts'
import { loadSchema } from '../src/tasks/index.ts'
import type { TaskFamily } from '../src/tasks/family.ts'
import { mustHold } from './compare.ts'

export interface Task {
  family: TaskFamily
  schema: unknown
}

/** A training of this repository. */
export function taskOf(name: string): Task {
  const file = join(packageRoot, 'schemas', `${name}.yaml`)
  return loadSchema({ name, file, text: readFileSync(file, 'utf8') })
}

export function offlineRows({ family, schema }: Task, count: number, seed: number): Row[] {
  const rows = family.plan(schema, { count, seed }).slice(0, count).map((brief) => ({ ...family.writeOffline(schema, brief, seed), id: brief.key }))
  mustHold(rows.length === count, `${count} rows were asked for, and the schema plans ${rows.length}.`)
  return rows
}

/** The lessons of a folder, as the trainers read them. */
export interface LessonFiles {
  train: string
  validation: string
  pieces: string
  system: string
}

/** Writes so many training rows of gh, and some for validation, for the trainers. */
export function writeLessons(folder: string, { train, validation }: { train: number; validation: number }): LessonFiles {
  mkdirSync(folder, { recursive: true })
  const task = taskOf('gh')
  const lines = [...trainingRows(task.family, task.schema, offlineRows(task, train + validation, 1))].map((row) => `${JSON.stringify(row)}\n`)
  const write = (file: string, text: string) => {
    writeFileSync(join(folder, file), text)
    return join(folder, file)
  }
  return {
    train: write('train.jsonl', lines.slice(0, train).join('')),
    validation: write('validation.jsonl', lines.slice(train).join('')),
    pieces: write('pieces.json', JSON.stringify(task.family.pieces(task.schema))),
    system: task.family.systemText(task.schema),
  }
}
