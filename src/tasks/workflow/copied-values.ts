import type { CopiedValue, Row } from '../../dataset/row.ts'
import { replaceable } from '../replaceable.ts'
import { completion } from './completion.ts'
import { readAnswer } from './document.ts'
import type { WorkflowSchema } from './schema.ts'
import { userText } from './user-text.ts'
import { valuesIn } from './values.ts'

/** File names (without their ending), columns, texts and numbers that a trainer may exchange consistently in the request and in the answer. */
export function copiedValues(schema: WorkflowSchema, row: Row): CopiedValue[] {
  const { answer } = readAnswer(row.output)
  if (!answer?.workflow) return []
  const written = completion(schema, row.output)
  const used = new Map<string, { value: string; kind: string; uses: number }>()
  for (const { value, kind } of valuesIn(schema, JSON.parse(written))) {
    const known = used.get(String(value))
    if (known) known.uses++
    else used.set(String(value), { value: String(value), kind, uses: 1 })
  }
  // A single letter stands in too many places.
  return replaceable([...used.values()].filter(({ value, kind }) => value.length > 1 || kind === 'number'), userText(schema, row.instruction, row.context), written)
}
