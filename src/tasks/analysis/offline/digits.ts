import type { Random } from '../../../teacher/random.ts'

/** A mask with a digit for each #. */
export const digitsLike = (mask: string, r: Random): string => mask.replaceAll('#', () => String(r.int(0, 9)))
