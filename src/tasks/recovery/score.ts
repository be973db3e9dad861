import type { Row } from '../../dataset/row.ts'
import { scoreBy, type Comparison } from '../comparing.ts'
import type { Score } from '../family.ts'
import { same } from '../tools/json.ts'
import { score as scoreCall, signature as signatureOfCall } from '../tools/score.ts'
import { callOf, checkAnswer, isCommand, isRecovery, readAnswer, stepCall, type Answer, type Correction, type RecoveryStep } from './answer.ts'
import { canonicalCommand, canonicalStep } from './completion.ts'
import type { RecoverySchema } from './schema.ts'
import { userText } from './user-text.ts'

/** The ladder valid → allowed → equivalent, and the name of the first error. */
export const score = (schema: RecoverySchema, predicted: string, row: Row): Score => scoreBy(comparison(schema), predicted, row, (answer, truth) => nameError(schema, answer, truth, row))

export const comparison = (schema: RecoverySchema): Comparison<Answer> => ({
  read: (output) => readAnswer(output).answer,
  isAllowed: (answer) => checkAnswer(schema, answer).length === 0,
  signature: (answer) => signature(schema, answer),
})

/** Equal strings are equivalent answers. What people want by a command (its intent) changes nothing of what it does: it has a figure of its own. */
function signature(schema: RecoverySchema, answer: Answer): string {
  if (isCommand(answer)) return `command ${signatureOfCall(schema.commands, callOf(answer.command))}`
  if (!isRecovery(answer)) return signatureOfCall(schema.commands, answer)
  const { error_type, root_cause, correction, recovery_steps } = answer.recovery
  return JSON.stringify([error_type, root_cause, correction && signatureOfCall(schema.commands, callOf(correction)), recovery_steps.map((step) => signatureOfCall(schema.steps, stepCall(step)))])
}

/** An answer in the form in which kind `tools` names errors: a command as a call, a question back as it is. */
const asCall = (answer: Answer): string => JSON.stringify(isCommand(answer) ? callOf(answer.command) : answer)

function nameError(schema: RecoverySchema, answer: Answer, truth: Answer, row: Row): string {
  if (isRecovery(truth) !== isRecovery(answer)) return isRecovery(truth) ? 'should have recovered' : 'nothing to recover'
  if (!isRecovery(answer) || !isRecovery(truth)) {
    const instruction = userText(schema, row.instruction, row.context)
    const { error } = scoreCall(schema.commands, asCall(answer), { ...row, instruction, output: asCall(truth), accepted: undefined })
    return error === 'wrong tool' ? 'wrong command' : (error ?? 'wrong value')
  }
  const [given, wanted] = [answer.recovery, truth.recovery]
  if (given.error_type !== wanted.error_type) return 'wrong error type'
  if (given.root_cause !== wanted.root_cause) return 'wrong root cause'
  return sameCommand(schema, given.correction, wanted.correction) ? 'wrong recovery steps' : 'wrong correction'
}

function sameCommand(schema: RecoverySchema, one: Correction | null, other: Correction | null): boolean {
  if (!one || !other) return one === other
  return same(canonicalCommand(schema, one), canonicalCommand(schema, other))
}

const sameSteps = (schema: RecoverySchema, one: readonly RecoveryStep[], other: readonly RecoveryStep[]): boolean =>
  one.length === other.length && one.every((step, i) => same(canonicalStep(schema, step), canonicalStep(schema, other[i]!)))

/**
 * The figures of the document's accuracy, for one answer, 1 or 0 each, as far as they say something of the row: of a command its type, intent
 * and parameters, of an error its type, root cause, correction and steps. Of several right answers the one counts that the answer is nearest to.
 */
export function metrics(schema: RecoverySchema, predicted: string, row: Row, { allowed, equivalent }: Score): Record<string, number> {
  const answer = allowed ? readAnswer(predicted).answer : undefined
  const truths = [row.output, ...(row.accepted ?? [])].flatMap((output) => readAnswer(output).answer ?? [])
  // An answer that is right has met one of them; one that is wrong is held against those of the reference's kind, which say the same figures.
  const met = truths.filter((truth) => (equivalent && answer ? signature(schema, truth) === signature(schema, answer) : kindOf(truth) === kindOf(truths[0]!)))
  const figures = met.map((truth) => figuresOf(schema, answer, truth))
  const sum = (of: Record<string, number>) => Object.values(of).reduce((all, value) => all + value, 0)
  return figures.toSorted((one, other) => sum(other) - sum(one))[0] ?? {}
}

const kindOf = (answer: Answer) => (isCommand(answer) ? 'command' : isRecovery(answer) ? 'recovery' : 'clarification')

function figuresOf(schema: RecoverySchema, answer: Answer | undefined, truth: Answer): Record<string, number> {
  const rate = (value: boolean | undefined) => (value ? 1 : 0)
  if (isCommand(truth)) {
    const given = answer && isCommand(answer) ? answer.command : undefined
    const command = given?.command_type === truth.command.command_type
    const parameters = command && sameCommand(schema, { command_type: given!.command_type, parameters: given!.parameters }, { command_type: truth.command.command_type, parameters: truth.command.parameters })
    return { command_prediction: rate(command), intent_classification: rate(given?.intent === truth.command.intent), parameter_extraction: rate(parameters) }
  }
  if (isRecovery(truth)) {
    const given = answer && isRecovery(answer) ? answer.recovery : undefined
    const figures = {
      'error_recovery: error type': rate(given?.error_type === truth.recovery.error_type),
      'error_recovery: root cause': rate(given?.root_cause === truth.recovery.root_cause),
      'error_recovery: correction': rate(given && sameCommand(schema, given.correction, truth.recovery.correction)),
      'error_recovery: steps': rate(given && sameSteps(schema, given.recovery_steps, truth.recovery.recovery_steps)),
    }
    return { ...figures, error_recovery: Math.min(...Object.values(figures)) }
  }
  return {}
}
