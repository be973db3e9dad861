import { z } from 'zod'
import { didYouMean, shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { readShaped } from '../reading.ts'
import { checkAnswer as checkCall, ClarificationAnswer } from '../tools/answer.ts'
import type { Json } from '../tools/json.ts'
import type { ToolsSchema } from '../tools/schema.ts'
import { findTool } from '../tools/schema.ts'
import { findCause, type CommandTool, type RecoverySchema } from './schema.ts'

/** What the grammar lets a recovery have at most. */
export const mostSteps = 8

const confidence = z.number().min(0).max(1).optional()
const Parameters: z.ZodType<Record<string, Json>> = z.record(z.string(), z.json())

/** A command as it is carried out. */
export const Correction = z.strictObject({ command_type: z.string(), parameters: Parameters })
export type Correction = z.infer<typeof Correction>
export const RecoveryStep = z.strictObject({ step: z.string(), parameters: Parameters.optional() })
export type RecoveryStep = z.infer<typeof RecoveryStep>

/** What follows from the rest stands in answers as they are shown, and not in those that are learned. */
export const CommandAnswer = z.strictObject({
  command: z.strictObject({ command_type: z.string(), intent: z.string(), parameters: Parameters, normalized_input: z.string().optional() }),
  confidence,
})
export const RecoveryAnswer = z.strictObject({
  recovery: z.strictObject({
    error_type: z.string(), root_cause: z.string(), correction: Correction.nullable(), recovery_steps: z.array(RecoveryStep),
    error_category: z.string().optional(), severity_level: z.string().optional(), recovery_complexity: z.number().optional(),
  }),
  confidence,
})
export type CommandAnswer = z.infer<typeof CommandAnswer>
export type RecoveryAnswer = z.infer<typeof RecoveryAnswer>
export type Answer = CommandAnswer | RecoveryAnswer | ClarificationAnswer

export const isCommand = (answer: Answer): answer is CommandAnswer => 'command' in answer
export const isRecovery = (answer: Answer): answer is RecoveryAnswer => 'recovery' in answer

const has = (value: unknown, key: string) => value !== null && typeof value === 'object' && key in value

/** The answer in a string, as far as it can be read; `problems` of the rules json and shape. */
export const readAnswer = (output: string): { answer?: Answer; problems: Problem[] } =>
  readShaped<Answer>(output, (value) => (has(value, 'type') ? ClarificationAnswer : has(value, 'recovery') ? RecoveryAnswer : CommandAnswer))

/** A command as kind `tools` writes calls. */
export const callOf = ({ command_type, parameters }: Correction): { name: string; parameters: Record<string, Json> } => ({ name: command_type, parameters })

/** A recovery step likewise. */
export const stepCall = ({ step, parameters = {} }: RecoveryStep) => ({ name: step, parameters })

/** Is everything in the answer what the schema allows, and everything there that it requires? */
export function checkAnswer(schema: RecoverySchema, answer: Answer): Problem[] {
  if (isCommand(answer)) {
    const { command } = answer
    return [...named(checkCall(schema.commands, callOf(command)), 'command'), ...checkIntent(schema, command)]
  }
  if (!isRecovery(answer)) return named(checkCall(schema.commands, answer), 'command')
  const { error_type, root_cause, correction, recovery_steps } = answer.recovery
  if (recovery_steps.length === 0 || recovery_steps.length > mostSteps) return [{ rule: 'shape', message: `expected 1 to ${mostSteps} recovery steps, found ${recovery_steps.length}` }]
  return [
    ...checkCause(schema, error_type, root_cause),
    ...(correction ? named(checkCall(schema.commands, callOf(correction)), 'command') : []),
    ...recovery_steps.flatMap((step) => named(checkCall(schema.steps, stepCall(step)), 'recovery step')),
  ]
}

const named = (problems: Problem[], what: string): Problem[] => problems.map((problem) => ({ ...problem, message: problem.message.replace('the schema has no tool', `the schema has no ${what}`) }))

function checkIntent({ commands }: RecoverySchema, { command_type, intent }: CommandAnswer['command']): Problem[] {
  const intents = (findTool(commands as ToolsSchema, command_type) as CommandTool | undefined)?.intents
  if (!intents || intents.includes(intent)) return []
  return [{ rule: 'schema', message: `${shown(command_type)} has no intent ${shown(intent)}${didYouMean(intent, intents) || `; it has ${intents.join(', ')}`}` }]
}

function checkCause(schema: RecoverySchema, error_type: string, root_cause: string): Problem[] {
  const cause = findCause(schema, root_cause)
  if (!cause) return [{ rule: 'schema', message: `the schema has no root cause ${shown(root_cause)}${didYouMean(root_cause, schema.causes.map((each) => each.root_cause))}` }]
  if (cause.error_type !== error_type) return [{ rule: 'schema', message: `expected the error type of ${shown(root_cause)} to be ${shown(cause.error_type)}, found ${shown(error_type)}` }]
  return []
}
