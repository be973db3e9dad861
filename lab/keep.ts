import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseRows } from '../src/dataset/read-rows.ts'
import { Row } from '../src/dataset/row.ts'
import { stateDir } from '../src/paths.ts'
import { writeAtomically } from '../src/store/atomic.ts'
import { readSealed, sealed } from '../src/store/json-file.ts'

/** What a model made of a row. */
export interface Answer {
  right: boolean
  /** It was trained on the row, on one that reads like it, or on another of the same intent. */
  known: boolean
}

/** A finished run: a model was trained, and asked. */
export interface Run {
  /** Hash of the rows that were asked. */
  rows: string
  /** One a row. */
  answers: Answer[]
  /** That its stages took; what was there already took none. */
  seconds: number
  /** Of the training, as measured by the host: "fp32", "bf16". */
  precision?: string | undefined
}

/** Finished runs, so that none is done twice: by what they were told, and the code. They survive a clean-up of the store. */
export class Keep {
  readonly #folder: string

  constructor(folder = stateDir('lab')) {
    this.#folder = folder
  }

  /** The run of this key, with its rows; undefined where it is to be done. */
  async find(key: string): Promise<{ run: Run; rows: Row[] } | undefined> {
    const run = await readSealed<Run>(this.#file('runs', `${key}.json`))
    if (!run) return undefined
    const text = await readFile(this.#file('rows', `${run.rows}.jsonl`), 'utf8').catch(() => undefined)
    return text === undefined || hashOf(text) !== run.rows ? undefined : { run, rows: parseRows(text) }
  }

  async put(key: string, rows: readonly Row[], run: Omit<Run, 'rows'>): Promise<Run> {
    const text = textOf(rows)
    const whole: Run = { rows: hashOf(text), ...run }
    await writeAtomically(this.#file('rows', `${whole.rows}.jsonl`), text)
    await writeAtomically(this.#file('runs', `${key}.json`), sealed(whole))
    return whole
  }

  #file(...parts: string[]): string {
    return join(this.#folder, ...parts)
  }
}

/** Tells rows from other rows. */
export const rowsKey = (rows: readonly Row[]): string => hashOf(textOf(rows))

/** In one order of keys, as they are read back. */
const textOf = (rows: readonly Row[]) => rows.map((row) => `${JSON.stringify(Row.parse(row))}\n`).join('')
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
