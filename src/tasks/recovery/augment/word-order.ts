import { unguard } from '../../../teacher/noise.ts'
import type { Augmentation } from './index.ts'
import { guarded } from './words.ts'

/** Where a detail begins that may as well stand first: a small word, perhaps another, and a value. */
const joint = /\s(?=(?:on|in|with|using|for|at|from|as|via|under|within|of)(?: (?!to )[a-z]+){0,2} \uE000)/

/** The last detail said first: "with haiku, start agent scout"; of a request after a colon, the other half first. */
export const wordOrderShuffling: Augmentation = (schema, row, r) => {
  const text = guarded(schema, row)
  if (text === undefined || /[,:;]/.test(text)) return undefined
  const core = text.replace(/[.?!]+$/, '')
  const parts = core.split(joint)
  if (parts.length < 2 || parts[0]!.split(' ').length < 2) return undefined
  const at = parts.length === 2 ? 1 : r.int(1, parts.length - 1)
  const detail = parts.slice(at).join(' ')
  const rest = parts.slice(0, at).join(' ')
  const lowered = rest.replace(/^[A-Z](?=[a-z]+ )/, (letter) => letter.toLowerCase())
  return { ...row, instruction: unguard(`${detail}${r.pick([', ', ', ', ' '])}${lowered}`) }
}
