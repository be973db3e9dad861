import { InputError } from '../../errors.ts'
import { canonical as canonicalCall } from '../tools/completion.ts'
import type { Json } from '../tools/json.ts'
import type { ToolsSchema } from '../tools/schema.ts'
import { callOf, checkAnswer, isCommand, isRecovery, readAnswer, stepCall, type Answer, type Correction, type RecoveryStep } from './answer.ts'
import type { RecoverySchema } from './schema.ts'

/**
 * The canonical answer, one string for all outputs that mean it: compact JSON, schema order, defaults dropped; without what follows from the rest.
 * @throws InputError when the output is not an answer that the schema allows
 */
export function completion(schema: RecoverySchema, output: string): string {
  const { answer, problems } = readAnswer(output)
  const all = answer ? checkAnswer(schema, answer) : problems
  if (!answer || all.length) throw new InputError(`expected an answer that the schema allows, found: ${all[0]!.message}.`)
  return JSON.stringify(canonical(schema, answer))
}

/** The canonical form of an answer that `checkAnswer` accepts. */
export function canonical(schema: RecoverySchema, answer: Answer): Answer {
  if (isCommand(answer)) {
    const { command_type, intent } = answer.command
    return { command: { command_type, intent, parameters: parametersOf(schema.commands, callOf(answer.command)) } }
  }
  if (!isRecovery(answer)) return canonicalCall(schema.commands, answer) as Answer
  const { error_type, root_cause, correction, recovery_steps } = answer.recovery
  return { recovery: { error_type, root_cause, correction: correction && canonicalCommand(schema, correction), recovery_steps: recovery_steps.map((step) => canonicalStep(schema, step)) } }
}

export const canonicalCommand = ({ commands }: RecoverySchema, command: Correction): Correction => ({ command_type: command.command_type, parameters: parametersOf(commands, callOf(command)) })

export function canonicalStep({ steps }: RecoverySchema, step: RecoveryStep): RecoveryStep {
  const parameters = parametersOf(steps, stepCall(step))
  return { step: step.step, ...(Object.keys(parameters).length > 0 && { parameters }) }
}

const parametersOf = (schema: ToolsSchema, call: ReturnType<typeof callOf>): Record<string, Json> => (canonicalCall(schema, call) as typeof call).parameters

/** A command in one form of words: what all ways to say it have in common. */
export const normalizedInput = ({ command_type, parameters }: Correction): string =>
  [command_type.replaceAll('_', ' '), ...Object.entries(parameters).map(([name, value]) => `${name}=${typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value)}`)].join(' ')
