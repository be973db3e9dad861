import { readJsonl } from './jsonl.ts'
import { Row } from './row.ts'

/** All rows of a file that Clitron wrote. @throws InputError with file and line of what is no row */
export async function readRows(file: string): Promise<Row[]>
export async function readRows<R extends Row>(file: string, read: (value: Record<string, unknown>) => R): Promise<R[]>
export async function readRows(file: string, read: (value: Record<string, unknown>) => Row = (value) => Row.parse(value)): Promise<Row[]> {
  const rows: Row[] = []
  for await (const { value } of readJsonl(file)) rows.push(read(value))
  return rows
}

/** The rows of such a file's text. */
export const parseRows = (text: string): Row[] => text.split('\n').filter(Boolean).map((line) => Row.parse(JSON.parse(line)))
