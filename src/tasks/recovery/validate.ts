import type { Row } from '../../dataset/row.ts'
import { shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { checkInstruction } from '../instruction.ts'
import { orderProblems, plantedWords } from '../orders.ts'
import { stands } from '../tools/values.ts'
import { descriptionsOf, wordingsOf } from '../tools/words.ts'
import { checkAnswer, isRecovery, readAnswer } from './answer.ts'
import { contextProblems } from './context.ts'
import { valuesIn } from './copied-values.ts'
import { dryRun } from './dry-run.ts'
import { findCause, type RecoverySchema } from './schema.ts'
import { userText } from './user-text.ts'

/**
 * Empty when a row may be trained on: its answers are allowed, its context is what the schema declares, its recovery helps or its command runs, and every value
 * was said or stands in the context. Rows of a hand-written test set (`part`) are spared the last: people imply values.
 */
export function validate(schema: RecoverySchema, row: Row): Problem[] {
  const problems = [...checkInstruction(row.instruction), ...contextProblems(schema, row.context)]
  for (const output of [row.output, ...(row.accepted ?? [])]) {
    const { answer, problems: unreadable } = readAnswer(output)
    problems.push(...(answer ? checkAnswer(schema, answer) : unreadable))
  }
  if (problems.length > 0) return problems
  const invented = row.part === undefined ? checkValues(schema, row) : []
  if (invented.length > 0) return invented
  const why = dryRun(schema, row)
  const { answer } = readAnswer(row.output)
  if (why !== undefined) return [{ rule: 'schema', message: `expected ${answer && isRecovery(answer) ? 'a recovery that helps' : 'a command that runs'}, found that ${why}` }]
  return row.part === undefined ? orderProblems(planted(schema), row) : []
}

/** A value that stands nowhere in the request teaches a model to invent. */
function checkValues(schema: RecoverySchema, row: Row): Problem[] {
  const { answer } = readAnswer(row.output)
  if (!answer) return []
  const text = userText(schema, row.instruction, row.context)
  const own = new Set(isRecovery(answer) ? findCause(schema, answer.recovery.root_cause)!.steps.flatMap(({ parameters }) => Object.values(parameters).map(String)) : [])
  return valuesIn(schema, answer).filter((leaf) => !stands(leaf, text) && !own.has(String(leaf.value)))
    .map(({ name, value }): Problem => ({ rule: 'value', message: `expected the value of ${shown(name)} in the request or its context, found ${shown(value)} only in the answer` }))
}

const known = new WeakMap<RecoverySchema, Map<string, string>>()

function planted(schema: RecoverySchema): Map<string, string> {
  let found = known.get(schema)
  if (!found) {
    const messages = schema.causes.flatMap((cause) => [cause.root_cause, cause.error_type, ...cause.messages])
    known.set(schema, (found = plantedWords([...descriptionsOf(schema.commands), ...descriptionsOf(schema.steps)], [schema.name, ...messages, ...[...schema.commands.tools, ...schema.steps.tools].flatMap(wordingsOf)])))
  }
  return found
}
