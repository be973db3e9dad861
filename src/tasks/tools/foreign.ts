import { Row } from '../../dataset/row.ts'
import { InputError } from '../../errors.ts'
import { shown } from '../../text.ts'
import { otherAnswers } from '../other-answers.ts'
import { checkAnswer, isClarification, readAnswer } from './answer.ts'
import { clarificationCase } from './completion.ts'
import { isRecord } from './json.ts'
import type { ToolsSchema } from './schema.ts'

/**
 * Reads a row in any of the forms people have: the specification's {instruction, output}, {question, answer}, {input, expected_workflow or
 * expected_response}. A call is {name, parameters}, or as APIs have it {name, arguments}, its arguments an object or their JSON as a text.
 * Bookkeeping beside them is kept; a `source` that means something else is dropped. A row without a slice gets the tool and the case of its answer.
 * @throws InputError when it is none of them
 */
export function fromForeign(schema: ToolsSchema, record: Record<string, unknown>): Row {
  const instruction = ['instruction', 'question', 'input', 'query', 'request'].map((key) => record[key]).find((value) => typeof value === 'string')
  const given = ['output', 'answer', 'call', 'expected', 'expected_workflow', 'expected_response'].map((key) => record[key]).find((value) => value !== undefined && value !== null)
  if (instruction === undefined || given === undefined) {
    throw new InputError(`expected {"instruction", "output"}, {"question", "answer"} or {"input", "expected_response"}, found the keys ${shown(Object.keys(record))}.`)
  }
  const output = toOutput(given)
  const { success, data, error } = Row.safeParse({
    ...record,
    instruction,
    slice: record.slice ?? sliceOf(schema, output),
    context: Row.shape.context.safeParse(record.context).data ?? null,
    output,
    id: record.id === undefined ? undefined : String(record.id),
    source: Row.shape.source.safeParse(record.source).data,
    ...otherAnswers(record, toOutput),
  })
  if (!success) throw new InputError(`expected a row, found ${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}.`)
  return data
}

/** What a row is an example of, as far as its answer tells. */
function sliceOf(schema: ToolsSchema, output: string): Record<string, string> | undefined {
  const { answer } = readAnswer(output)
  if (!answer || checkAnswer(schema, answer).length) return undefined
  if (!isClarification(answer)) return { tool: answer.name, case: 'positive' }
  return { tool: answer.suggestions.length === 1 ? answer.suggestions[0]!.command : '-', case: clarificationCase({ output })! }
}

function toOutput(given: unknown): string {
  if (typeof given !== 'string') return JSON.stringify(call(given))
  const answer = parsed(given)
  return answer === given ? given : JSON.stringify(call(answer))
}

/** JSON; a text that is none stays, and is told of as parameters that the schema does not allow. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** A call as it is stored, whatever it was called where it comes from; anything else as it is. */
function call(given: unknown): unknown {
  const inner = Array.isArray(given) && given.length === 1 ? given[0] : given
  const found = isRecord(inner) && isRecord(inner.function) ? inner.function : inner
  if (!isRecord(found) || typeof found.name !== 'string') return given
  const { name, parameters, arguments: args = parameters, input = args, confidence } = found
  return { name, parameters: (typeof input === 'string' ? parsed(input) : input) ?? {}, ...(confidence !== undefined && { confidence }) }
}
