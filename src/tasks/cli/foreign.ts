import { Row } from '../../dataset/row.ts'
import { InputError } from '../../errors.ts'
import { shown } from '../../text.ts'
import { otherAnswers } from '../other-answers.ts'
import type { CliSchema } from './schema.ts'
import { parseLine } from './shell.ts'

/** What a person who writes rows by hand is sure of; only stored, never trained on. */
const sure = 0.95

/**
 * Reads a row in any of the forms people have: the specification's, {instruction, command} or {question, answer} with a
 * shell line, {input, output}, {input, expected_workflow or expected_response, metadata}. Bookkeeping beside them is kept; a `source` that means something else is dropped.
 * @throws InputError when it is none of them
 */
export function fromForeign(schema: CliSchema, record: Record<string, unknown>): Row {
  const instruction = ['instruction', 'question', 'input', 'query', 'request'].map((key) => record[key]).find((value) => typeof value === 'string')
  const expected = record.expected_workflow ?? record.expected_response
  const given = [...['output', 'command', 'answer', 'expected'].map((key) => record[key]), expected].find((value) => value !== undefined && value !== null)
  if (instruction === undefined || given === undefined) {
    throw new InputError(`expected {"instruction", "output"}, {"instruction", "command"}, {"question", "answer"} or {"input", "expected_workflow"}, found the keys ${shown(Object.keys(record))}.`)
  }
  const { success, data, error } = Row.safeParse({
    ...record,
    instruction,
    // Elsewhere `metadata` may be anything.
    context: record.context ?? (given === expected ? Row.shape.context.safeParse(record.metadata).data : null) ?? null,
    output: toOutput(schema, given),
    id: record.id === undefined ? undefined : String(record.id),
    source: Row.shape.source.safeParse(record.source).data,
    ...otherAnswers(record, (other) => toOutput(schema, other)),
  })
  if (!success) throw new InputError(`expected a row, found ${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}.`)
  return data
}

/** JSON stays (with the keys that may be left out), anything else is a shell line. */
function toOutput(schema: CliSchema, given: unknown): string {
  if (typeof given === 'object') return JSON.stringify(complete(given as Record<string, unknown>))
  const text = String(given).trim()
  if (!text.startsWith('{')) return JSON.stringify({ ...parseLine(schema, text), confidence: sure })
  try {
    return JSON.stringify(complete(JSON.parse(text)))
  } catch {
    return text
  }
}

function complete(answer: Record<string, unknown>): Record<string, unknown> {
  const { type = 'command', command, subcommand = null, args, flags, ...rest } = answer
  return type === 'command' && command !== undefined ? { type, command, subcommand, args: args ?? {}, flags: flags ?? [], ...rest } : answer
}
