import type { Brief, TaskFamily } from '../tasks/family.ts'

/**
 * A model from random weights gains from different rows, not from more passes over the same; the offline teacher's cost nothing. It reads 125,000 rows of
 * usual length (scratch_config.yaml): fewer than `enough` it would read so often that it learns them by heart. But a small schema has not so many to say.
 */
const manifold = 12
const enough = 72_000
const mostManifold = 60

/** Of the plan's examples, a round of improvement asks for so many more at most. */
export const addedShare = 0.2

export interface BriefOptions {
  /** Rows asked for; undefined: as many as the schema asks for, else as base and teacher call for. */
  num?: number | undefined
  seed: number
  teacher: 'offline' | 'anthropic' | 'import'
  base: string
}

type Count = Omit<BriefOptions, 'seed'>

/** How many rows the teacher is asked for; none where rows are imported. */
export function countBriefs(family: TaskFamily, schema: unknown, { num, teacher, base }: Count): number {
  if (teacher === 'import') return 0
  num ??= family.wantedCount?.(schema)
  const usual = family.usualCount(schema)
  if (num !== undefined || teacher !== 'offline' || base !== 'scratch') return num ?? usual
  return Math.max(manifold * usual, Math.min(mostManifold * usual, Math.round(enough / (family.rowLength ?? 1))))
}

/** What the teacher is asked to write; nothing where rows are imported. */
export function planBriefs(family: TaskFamily, schema: unknown, { seed, ...options }: BriefOptions): Brief[] {
  const count = countBriefs(family, schema, options)
  return count === 0 ? [] : family.plan(schema, { count, seed })
}
