import type { Scalar } from './expression.ts'
import type { Cells, Table } from './tables.ts'

/** Columns in any order are one table. */
export const shownTable = ({ columns, rows }: Table) => {
  const sorted = [...columns].sort()
  return [sorted, rows.map((row) => sorted.map((column) => row[column] ?? null))]
}

export const pick = (row: Cells, columns: readonly string[]): Cells => Object.fromEntries(columns.map((name) => [name, row[name] ?? null]))

/** Numbers before texts, what is missing last. */
export function inOrder(a: Scalar, b: Scalar): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' ? -1 : 1
  return String(a) < String(b) ? -1 : 1
}

export function figure(kind: string, values: readonly Scalar[]): Scalar {
  if (kind === 'count') return values.filter((value) => value !== null).length
  const numbers = values.filter((value) => typeof value === 'number')
  if (numbers.length === 0) return null
  const sum = numbers.reduce((total, each) => total + each, 0)
  return kind === 'sum' ? sum : kind === 'avg' ? sum / numbers.length : kind === 'min' ? Math.min(...numbers) : Math.max(...numbers)
}

export function converted(value: Scalar, type: string): Scalar {
  if (value === null) return null
  if (type === 'text') return String(value)
  if (type === 'boolean') return /^(true|yes|1)$/i.test(String(value))
  if (type === 'date') return `date ${value}`
  return Number.isFinite(Number(value)) ? Number(value) : null
}
