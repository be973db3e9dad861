import { createHash } from 'node:crypto'
import type { Row } from '../../dataset/row.ts'
import { choose } from '../../teacher/choose.ts'
import { guard, outsideValues, unguard, withTypo } from '../../teacher/noise.ts'
import { Random } from '../../teacher/random.ts'
import type { Json } from '../tools/json.ts'
import { findTool } from '../tools/schema.ts'
import type { Correction } from './answer.ts'
import { errorSimulations } from './augment/index.ts'
import { fits, madeUp, type Attempt } from './augment/failure.ts'
import { canonicalCommand, canonicalStep } from './completion.ts'
import { withField } from './context.ts'
import { withSome } from './make-context.ts'
import type { KnownCause, RecoverySchema } from './schema.ts'
import { filled, filledAll, placeOf, type Bindings } from './template.ts'

const mostAttempts = 60

/** A command that fails by this cause, as one of its messages tells, with the recovery that the schema has for it. */
export function writeRecovery(schema: RecoverySchema, cause: KnownCause, seed: string): Row {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const r = new Random(`${seed}/${attempt}`)
    const failure = errorSimulations[cause.simulation](schema, cause, attemptAt(schema, cause, r), r.split('simulation'))
    if (!failure) continue
    const { failed, bindings } = failure
    const beside = r.chance(0.35) ? withSome(schema, failure.context, Object.keys(schema.contexts), r.split('beside')) : failure.context
    const context = fits(schema, cause, beside, failed) ? beside : failure.context
    if (!fits(schema, cause, context, failed)) continue
    const correction = correctionOf(schema, cause, failed, bindings)
    const recovery = {
      error_type: cause.error_type, root_cause: cause.root_cause, correction,
      recovery_steps: cause.steps.map(({ step, parameters }) => canonicalStep(schema, { step, parameters: filledAll(parameters, bindings) })),
    }
    const message = r.split('message')
    const said = messageOf(schema, cause, bindings, message)
    return {
      instruction: said,
      context: { failed_command: failed, ...context },
      output: JSON.stringify({ recovery }),
      intent: createHash('sha256').update(JSON.stringify([cause.root_cause, failed, bindings])).digest('hex').slice(0, 16),
    }
  }
  throw new Error(`no command fails by ${cause.root_cause}: its places, slots and conditions contradict each other`)
}

/** A command with made-up values that can fail there: what it requires, what the cause is about, now and then something more. */
function attemptAt(schema: RecoverySchema, { at }: KnownCause, r: Random): Attempt {
  const { command, parameter } = placeOf(r.pick(at))
  const tool = findTool(schema.commands, command)!
  const optional = tool.parameters.filter(({ name, required }) => !required && name !== parameter)
  const more = optional.length && r.chance(0.2) ? r.pick(optional).name : undefined
  const parameters: Record<string, Json> = {}
  for (const property of tool.parameters) {
    if (!property.required && property.name !== parameter && property.name !== more) continue
    const value = madeUp(property, r.split(property.name))
    if (value !== property.node.default || property.name === parameter) parameters[property.name] = value
  }
  return { command: { command_type: command, parameters }, parameter, context: null }
}

function correctionOf(schema: RecoverySchema, { correction }: KnownCause, failed: Correction, bindings: Bindings): Correction | null {
  if (correction === 'none') return null
  if (correction === 'same') return canonicalCommand(schema, failed)
  if ('set' in correction) return canonicalCommand(schema, { ...failed, parameters: { ...failed.parameters, ...filledAll(correction.set, bindings) } })
  return { command_type: correction.command_type, parameters: filledAll(correction.parameters, bindings) }
}

/** One of the messages, as people paste it. */
function messageOf(schema: RecoverySchema, { messages }: KnownCause, bindings: Bindings, r: Random): string {
  const framed = r.pick(schema.message_frames).replace('{message}', () => choose(r.pick(messages), r)).replaceAll('{command}', () => String(bindings.command))
  const all = Object.fromEntries(Object.entries(bindings).map(([name, value]) => [name, value === undefined ? value : guard(String(value))]))
  let text = String(filled(` ${framed}`, all)).trim()
  if (r.chance(0.12)) text = outsideValues(text, (plain) => plain.toLowerCase())
  if (r.chance(0.12)) text = withTypo(text, r, () => true)
  if (r.chance(0.15)) text = outsideValues(text, (plain) => plain.replace(/['"]/g, ''))
  if (r.chance(0.15)) text = /[.!?]$/.test(text) ? text.replace(/[.!?]+$/, '') : `${text}${r.pick(['.', '.', '!'])}`
  return unguard(text).replace(/ {2,}/g, ' ').trim()
}
