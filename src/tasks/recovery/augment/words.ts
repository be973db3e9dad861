import type { Row } from '../../../dataset/row.ts'
import { guard } from '../../../teacher/noise.ts'
import { escapeRegExp } from '../../../text.ts'
import { isCommand, readAnswer } from '../answer.ts'
import { valuesIn } from '../copied-values.ts'
import type { RecoverySchema } from '../schema.ts'

/** The words of a request for a command, its values guarded from every change; undefined for other rows. */
export function guarded(schema: RecoverySchema, row: Row): string | undefined {
  const { answer } = readAnswer(row.output)
  if (!answer || !isCommand(answer)) return undefined
  const values = valuesIn(schema, answer).map(({ value }) => String(value)).filter(Boolean).sort((a, b) => b.length - a.length)
  if (values.length === 0) return row.instruction
  const anyValue = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${values.map(escapeRegExp).join('|')})(?![\\p{L}\\p{N}_])`, 'giu')
  return row.instruction.replace(anyValue, (value) => guard(value))
}
