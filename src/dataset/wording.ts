import type { TaskFamily } from '../tasks/family.ts'
import { escapeRegExp } from '../text.ts'
import type { Row } from './row.ts'
import { fold } from './text.ts'

/**
 * A question with its copied values blanked: two that share it are one question to a trainer that replaces values by fresh ones
 * (trainers/relexicalise.py, by the same bounds of a word). Undefined where nothing is copied.
 */
export function wordingOf(family: TaskFamily, schema: unknown, row: Row): string | undefined {
  const values = family.copiedValues(schema, row).map(({ value }) => value).sort((a, b) => b.length - a.length)
  if (values.length === 0) return undefined
  const anyValue = new RegExp(values.map((value) => `(?<![A-Za-z0-9_])${escapeRegExp(value)}(?![A-Za-z0-9_])`).join('|'), 'g')
  const question = family.userText(schema, row.instruction, null)
  const blanked = question.replace(anyValue, '\0')
  return blanked === question ? undefined : fold(blanked)
}
