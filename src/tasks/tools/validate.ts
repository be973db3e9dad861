import type { Row } from '../../dataset/row.ts'
import { shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { checkInstruction } from '../instruction.ts'
import { orderProblems, plantedWords } from '../orders.ts'
import { checkAnswer, isClarification, readAnswer } from './answer.ts'
import { invented } from './doubts.ts'
import type { ToolsSchema } from './schema.ts'
import { userText } from './user-text.ts'
import { descriptionsOf, wordingsOf } from './words.ts'

/**
 * Empty when a row may be trained on. Rows of a hand-written test set (`part`) are spared the rule that values stand in the words:
 * people imply values.
 */
export function validate(schema: ToolsSchema, row: Row): Problem[] {
  const problems = checkInstruction(row.instruction)
  for (const output of [row.output, ...(row.accepted ?? [])]) {
    const { answer, problems: unreadable } = readAnswer(output)
    problems.push(...(answer ? checkAnswer(schema, answer) : unreadable))
  }
  if (problems.length === 0 && row.part === undefined) problems.push(...checkCopies(schema, row), ...orderProblems(planted(schema), row))
  return problems
}

/** A value that stands nowhere in the request teaches a model to invent. */
function checkCopies(schema: ToolsSchema, row: Row): Problem[] {
  const { answer } = readAnswer(row.output)
  if (!answer || isClarification(answer)) return []
  return invented(schema, answer, userText(schema, row.instruction)).map(({ name, value }) => ({ rule: 'value', message: `expected the value of ${shown(name)} in the request, found ${shown(value)} only in the answer` }))
}

const known = new WeakMap<ToolsSchema, Map<string, string>>()

function planted(schema: ToolsSchema): Map<string, string> {
  let found = known.get(schema)
  if (!found) known.set(schema, (found = plantedWords(descriptionsOf(schema), [schema.name, ...schema.tools.flatMap(wordingsOf)])))
  return found
}
