import type { Row } from '../../dataset/row.ts'
import { shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { checkInstruction } from '../instruction.ts'
import { checkedAnswer, partsOf } from './answer.ts'
import { invented } from './facts.ts'
import { findAction, type AnalysisSchema } from './schema.ts'
import { textOf } from './score.ts'
import { taskIn } from './user-text.ts'

/**
 * Empty when a row may be trained on: its answers have the parts that were asked for and names of the schema, and every value stands in the
 * mails as they are rendered.
 */
export function validate(schema: AnalysisSchema, row: Row): Problem[] {
  const problems = checkInstruction(row.instruction)
  const wanted = taskIn(row.context)
  for (const output of [row.output, ...(row.accepted ?? [])]) {
    const { answer, problems: found } = checkedAnswer(schema, output)
    problems.push(...found)
    if (!answer || found.length > 0) continue
    const parts = partsOf(answer)
    if ((wanted === undefined) !== (parts.length > 1) || (wanted !== undefined && parts[0] !== wanted)) problems.push({ rule: 'shape', message: `expected ${wanted ?? 'all parts'}, found ${parts.join(', ')}` })
    for (const value of invented(schema, answer, textOf(schema, row))) problems.push({ rule: 'value', message: `expected ${shown(value)} in the mails, found it only in the answer` })
    for (const { kind, what } of answer.actions ?? []) {
      const { about } = findAction(schema, kind)!
      if (what !== undefined && answer.entities && !about.some((type) => answer.entities![type]?.includes(what))) problems.push({ rule: 'value', message: `expected what ${kind} is about to be one of the entities ${about.join(', ')}, found ${shown(what)}` })
    }
  }
  return problems
}
