import { Row } from '../../dataset/row.ts'
import { InputError } from '../../errors.ts'
import { shown } from '../../text.ts'
import { otherAnswers } from '../other-answers.ts'
import type { WorkflowSchema } from './schema.ts'

const asked = ['instruction', 'input', 'question', 'query', 'request']
const answers = ['output', 'answer', 'expected']

/**
 * Reads a row as people have it: the triplets {input, metadata, expected_workflow | expected_response} as they stand, {instruction, context, output},
 * {question, answer}. Bookkeeping beside them is kept; a `source` that means something else is dropped.
 * @throws InputError when it is none of them
 */
export function fromForeign(_schema: WorkflowSchema, record: Record<string, unknown>): Row {
  const instruction = asked.map((key) => record[key]).find((value) => typeof value === 'string')
  const output = record.expected_workflow !== undefined ? text(record.expected_workflow)
    : record.expected_response !== undefined ? reply(record.expected_response)
      : answers.map((key) => record[key]).flatMap((value) => (value === undefined || value === null ? [] : [text(value)]))[0]
  if (instruction === undefined || output === undefined) throw new InputError(`expected {"input", "metadata", "expected_workflow"}, {"input", "expected_response"} or {"instruction", "context", "output"}, found the keys ${shown(Object.keys(record))}.`)
  const metadata = record.context ?? record.metadata ?? null
  const { success, data, error } = Row.safeParse({
    ...record,
    instruction,
    context: metadata !== null && typeof metadata === 'object' && Object.keys(metadata).length === 0 ? null : metadata,
    output,
    id: record.id === undefined ? undefined : String(record.id),
    source: Row.shape.source.safeParse(record.source).data,
    ...otherAnswers(record, text),
  })
  if (!success) throw new InputError(`expected a row, found ${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}.`)
  return data
}

/** Documents stay JSON; words that are no JSON are a response. */
function text(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return value.trimStart().startsWith('{') ? value.trim() : reply(value)
}

const reply = (value: unknown): string => JSON.stringify(typeof value === 'string' ? { response: value } : value)
