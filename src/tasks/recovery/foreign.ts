import { z } from 'zod'
import { Row } from '../../dataset/row.ts'
import { InputError } from '../../errors.ts'
import { shown } from '../../text.ts'
import { isRecord, type Json } from '../tools/json.ts'
import { findTool } from '../tools/schema.ts'
import { otherAnswers } from '../other-answers.ts'
import { checkBoundaries } from './annotations.ts'
import { checkAnswer, isCommand, isRecovery, readAnswer, type CommandAnswer, type RecoveryAnswer } from './answer.ts'
import { clarificationCase } from '../tools/completion.ts'
import { failedCommand } from './context.ts'
import { fromSource } from './sources.ts'
import { findCause, type CommandTool, type RecoverySchema } from './schema.ts'

type Record_ = Record<string, unknown>

/**
 * Reads a row as people have it: a record of the command dataset {raw_input, command_type, parameters, intent_labels, …}, one of the error
 * dataset {failed_command, error_message, error_type, root_cause, correction, recovery_steps, …}, each with its annotations, or
 * {instruction, context, output}, or a line of one of the sources (sources.ts). What follows from the rest (normalized_input, tags, categories) is not stored; whether a command
 * succeeded and how long it took is kept as bookkeeping.
 * @throws InputError when it is none of them
 */
export function fromForeign(schema: RecoverySchema, given: Record<string, unknown>): Row {
  const record = fromSource(given)
  const { instruction, context, answer } = read(schema, record)
  const output = text(answer)
  const { success, data, error } = Row.safeParse({
    ...record,
    instruction,
    context: context !== null && isRecord(context) && Object.keys(context).length === 0 ? null : context,
    output,
    slice: record.slice ?? sliceOf(schema, output),
    bookkeeping: bookkeepingOf(record),
    id: record.id === undefined ? undefined : String(record.id),
    source: Row.shape.source.safeParse(record.source).data,
    ...otherAnswers(record, text, (wrong) => wrongAnswer(schema, record, wrong)),
  })
  if (!success) throw new InputError(`expected a row, found ${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}.`)
  return data
}

/** What was recorded of a command that somebody ran; undefined where nothing was. */
function bookkeepingOf(record: Record_): Row['bookkeeping'] {
  const known = Object.entries(recorded).flatMap(([key, type]) => {
    const { success, data } = type.safeParse(record[key])
    return success ? [[key, data] as const] : []
  })
  const all = { ...(isRecord(record.bookkeeping) ? (record.bookkeeping as Record<string, Json>) : {}), ...Object.fromEntries(known) }
  return Object.keys(all).length ? all : undefined
}

const recorded = { success: z.boolean(), execution_time: z.number().min(0), success_indicator: z.boolean() }

const text = (answer: unknown) => (typeof answer === 'string' ? answer : JSON.stringify(answer))

/** Of a wrong answer in the fields of its dataset, those are said that it has otherwise than the right one. */
function wrongAnswer(schema: RecoverySchema, record: Record_, wrong: unknown): string {
  if (!isRecord(wrong) || ['command', 'recovery', 'type'].some((key) => key in wrong)) return text(wrong)
  const { output: _output, answer: _answer, ...fields } = record
  return text(read(schema, { ...fields, ...wrong }).answer)
}

interface Read {
  instruction: string
  context: unknown
  answer: CommandAnswer | RecoveryAnswer | string | object
}

const read = (schema: RecoverySchema, record: Record_): Read => ('failed_command' in record ? recoveryOf(schema, record) : commandOf(schema, record))

const firstText = (record: Record_, keys: readonly string[]): string | undefined => keys.map((key) => record[key]).find((value) => typeof value === 'string')

function commandOf({ commands }: RecoverySchema, record: Record_): Read {
  const instruction = firstText(record, ['raw_input', 'instruction', 'input', 'question'])
  const context = record.context ?? null
  const output = record.output ?? record.answer
  if (instruction !== undefined && (typeof output === 'string' || isRecord(output))) return { instruction, context, answer: output }
  const { command_type, parameters = {} } = record
  if (instruction === undefined || typeof command_type !== 'string' || !isRecord(parameters)) {
    throw new InputError(`expected {"raw_input", "command_type", "parameters"}, {"failed_command", "error_message", "error_type", "root_cause", "correction", "recovery_steps"} or {"instruction", "context", "output"}, found the keys ${shown(Object.keys(record))}.`)
  }
  checkBoundaries(instruction, parameters, record.parameter_boundaries)
  const labels = (Array.isArray(record.intent_labels) ? record.intent_labels : [record.intent_labels ?? record.intent]).filter((label) => typeof label === 'string')
  const known = (findTool(commands, command_type) as CommandTool | undefined)?.intents ?? []
  const intent = labels.find((label) => known.includes(label)) ?? labels[0] ?? known[0] ?? ''
  return { instruction, context, answer: { command: { command_type, intent, parameters: parameters as Record<string, Json> } } }
}

function recoveryOf(schema: RecoverySchema, record: Record_): Read {
  const failed = failedCommand({ failed_command: record.failed_command })
  const message = firstText(record, ['error_message', 'instruction'])
  if (!failed || message === undefined) throw new InputError(`expected "failed_command" as {"command_type", "parameters"} with an "error_message", found ${shown(failed ? record.error_message : record.failed_command)}.`)
  if (record.success_indicator === false) throw new InputError('expected a recovery that succeeded, found "success_indicator": false; what did not help is nothing to learn.')
  const context = { ...(isRecord(record.context) ? record.context : {}), failed_command: record.failed_command }
  if (record.output !== undefined) return { instruction: message, context, answer: record.output as object }
  const { error_type, root_cause } = record
  const cause = causeOf(schema, error_type, root_cause)
  if (!Array.isArray(record.recovery_steps)) throw new InputError(`expected "recovery_steps" to be a list, found ${shown(record.recovery_steps)}.`)
  const recovery_steps = record.recovery_steps.map((step): RecoveryAnswer['recovery']['recovery_steps'][number] => (typeof step === 'string' ? { step } : (step as { step: string })))
  return { instruction: message, context, answer: { recovery: { ...cause, correction: correctionOf(failed, record.correction), recovery_steps } } }
}

/** The error type follows from the root cause, and the other way round where it has only one. */
function causeOf(schema: RecoverySchema, error_type: unknown, root_cause: unknown): { error_type: string; root_cause: string } {
  const ofType = schema.causes.filter((cause) => cause.error_type === error_type)
  const name = typeof root_cause === 'string' ? root_cause : ofType.length === 1 ? ofType[0]!.root_cause : undefined
  if (name === undefined) throw new InputError(`expected "root_cause", without which ${shown(error_type)} may be ${ofType.length ? ofType.map((cause) => cause.root_cause).join(', ') : 'anything'}, found ${shown(root_cause)}.`)
  return { error_type: typeof error_type === 'string' ? error_type : (findCause(schema, name)?.error_type ?? ''), root_cause: name }
}

/** A correction as a whole command; one without a type is what changes of the failed one's parameters. */
function correctionOf(failed: { command_type: string; parameters: Record<string, Json> }, given: unknown): RecoveryAnswer['recovery']['correction'] {
  if (!isRecord(given) || Object.keys(given).length === 0) return null
  if (typeof given.command_type === 'string') return { command_type: given.command_type, parameters: (given.parameters ?? {}) as Record<string, Json> }
  const changed = (isRecord(given.parameters) ? given.parameters : given) as Record<string, Json>
  return { command_type: failed.command_type, parameters: { ...failed.parameters, ...changed } }
}

/** What a row is an example of, as far as its answer tells. */
export function sliceOf(schema: RecoverySchema, output: string): Record<string, string> | undefined {
  const { answer } = readAnswer(output)
  if (!answer || checkAnswer(schema, answer).length) return undefined
  if (isCommand(answer)) return { task: 'command', about: answer.command.command_type, case: 'positive' }
  if (isRecovery(answer)) return { task: 'recovery', about: answer.recovery.root_cause, case: 'recovery' }
  return { task: 'command', about: answer.suggestions.length === 1 ? answer.suggestions[0]!.command : '-', case: clarificationCase({ output })! }
}
