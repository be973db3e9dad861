import type { Brief, TaskFamily } from '../tasks/family.ts'

/** A model from random weights gains from different rows, not from more passes over the same; the offline teacher's cost nothing. */
const manifold = 12

export interface BriefOptions {
  /** Rows asked for; undefined: as many as base and teacher call for. */
  num?: number | undefined
  seed: number
  teacher: 'offline' | 'anthropic' | 'import'
  base: string
}

/** What the teacher is asked to write; nothing where rows are imported. */
export function planBriefs(family: TaskFamily, schema: unknown, { num, seed, teacher, base }: BriefOptions): Brief[] {
  if (teacher === 'import') return []
  const briefs = family.plan(schema, { count: num, seed })
  return num === undefined && teacher === 'offline' && base === 'scratch' ? family.plan(schema, { count: manifold * briefs.length, seed }) : briefs
}
