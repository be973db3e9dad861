import type { Row } from '../../dataset/row.ts'
import { shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { checkedAnswer } from './completion.ts'
import { readAnswer } from './document.ts'
import type { WorkflowSchema } from './schema.ts'
import { userText } from './user-text.ts'
import { invented } from './values.ts'

const longestInstruction = 2_000

/**
 * Is the row right: its answers keep every rule and run on plain tables, its metadata is what the language declares, and every value was said?
 * Rows of a hand-written test set (`part`) are spared the last: people imply values.
 */
export function validate(schema: WorkflowSchema, row: Row): Problem[] {
  const problems: Problem[] = [...checkInstruction(row.instruction), ...checkMetadata(schema, row.context)]
  for (const output of [row.output, ...(row.accepted ?? [])]) problems.push(...checkedAnswer(schema, output).problems)
  return problems.length === 0 && row.part === undefined ? checkValues(schema, row) : problems
}

function checkInstruction(instruction: string): Problem[] {
  if (instruction.trim() === '') return [{ rule: 'shape', message: 'expected an instruction, found an empty one' }]
  if (instruction.length > longestInstruction) return [{ rule: 'shape', message: `expected an instruction of at most ${longestInstruction} characters, found ${instruction.length}` }]
  const odd = /[\p{Cs}\0-\x08\x0b\x0c\x0e-\x1f\x7f]/u.exec(instruction)
  return odd ? [{ rule: 'shape', message: `expected plain text as instruction, found the character U+${odd[0].codePointAt(0)!.toString(16).padStart(4, '0')}` }] : []
}

function checkMetadata(schema: WorkflowSchema, metadata: Row['context']): Problem[] {
  return Object.entries(schema.metadata).flatMap(([name, { values }]): Problem[] => {
    const value = metadata?.[name]
    if (value === undefined || value === null) return []
    if (values ? !values.includes(String(value)) : typeof value !== 'string') return [{ rule: 'context', message: `expected the metadata ${shown(name)} to be ${values ? values.join(' or ') : 'text'}, found ${shown(value)}` }]
    return []
  })
}

/** A value that stands nowhere in the input teaches a model to invent. */
function checkValues(schema: WorkflowSchema, row: Row): Problem[] {
  const { answer } = readAnswer(row.output)
  if (!answer?.workflow) return []
  return invented(schema, answer.workflow, userText(schema, row.instruction, row.context)).map(({ value, kind }) => ({ rule: 'value', message: `expected the ${kind} ${shown(value)} in the request or its metadata, found it only in the answer` }))
}
