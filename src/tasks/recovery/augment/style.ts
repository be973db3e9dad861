import { contracted, outsideValues, unguard } from '../../../teacher/noise.ts'
import type { Augmentation } from './index.ts'
import { guarded } from './words.ts'

const lowered = (text: string) => text.replace(/^[A-Z](?=[a-z']* )/, (letter) => letter.toLowerCase())

/** The same request in another tone: formal, curt, chatty, or as somebody who is in a hurry. */
export const styleTransformation: Augmentation = (schema, row, r) => {
  const text = guarded(schema, row)
  if (text === undefined) return undefined
  const core = lowered(text.replace(/[.!]+$/, ''))
  const style = r.pick(['formal', 'curt', 'chatty', 'hurry'] as const)
  const changed = style === 'formal' ? `${r.pick(['I would be grateful for this:', 'May I ask for the following:', 'As requested by the team:', 'Kindly note:', 'Would you be so kind:'])} ${core}.`
    : style === 'curt' ? outsideValues(core, (plain) => plain.replace(/\b(please|kindly|could you|can you|would you|i'd like to|i want to|i need to|the|a|an) /gi, ''))
      : style === 'chatty' ? contracted(`${r.pick(['hey,', 'so,', 'ok,', 'hi there,', 'right,', 'alright,'])} ${core}${r.pick([', thanks a lot', ', would be great', ', cheers', ' if you have a minute', ''])}`, r)
        : `${core}${r.pick([' - now', ' asap', ' quick', ', hurry', ' right away', ' immediately'])}`
  const instruction = unguard(changed).replace(/ {2,}/g, ' ').trim()
  return instruction === row.instruction || instruction === '' ? undefined : { ...row, instruction }
}
