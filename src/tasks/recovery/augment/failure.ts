import type { Row } from '../../../dataset/row.ts'
import { unguard } from '../../../teacher/noise.ts'
import type { Random } from '../../../teacher/random.ts'
import type { Scalar } from '../../tools/json.ts'
import { say } from '../../tools/offline/values.ts'
import type { Property } from '../../tools/node.ts'
import { findTool } from '../../tools/schema.ts'
import type { Correction } from '../answer.ts'
import { fieldOf, withField } from '../context.ts'
import type { KnownCause, RecoverySchema } from '../schema.ts'
import { placeOf, slotsOf, type Bindings } from '../template.ts'

/** A command as it was meant, and where it is to fail. */
export interface Attempt {
  command: Correction
  /** The parameter that the cause is about. */
  parameter?: string | undefined
  context: Row['context']
}

/** The command as it failed, in the context in which it did, and what the cause's message says of it. */
export interface Failure {
  failed: Correction
  context: Row['context']
  bindings: Bindings
}

/** Makes a command fail by a cause; undefined where this command cannot. */
export type Simulate = (schema: RecoverySchema, cause: KnownCause, attempt: Attempt, r: Random) => Failure | undefined

/** The property of the parameter that an attempt is about. */
export const propertyOf = ({ commands }: RecoverySchema, { command, parameter }: Attempt): Property | undefined =>
  findTool(commands, command.command_type)?.parameters.find(({ name }) => name === parameter)

/** The bindings that every failure has. */
export const ownBindings = ({ command, parameter }: Attempt): Bindings => ({ command: command.command_type, parameter, value: parameter === undefined ? undefined : (command.parameters[parameter] as Scalar | undefined) })

/** A value of a property as it is written; of numbers the bounds hold. */
export const madeUp = ({ name, node }: Property, r: Random): Scalar => {
  const { value } = say(name, node, r)
  return typeof value === 'string' ? unguard(value) : (value as Scalar)
}

/** Values for the cause's own slots; one that is above another is larger. */
export function slotValues({ slots, above }: KnownCause, r: Random): Bindings {
  const values: Bindings = {}
  for (const slot of slots) values[slot.name] = madeUp(slot, r.split(slot.name))
  for (const [slot, other] of Object.entries(above)) {
    const least = Number(values[other])
    if (!(Number(values[slot]) > least)) values[slot] = least + 50 * r.int(1, 60)
  }
  return values
}

/** Does the cause speak of what the parameter should be? */
export const namesRight = ({ messages }: KnownCause): boolean => messages.some((message) => slotsOf(message).includes('right'))

/** Does the context leave the cause possible? */
export function fits(schema: RecoverySchema, { when, unless, needs, corruption, at }: KnownCause, context: Row['context'], failed: Correction): boolean {
  const among = (conditions: Record<string, Scalar[]>) => Object.entries(conditions).map(([field, values]) => values.includes(fieldOf(context, field) as Scalar))
  if (among(when).includes(false) || among(unless).includes(true)) return false
  if (corruption !== 'missing') return true
  const parameter = at.map(placeOf).find((place) => place.command === failed.command_type && place.parameter !== undefined && !Object.hasOwn(failed.parameters, place.parameter))?.parameter
  return (fillerOf(schema, context, parameter) !== undefined) === needs.length > 0
}

/** The field of the context that answers for a parameter. */
export const fillerOf = ({ contexts }: RecoverySchema, context: Row['context'], parameter: string | undefined): string | undefined =>
  Object.entries(contexts).find(([field, { fills }]) => parameter !== undefined && fills.includes(parameter) && fieldOf(context, field) !== undefined)?.[0]

/** The context with what the cause needs in it: the fields it is known by, now and then others by which it is not excluded. */
export function conditioned({ contexts }: RecoverySchema, { when, unless }: KnownCause, context: Row['context'], r: Random): Row['context'] {
  let out = context
  for (const [field, values] of Object.entries(when)) out = withField(out, field, r.pick(values))
  for (const [field, values] of Object.entries(unless)) {
    const { type, values: all = [] } = contexts[field]!
    const others = (type === 'integer' ? [1, 2] : all).filter((value) => !values.includes(value))
    out = withField(out, field, others.length && r.chance(0.4) ? r.pick(others) : undefined)
  }
  return out
}
