import { isCommand, isRecovery, readAnswer } from './answer.ts'
import { normalizedInput } from './completion.ts'
import { recoveryAnnotations } from './records.ts'
import type { RecoverySchema } from './schema.ts'

/** The answer as people and programs get it: with what follows from it, and the calibrated confidence. */
export function answered(schema: RecoverySchema, completion: string, confidence: number): unknown {
  const { answer } = readAnswer(completion)
  if (!answer) return { type: 'clarification', message: 'The model gave no readable answer.', suggestions: [], confidence }
  if (isCommand(answer)) return { command: { ...answer.command, normalized_input: normalizedInput(answer.command) }, confidence }
  if (isRecovery(answer)) return { recovery: { ...answer.recovery, ...recoveryAnnotations(schema, answer.recovery) }, confidence }
  return { ...answer, confidence }
}
