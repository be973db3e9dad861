import type { Interval } from './intervals.ts'

export const percent = (rate: number, digits = 1) => `${(100 * rate).toFixed(digits)}%`

/** "+1.2", "−0.4" */
export const signed = (points: number) => `${points >= 0 ? '+' : '−'}${Math.abs(points).toFixed(1)}`

/** "71–82%" */
export const range = ([low, high]: Interval) => `${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)}%`

export function size(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`
  return `${(bytes / 1e9).toFixed(2)} GB`
}
