import { doubtWeight } from '../doubt-weight.ts'
import { doubts as doubtsOfCall, invented } from '../tools/doubts.ts'
import { leavesOf, stands } from '../tools/values.ts'
import { findTool } from '../tools/schema.ts'
import { callOf, checkAnswer, Correction, isCommand, isRecovery, readAnswer, type RecoveryAnswer } from './answer.ts'
import { judged } from './rules.ts'
import { findCause, type RecoverySchema } from './schema.ts'

/**
 * What speaks against an answer, as far as the user's text tells, in nats: of a command values that nobody said and values that were passed
 * over, of a recovery values that stand nowhere, and broken expert rules. 0: nothing.
 */
export function doubts(schema: RecoverySchema, completion: string, text: string): number {
  const { answer } = readAnswer(completion)
  if (!answer) return Infinity
  const wrong = checkAnswer(schema, answer).length
  if (wrong) return doubtWeight.certain * wrong
  const [said = '', ...beside] = text.split('\n')
  // What stands in the context was not said, but may well be meant.
  if (isCommand(answer)) return failedIn(beside) ? doubtWeight.certain : doubtsOfCall(schema.commands, JSON.stringify(callOf(answer.command)), said) && doubtsBeside(schema, answer.command, said, text)
  if (!isRecovery(answer)) return failedIn(beside) ? doubtWeight.certain : 0
  const { kept } = judged(schema, { ...answer.recovery, failed: failedIn(beside), cause: findCause(schema, answer.recovery.root_cause)!, steps: answer.recovery.recovery_steps })
  return doubtWeight.certain * (madeUp(schema, answer, text) + (1 - kept) * schema.expert_rules.length)
}

/** The doubts of a command whose values may also stand in the context. */
function doubtsBeside(schema: RecoverySchema, command: Correction, said: string, text: string): number {
  const call = callOf(command)
  const whole = doubtsOfCall(schema.commands, JSON.stringify(call), said)
  return Math.max(0, whole - doubtWeight.certain * (invented(schema.commands, call, said).length - invented(schema.commands, call, text).length))
}

/** The failed command as the user's text has it. */
function failedIn(lines: readonly string[]): Correction | undefined {
  const line = lines.find((each) => each.startsWith('failed {'))
  try {
    return line === undefined ? undefined : Correction.safeParse(JSON.parse(line.slice('failed '.length))).data
  } catch {
    return undefined
  }
}

/** How many values of a recovery stand neither in the text nor, of themselves, in the schema. */
function madeUp(schema: RecoverySchema, { recovery: { root_cause, correction, recovery_steps } }: RecoveryAnswer, text: string): number {
  const own = new Set(findCause(schema, root_cause)!.steps.flatMap(({ parameters }) => Object.values(parameters).map(String)))
  const ofCorrection = correction ? invented(schema.commands, callOf(correction), text).length : 0
  const ofSteps = recovery_steps.flatMap(({ step, parameters = {} }) => leavesOf(findTool(schema.steps, step)!.parameters, parameters)).filter((leaf) => !stands(leaf, text) && !own.has(String(leaf.value))).length
  return ofCorrection + ofSteps
}
