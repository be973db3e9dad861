import { Row } from '../../dataset/row.ts'
import { InputError } from '../../errors.ts'
import { shown } from '../../text.ts'
import { otherAnswers } from '../other-answers.ts'
import { isClarification, isFree, isQuotes, isRefusal, readAnswer } from './answer.ts'
import { caseOf } from './completion.ts'
import { coveringPassage } from './groundedness.ts'
import { quotedIn } from './history.ts'
import { findSection, mostQuotes, sectionOf, type AssistantSchema } from './schema.ts'
import { sentences } from './sentences.ts'

/**
 * Reads a row as people have it: {question, answer, history} of interaction logs, {instruction, context, output}, {input, expected_response}. An answer
 * is JSON of the schema's kind, or words; where answers are quotes, each of its sentences becomes the passage that says it.
 * Bookkeeping beside them is kept; a `source` that means something else is dropped. A row without a slice gets that of its answer.
 * @throws InputError when it is none of them, or when the sources do not say what the answer says
 */
export function fromForeign(schema: AssistantSchema, record: Record<string, unknown>): Row {
  const instruction = ['instruction', 'question', 'input', 'query', 'request'].map((key) => record[key]).find((value) => typeof value === 'string')
  const given = ['output', 'answer', 'expected', 'expected_response', 'response'].map((key) => record[key]).find((value) => value !== undefined && value !== null)
  if (instruction === undefined || given === undefined) {
    throw new InputError(`expected {"question", "answer", "history"} or {"instruction", "context", "output"}, found the keys ${shown(Object.keys(record))}.`)
  }
  const output = toOutput(schema, given, instruction)
  const history = record.history ?? (record.context as { history?: unknown } | null | undefined)?.history
  const context = Array.isArray(history) && history.length ? { ...(record.context as object | null | undefined), history } : (record.context ?? null)
  const { success, data, error } = Row.safeParse({
    ...record,
    instruction,
    context,
    slice: record.slice ?? sliceOf(schema, output, Array.isArray(history) && history.length > 0),
    output,
    id: record.id === undefined ? undefined : String(record.id),
    source: Row.shape.source.safeParse(record.source).data,
    ...otherAnswers(record, (other) => toOutput(schema, other, instruction)),
  })
  if (!success) throw new InputError(`expected a row, found ${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}.`)
  return data
}

function toOutput(schema: AssistantSchema, given: unknown, question: string): string {
  if (typeof given !== 'string') return JSON.stringify(given)
  if (readAnswer(given).answer || given.trimStart().startsWith('{')) return given.trim()
  if (schema.answers === 'free') return JSON.stringify({ answer: given.trim() })
  return JSON.stringify({ quotes: passagesOf(schema, given, question) })
}

/** The passages of an answer in words, in its order. */
function passagesOf(schema: AssistantSchema, text: string, question: string): string[] {
  const verbatim = quotedIn(schema, text, question)
  const rest = verbatim.reduce((left, passage) => left.replace(passage.text, ' '), text)
  const found = [...verbatim]
  for (const sentence of sentences(rest)) {
    if (!/[\p{L}\p{N}]/u.test(sentence)) continue
    const passage = coveringPassage(schema, sentence)
    if (!passage) throw new InputError(`expected an answer that the sources give, found ${shown(sentence)}, which no passage says; leave it out, or add it to the documents.`)
    if (!found.includes(passage)) found.push(passage)
  }
  if (found.length > mostQuotes) throw new InputError(`expected an answer of at most ${mostQuotes} passages, found ${found.length}; split the row.`)
  return found.map(({ id }) => id)
}

/** What a row is an example of, as far as its answer tells. */
function sliceOf(schema: AssistantSchema, output: string, told: boolean): Record<string, string> | undefined {
  const { answer } = readAnswer(output)
  if (!answer) return undefined
  const turns = told ? 'several' : 'one'
  if (isRefusal(answer) || isClarification(answer)) return { group: '-', asks: '-', turns, case: caseOf(answer) }
  const id = isQuotes(answer) ? answer.quotes[0]! : (isFree(answer) ? quotedIn(schema, answer.answer, '')[0]?.id : undefined)
  const section = id === undefined ? undefined : findSection(schema, sectionOf(id))
  const passage = section?.passages.find((each) => each.id === id)
  return section && passage ? { group: section.group, topic: section.id, asks: passage.asks, turns, case: 'positive' } : { turns, case: 'positive' }
}
