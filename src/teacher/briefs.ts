import type { Brief, TaskFamily } from '../tasks/family.ts'

/** A model from random weights gains from different rows, not from more passes over the same; the offline teacher's cost nothing. */
const manifold = 12

/** Of the plan's examples, a round of improvement asks for so many more at most. */
export const addedShare = 0.2

export interface BriefOptions {
  /** Rows asked for; undefined: as many as base and teacher call for. */
  num?: number | undefined
  seed: number
  teacher: 'offline' | 'anthropic' | 'import'
  base: string
}

type Count = Omit<BriefOptions, 'seed'>

/** How many rows the teacher is asked for; none where rows are imported. */
export function countBriefs(family: TaskFamily, schema: unknown, { num, teacher, base }: Count): number {
  if (teacher === 'import') return 0
  return num ?? family.usualCount(schema) * (teacher === 'offline' && base === 'scratch' ? manifold : 1)
}

/** What the teacher is asked to write; nothing where rows are imported. */
export function planBriefs(family: TaskFamily, schema: unknown, { seed, ...options }: BriefOptions): Brief[] {
  const count = countBriefs(family, schema, options)
  return count === 0 ? [] : family.plan(schema, { count, seed })
}
