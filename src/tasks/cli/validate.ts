import type { Row } from '../../dataset/row.ts'
import { shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { checkInstruction } from '../instruction.ts'
import { checkAnswer, readAnswer } from './answer.ts'
import { invented } from './doubts.ts'
import { checkOrders } from './orders.ts'
import { contextFields, contextValue, type CliSchema } from './schema.ts'
import { userText } from './user-text.ts'

/**
 * The specification's validation rules for one row. Empty when it may be trained on.
 * Rows of a hand-written test set (`part`) are spared the rule that values stand in the words: people imply values.
 */
export function validate(schema: CliSchema, row: Row): Problem[] {
  const problems: Problem[] = [...checkInstruction(row.instruction), ...checkContext(schema, row.context)]
  for (const output of [row.output, ...(row.accepted ?? [])]) {
    const { answer, problems: unreadable } = readAnswer(output)
    problems.push(...(answer ? checkAnswer(schema, answer) : unreadable))
  }
  if (problems.length === 0 && row.part === undefined) problems.push(...checkCopies(schema, row), ...checkOrders(schema, row))
  return problems
}

function checkContext(schema: CliSchema, context: Row['context']): Problem[] {
  return contextFields(schema).flatMap(({ path, field }): Problem[] => {
    const value = contextValue(context, path)
    const right = value === undefined || (field.type === 'integer' ? Number.isSafeInteger(value) : typeof value === field.type)
    return right ? [] : [{ rule: 'context', message: `expected ${path} to be of type ${field.type}, found ${shown(value)}` }]
  })
}

/** A value that stands nowhere in the input teaches a model to invent. */
function checkCopies(schema: CliSchema, row: Row): Problem[] {
  const { answer } = readAnswer(row.output)
  if (answer?.type !== 'command') return []
  return invented(schema, answer, userText(schema, row.instruction, row.context)).map(({ name, value }) => ({ rule: 'value', message: `expected the value of ${shown(name)} in the instruction or its context, found ${shown(value)} only in the answer` }))
}
