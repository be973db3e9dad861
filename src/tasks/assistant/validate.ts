import type { Row } from '../../dataset/row.ts'
import type { Problem } from '../family.ts'
import { checkInstruction } from '../instruction.ts'
import { answers, checkAnswer, readAnswer } from './answer.ts'
import { historyOf, lastQuoted } from './history.ts'
import type { AssistantSchema } from './schema.ts'

/** Empty when a row may be trained on: its answers are allowed and grounded in the sources, and its history can be read. */
export function validate(schema: AssistantSchema, row: Row): Problem[] {
  const problems = checkInstruction(row.instruction)
  if (historyOf(row.context) === undefined) problems.push({ rule: 'context', message: 'expected "history" to be a list of {"question", "answer"}, found another shape' })
  for (const output of [row.output, ...(row.accepted ?? [])]) {
    const { answer, problems: unreadable } = readAnswer(output)
    problems.push(...(answer ? checkAnswer(schema, answer) : unreadable))
  }
  if (problems.length === 0 && row.part === undefined) problems.push(...checkReference(schema, row))
  return problems
}

/** "How do I turn it off" with nothing said before teaches a model to guess. */
function checkReference(schema: AssistantSchema, row: Row): Problem[] {
  const { answer } = readAnswer(row.output)
  if (row.slice?.turns !== 'follow-up' || !answer || !answers(answer) || lastQuoted(schema, row.context).length) return []
  return [{ rule: 'context', message: 'expected a history whose last answer stands in the sources, since the question refers to it, found none' }]
}
