import type { Row } from '../../dataset/row.ts'
import { invented } from '../tools/doubts.ts'
import { callOf, isCommand, isRecovery, readAnswer } from './answer.ts'
import { fieldsOf } from './context.ts'
import { sliceOf } from './foreign.ts'
import { valuesIn } from './copied-values.ts'
import type { RecoverySchema } from './schema.ts'

/** By what rows are counted and scored: which of the two tasks, the command or the root cause it is about, the case, how it was varied, how it is worded, and which edge case it is. */
export const sliceNames = ['task', 'about', 'case', 'augmentation', 'phrasing', 'edge_case'] as const

/** What hand-written rows do not say of themselves. */
export const derivedSlices = (schema: RecoverySchema, row: Row): Record<string, string> => ({ ...sliceOf(schema, row.output), edge_case: edgeCaseOf(schema, row) })

const manyValues = 3

/** Where a row lies at the edge of what is asked, the farthest first. */
function edgeCaseOf(schema: RecoverySchema, { instruction, context, output }: Row): string {
  const { answer } = readAnswer(output)
  if (!answer || !(isCommand(answer) || isRecovery(answer))) return 'asked_back'
  if (isRecovery(answer) && !answer.recovery.correction) return 'no_command_helps'
  if (isCommand(answer) && invented(schema.commands, callOf(answer.command), instruction).length > 0) return 'value_from_context'
  const values = valuesIn(schema, answer)
  if (values.some(({ value }) => typeof value === 'string' && /[\s"'`\\]|[^\x20-\x7e]/.test(value))) return 'unusual_value'
  if (isCommand(answer) && values.length >= manyValues) return 'many_values'
  return fieldsOf(schema, context).length > 0 ? 'context_beside' : 'usual'
}
