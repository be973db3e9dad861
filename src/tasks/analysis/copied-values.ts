import type { CopiedValue, Row } from '../../dataset/row.ts'
import { replaceable, type UsedValue } from '../replaceable.ts'
import { readAnswer, target } from './answer.ts'
import type { AnalysisSchema } from './schema.ts'
import { userText } from './user-text.ts'

/** Values of entities and action items that a trainer may exchange consistently in the mails and in the answer; a deadline in words ("tomorrow") is none. */
export function copiedValues(schema: AnalysisSchema, row: Row): CopiedValue[] {
  const { answer } = readAnswer(row.output)
  if (!answer) return []
  const used = new Map<string, UsedValue>()
  const add = (value: string | undefined, kind: string) => {
    if (value === undefined) return
    const known = used.get(value)
    if (known) known.uses++
    else used.set(value, { value, kind, uses: 1 })
  }
  for (const { name, made } of schema.entities) for (const value of answer.entities?.[name] ?? []) add(value, made === 'quantity' && /^\d+$/.test(value) ? 'number' : made === 'mask' ? name : made)
  for (const { who, what, when } of answer.actions ?? []) {
    add(what, 'value')
    add(who, 'first name')
    add(when, 'date')
  }
  // Weekdays and "today" are words of the language, not values.
  return replaceable([...used.values()].filter(({ value, kind }) => (value.length > 1 || kind === 'number') && !(kind === 'date' && !/\d/.test(value))), userText(schema, row.instruction, row.context), target(schema, row.output))
}
