import type { Row } from '../../dataset/row.ts'
import { missesOf } from '../comparing.ts'
import { clarification } from '../tools/completion.ts'
import type { Json } from '../tools/json.ts'
import { nearMisses as besideCall } from '../tools/near-misses.ts'
import type { ToolsSchema } from '../tools/schema.ts'
import { callOf, isCommand, isRecovery, readAnswer, type Answer, type Correction, type RecoveryAnswer } from './answer.ts'
import { canonical } from './completion.ts'
import { failedCommand } from './context.ts'
import { findCause, type CommandTool, type RecoverySchema } from './schema.ts'
import { comparison } from './score.ts'

/**
 * Wrong answers that look right, as completions: a parameter or the command off, another cause of the same error, a step too few, too many or in
 * another place. All are allowed by the schema, none is equivalent to a right one; `salt` picks which.
 */
export const nearMisses = (schema: RecoverySchema, row: Row, salt: number): string[] =>
  missesOf(comparison(schema), row, salt, (truth) => (isRecovery(truth) ? besideRecovery(schema, truth, row, salt) : besideCommand(schema, truth, row, salt))).map((answer) => JSON.stringify(canonical(schema, answer)))

/** As kind `tools` finds them. */
function besideCommand(schema: RecoverySchema, truth: Answer, row: Row, salt: number): Answer[] {
  const output = JSON.stringify(isCommand(truth) ? callOf(truth.command) : truth)
  const misses = besideCall(schema.commands, { ...row, output, accepted: undefined }, salt)
  return misses.map((text): Answer => {
    const found = JSON.parse(text) as { name?: string; parameters: Record<string, Json> }
    if (found.name === undefined) return readAnswer(text).answer!
    const intent = isCommand(truth) && truth.command.command_type === found.name ? truth.command.intent : intentOf(schema.commands, found.name)
    return { command: { command_type: found.name, intent, parameters: found.parameters } }
  })
}

const intentOf = ({ tools }: ToolsSchema, name: string): string => (tools.find((tool) => tool.name === name) as CommandTool).intents[0]!

function besideRecovery(schema: RecoverySchema, { recovery }: RecoveryAnswer, row: Row, salt: number): Answer[] {
  const failed = failedCommand(row.context)
  const cause = findCause(schema, recovery.root_cause)!
  const withChange = (change: Partial<RecoveryAnswer['recovery']>): Answer => ({ recovery: { ...recovery, ...change } })
  const siblings = schema.causes.filter(({ error_type, root_cause }) => error_type === recovery.error_type && root_cause !== recovery.root_cause)
  const steps = recovery.recovery_steps
  const correction = recovery.correction
  const corrections: (Correction | null)[] = correction
    ? [null, failed ?? null, ...besideCall(schema.commands, { ...row, output: JSON.stringify(callOf(correction)), accepted: undefined }, salt).flatMap((text) => {
      const { name, parameters } = JSON.parse(text) as { name?: string; parameters: Record<string, Json> }
      return name === undefined ? [] : [{ command_type: name, parameters }]
    })]
    : [failed ?? null]
  return [
    ...siblings.map(({ root_cause }) => withChange({ root_cause })),
    ...schema.causes.filter(({ error_type, simulation }) => error_type !== cause.error_type && simulation === cause.simulation).map(({ error_type, root_cause }) => withChange({ error_type, root_cause })),
    ...corrections.map((other) => withChange({ correction: other })),
    ...(steps.length > 1 ? steps.map((_, i) => withChange({ recovery_steps: steps.toSpliced(i, 1) })) : []),
    ...steps.slice(1).map((_, i) => withChange({ recovery_steps: steps.toSpliced(i, 2, steps[i + 1]!, steps[i]!) })),
    ...schema.steps.tools.filter(({ parameters }) => parameters.length === 0).map(({ name }) => withChange({ recovery_steps: [{ step: name }, ...steps.slice(1)] })),
    ...schema.commands.tools.slice(0, 3).map((tool) => clarification(schema.commands, 'missing_required', [tool])),
  ]
}
