import type { Row } from '../../../dataset/row.ts'
import { guardValues } from '../../augment/guarded.ts'
import { isCommand, readAnswer } from '../answer.ts'
import { valuesIn } from '../copied-values.ts'
import type { RecoverySchema } from '../schema.ts'

/** The words of a request for a command, its values guarded from every change; undefined for other rows. */
export function guarded(schema: RecoverySchema, row: Row): string | undefined {
  const { answer } = readAnswer(row.output)
  return answer && isCommand(answer) ? guardValues(row.instruction, valuesIn(schema, answer).map(({ value }) => String(value))) : undefined
}
