import { Row } from '../../dataset/row.ts'
import { InputError } from '../../errors.ts'
import { shown } from '../../text.ts'
import { otherAnswers } from '../other-answers.ts'
import { holdsWords, sameWords } from './completion.ts'
import { readAnswer, type Step } from './document.ts'
import { findAction, operationOf, type Action, type WorkflowSchema } from './schema.ts'
import { toldOf } from './told.ts'
import { knownMetadata } from './user-text.ts'

const asked = ['instruction', 'input', 'question', 'query', 'request']
const answers = ['output', 'answer', 'expected']

/**
 * Reads a row as people have it: the triplets {input, metadata, expected_workflow | expected_response} as they stand, {instruction, context, output},
 * {question, answer}. Bookkeeping beside them is kept; a `source` that means something else is dropped. A row without a slice gets that of its answer.
 * @throws InputError when it is none of them
 */
export function fromForeign(schema: WorkflowSchema, record: Record<string, unknown>): Row {
  const instruction = asked.map((key) => record[key]).find((value) => typeof value === 'string')
  const output = record.expected_workflow !== undefined ? text(record.expected_workflow)
    : record.expected_response !== undefined ? reply(record.expected_response)
      : answers.map((key) => record[key]).flatMap((value) => (value === undefined || value === null ? [] : [text(value)]))[0]
  if (instruction === undefined || output === undefined) throw new InputError(`expected {"input", "metadata", "expected_workflow"}, {"input", "expected_response"} or {"instruction", "context", "output"}, found the keys ${shown(Object.keys(record))}.`)
  const metadata = record.context ?? record.metadata ?? null
  const context = metadata !== null && typeof metadata === 'object' && Object.keys(metadata).length === 0 ? null : metadata
  const { success, data, error } = Row.safeParse({
    ...record,
    instruction,
    context,
    output,
    slice: record.slice ?? sliceOf(schema, instruction, context, output),
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

/** What a row is an example of, as far as its answer tells: the kinds of the plan, so that rows about the rules are found again by the phase that learns from them. */
function sliceOf(schema: WorkflowSchema, instruction: string, context: unknown, output: string): Record<string, string> | undefined {
  const { answer } = readAnswer(output)
  if (!answer) return undefined
  const metadata = metadataCase(schema, context as Row['context'])
  if (answer.workflow) return { ...requestSlice(schema, answer.workflow.steps), metadata }
  return { ...wordsSlice(schema, instruction, answer.response), steps: '0', metadata }
}

/** How much of the metadata that the language knows stands beside a request. */
export const metadataCase = (schema: WorkflowSchema, context: Row['context']): string =>
  (context === null ? 'none' : knownMetadata(schema, context).length === Object.keys(schema.metadata).length ? 'full' : 'some')

/** About the first step that does more than read. */
function requestSlice(schema: WorkflowSchema, steps: readonly Step[]): Record<string, string> {
  const reads = ({ action }: Step) => operationOf(findAction(schema, action) ?? { name: action } as Action) === 'read'
  const about = steps.find((step) => !reads(step)) ?? steps[0]
  return { kind: steps.length > 1 ? 'multi' : 'single', action: about?.action ?? '-', steps: String(steps.length) }
}

/** What is told about a rule or an action answers a question about it; other words are a reply, or an answer about the language in words of their own. */
function wordsSlice(schema: WorkflowSchema, instruction: string, response: string): Record<string, string> {
  const reply = Object.entries(schema.replies).find(([, { text }]) => sameWords(text, response))
  if (reply) return { kind: reply[0], action: '-' }
  const told = toldOf(schema).find(({ text }) => sameWords(text, response))
  if (!told && !asksAboutLanguage(schema, instruction)) return { kind: 'reply', action: '-' }
  return { kind: holdsWords(instruction, response) ? 'choice' : 'question', action: told?.about ?? '-' }
}

/** Words that people ask about a language with, besides its name. */
const ofLanguages = ['workflow', 'step', 'action', 'parameter', 'variable', 'condition', 'rule', 'syntax']
const asking = /^(what|which|how|when|where|why|who|can|may|must|should|is|are|does|do|has|have)\b/i

/** An action by its name alone is a request more often than not: only a question is about it. */
function asksAboutLanguage(schema: WorkflowSchema, instruction: string): boolean {
  const words = new Set(instruction.toLowerCase().match(/[a-z_]+/g))
  const names = asking.test(instruction.trim()) ? schema.actions.map(({ name }) => name) : []
  return [schema.language, ...names, ...ofLanguages.flatMap((word) => [word, `${word}s`])].some((word) => words.has(word.toLowerCase()))
}
