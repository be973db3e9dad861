import { unguard } from '../../../teacher/noise.ts'
import { inTone } from '../../augment/rewording.ts'
import type { Augmentation } from './index.ts'
import { guarded } from './words.ts'

/** The same request in another tone: formal, curt, chatty, or as somebody who is in a hurry. */
export const styleTransformation: Augmentation = (schema, row, r) => {
  const text = guarded(schema, row)
  if (text === undefined) return undefined
  const instruction = unguard(inTone(text, r)).replace(/ {2,}/g, ' ').trim()
  return instruction === row.instruction || instruction === '' ? undefined : { ...row, instruction }
}
