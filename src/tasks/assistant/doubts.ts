import { doubtWeight } from '../doubt-weight.ts'
import { checkAnswer, readAnswer } from './answer.ts'
import type { AssistantSchema } from './schema.ts'

/** What speaks against an answer, in nats: what the schema forbids in ways that a grammar cannot say, such as the same passage twice. */
export function doubts(schema: AssistantSchema, completion: string): number {
  const { answer } = readAnswer(completion)
  return answer ? doubtWeight.certain * checkAnswer(schema, answer).length : Infinity
}
