import { styleText } from 'node:util'
import { visible } from '../text.ts'
import { asTyped } from './as-typed.ts'

let printed = false
/** The one document of `--json`. What JSON may leave as it is and a terminal obeys is escaped as well: the same document. */
export function printJson(document: unknown): void {
  printed = true
  process.stdout.write(`${visible(JSON.stringify(document, null, 2), { lines: true })}\n`)
}
/** Whether the document is out: an error afterwards must not add a second. */
export const printedJson = () => printed
export const print = (line = '') => printExactly(asTyped(line))
/** What is no message of ours: questions, answers, rows. */
export const printExactly = (line: string) => void process.stdout.write(`${line}\n`)
/** For people beside a JSON document, and for warnings. */
export const note = (line: string) => void process.stderr.write(`${asTyped(line)}\n`)

export const bold = (text: string) => styleText('bold', text, { stream: process.stdout })
export const dim = (text: string) => styleText('dim', text, { stream: process.stdout })
export const green = (text: string) => styleText('green', text, { stream: process.stdout })
export const yellow = (text: string) => styleText('yellow', text, { stream: process.stdout })
export const red = (text: string) => styleText('red', text, { stream: process.stdout })

/** Columns padded to their widest cell. */
export function table(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows.map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd()).join('\n')
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

export function size(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`
  return `${(bytes / 1e9).toFixed(1)} GB`
}

export const percent = (rate: number) => `${(100 * rate).toFixed(1)}%`

/** One line that is written over, for people who wait at a terminal. */
export function showProgress({ message, step, steps }: { message: string; step: number; steps: number }): void {
  process.stderr.write(step === steps ? '\r\x1b[K' : `\r${message} ${step}/${steps}\x1b[K`)
}
