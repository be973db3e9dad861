import type { Row } from '../../../dataset/row.ts'
import type { Random } from '../../../teacher/random.ts'
import { escapeRegExp } from '../../../text.ts'
import type { Json, Scalar } from '../../tools/json.ts'
import { findTool } from '../../tools/schema.ts'
import { isCommand, isRecovery, readAnswer } from '../answer.ts'
import { failedCommand, fieldOf, withField } from '../context.ts'
import { makeField } from '../make-context.ts'
import { findCause, type CommandTool, type ContextGroup, type RecoverySchema } from '../schema.ts'
import type { Augmentation } from './index.ts'
import { fits } from './failure.ts'

/** The state is another one: names in it change, and with them what the answer takes from them. */
export const stateVariation: Augmentation = (schema, row, r) => {
  const there = fieldsOfGroup(schema, 'state').filter((field) => fieldOf(row.context, field) !== undefined)
  const field = there.length && r.chance(0.7) ? r.pick(there) : r.pick(fieldsOfGroup(schema, 'state'))
  const before = fieldOf(row.context, field)
  const value = makeField(schema, field, r)
  if (value === before) return undefined
  if (before !== undefined && JSON.stringify(row.output).includes(String(before)) && !contains(row.instruction, before)) return replaced(schema, row, field, before, value)
  return checked(schema, { ...row, context: withField(row.context, field, value) }, row)
}

/** What was done before is another thing, as long as the answer does not hang on it. */
export const historyModification: Augmentation = (schema, row, r) => altered(schema, row, 'history', r)

/** How busy the system is, as long as the answer does not hang on it. */
export const loadSimulation: Augmentation = (schema, row, r) => altered(schema, row, 'load', r)

/** The person prefers something else: a parameter that nobody says follows. */
export const preferenceAlteration: Augmentation = (schema, row, r) => {
  const field = fieldsOfGroup(schema, 'preferences').length ? r.pick(fieldsOfGroup(schema, 'preferences')) : undefined
  if (field === undefined) return undefined
  const value = makeField(schema, field, r)
  const before = fieldOf(row.context, field)
  if (value === before) return undefined
  const { answer } = readAnswer(row.output)
  const next = { ...row, context: withField(row.context, field, value) }
  if (!answer || !isCommand(answer)) return checked(schema, next, row)
  const { command } = answer
  const tool = findTool(schema.commands, command.command_type) as CommandTool | undefined
  const parameter = Object.entries(tool?.fromContext ?? {}).find(([, from]) => from === field)?.[0]
  if (parameter === undefined) return next
  const node = tool!.parameters.find(({ name }) => name === parameter)!.node
  const given = command.parameters[parameter]
  // Said, or taken from the preference as it was before?
  const followed = given === undefined ? before === undefined || before === node.default : given === before && !contains(row.instruction, String(given))
  if (!followed) return given === undefined || !contains(row.instruction, String(given)) ? undefined : next
  const { [parameter]: _, ...rest } = command.parameters
  const parameters: Record<string, Json> = value === node.default ? rest : { ...rest, [parameter]: value }
  return { ...next, output: JSON.stringify({ command: { ...command, parameters } }) }
}

const fieldsOfGroup = ({ contexts }: RecoverySchema, group: ContextGroup) => Object.keys(contexts).filter((field) => field.startsWith(`${group}.`))

function altered(schema: RecoverySchema, row: Row, group: ContextGroup, r: Random): Row | undefined {
  const fields = fieldsOfGroup(schema, group)
  if (fields.length === 0) return undefined
  const field = r.pick(fields)
  const value = makeField(schema, field, r)
  return value === fieldOf(row.context, field) ? undefined : checked(schema, { ...row, context: withField(row.context, field, value) }, row)
}

/** The row, unless the new context would ask for another answer. */
function checked(schema: RecoverySchema, row: Row, before: Row): Row | undefined {
  const { answer } = readAnswer(row.output)
  if (!answer) return undefined
  if (isRecovery(answer)) {
    const failed = failedCommand(row.context)
    return failed && fits(schema, findCause(schema, answer.recovery.root_cause)!, row.context, failed) ? row : undefined
  }
  if (isCommand(answer)) return row
  // What was asked for may now be known.
  const filled = (context: Row['context']) => Object.entries(schema.contexts).filter(([field, { fills }]) => fills.length > 0 && fieldOf(context, field) !== undefined).length
  return filled(row.context) > filled(before.context) ? undefined : row
}

const contains = (text: string, value: Scalar) => new RegExp(`(?<![\\p{L}\\p{N}_])${escapeRegExp(String(value))}(?![\\p{L}\\p{N}_])`, 'iu').test(text)

/** The field's value exchanged, in the answer too. */
function replaced(schema: RecoverySchema, row: Row, field: string, before: Scalar, value: Scalar): Row | undefined {
  const output = JSON.stringify(JSON.parse(row.output), (_key, leaf: unknown) => (leaf === before ? value : leaf))
  return checked(schema, { ...row, context: withField(row.context, field, value), output }, row)
}
