/**
 * An answer of a model as a person reviews it. `corrected` is the right answer, `true` where the model's is right, and empty (or null) as long as
 * nobody has looked at it.
 */
export interface HumanFeedback {
  instruction: string
  context: Record<string, unknown> | null
  /** The model's answer. */
  output: unknown
  /** Calibrated, 0 to 1. */
  confidence: number
  slice?: Record<string, string>
  corrected: unknown
}

/** Whether a row of somebody's file is one of these: other rows have no `corrected`. */
export const isFeedback = (record: Record<string, unknown>): boolean => Object.hasOwn(record, 'corrected') && Object.hasOwn(record, 'output')

/** The row that it says: a correction with the model's answer as `rejected`, or the answer as it stands; undefined where nobody has looked at it. */
export function reviewed({ corrected, confidence: _, output, ...row }: Record<string, unknown>): Record<string, unknown> | undefined {
  if (corrected === null || corrected === undefined || corrected === false || (typeof corrected === 'string' && corrected.trim() === '')) return undefined
  if (corrected === true) return { ...row, output: asText(output) }
  return { ...row, output: asText(corrected), rejected: asText(output) }
}

const asText = (answer: unknown): string => (typeof answer === 'string' ? answer : JSON.stringify(answer))
