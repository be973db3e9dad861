import { z } from 'zod'

/** What a variant of a row differs in: its words, its values, or what is known beside it. */
export const ways = ['phrasing', 'values', 'metadata'] as const
export type Way = (typeof ways)[number]

/** More of one row would drown the others: a training set of variants of a few rows teaches those few. */
const mostVariants = 10

/** What a schema asks for of imported training rows. */
export interface Augmentation {
  /** Of each row, at most. */
  variants: number
  ways: readonly Way[]
}

/**
 * The section `augmentation` of a schema of a kind whose rows can be varied in these ways. Without it nothing is varied: people's rows are the
 * measure of how people speak, and what is made of them only shifts their weight among the teacher's.
 */
export const augmentationOf = <Own extends Way>(own: readonly [Own, ...Own[]]) => z.strictObject({
  variants: z.int().min(0).max(mostVariants).describe('Variants of each imported training row, at most; 0: none'),
  ways: z.array(z.enum(own)).min(1).max(own.length).default([...own]).describe('What variants may differ in'),
}).describe('How imported rows are varied: docs/schema.md')

/** The keys that may stand where an unknown one was found, in `augmentation` or elsewhere. */
export const alsoInAugmentation = (keysAt: (path: readonly PropertyKey[]) => string[]) => (path: readonly PropertyKey[]): string[] =>
  (path[0] === 'augmentation' ? Object.keys(augmentationOf(ways).shape) : keysAt(path))
