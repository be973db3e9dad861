import { unguard } from '../../../teacher/noise.ts'
import { withDetailFirst } from '../../augment/rewording.ts'
import type { Augmentation } from './index.ts'
import { guarded } from './words.ts'

/** The last detail said first: "with haiku, start agent scout"; of a request after a colon, the other half first. */
export const wordOrderShuffling: Augmentation = (schema, row, r) => {
  const text = guarded(schema, row)
  const changed = text === undefined ? undefined : withDetailFirst(text, r)
  return changed === undefined ? undefined : { ...row, instruction: unguard(changed) }
}
