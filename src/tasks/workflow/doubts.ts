import { doubtWeight } from '../doubt-weight.ts'
import { literals } from '../literals.ts'
import { numbersIn } from '../numbers.ts'
import { answerProblems } from './completion.ts'
import { readAnswer } from './document.ts'
import type { WorkflowSchema } from './schema.ts'
import { invented, valuesIn } from './values.ts'

/**
 * What speaks against an answer, as far as the user's text tells, in nats: broken rules, what cannot be executed, values that nobody said, and
 * values that were said and stand nowhere in the workflow. 0: nothing.
 */
export function doubts(schema: WorkflowSchema, completion: string, text: string): number {
  const { answer } = readAnswer(completion)
  if (!answer) return Infinity
  if (!answer.workflow) return 0
  const certain = answerProblems(schema, answer).length + invented(schema, answer.workflow, text).length
  return doubtWeight.certain * certain + doubtWeight.likely * overlooked(schema, answer.workflow, text.split('\n')[0]!).length
}

/** What the request names that can only be a value (quoted text, a number, a path), and the workflow has not. */
function overlooked(schema: WorkflowSchema, workflow: Parameters<typeof valuesIn>[1], instruction: string): string[] {
  const values = valuesIn(schema, workflow).map(({ value }) => String(value).toLowerCase())
  const whole = JSON.stringify(workflow).toLowerCase()
  return literals(instruction).map((literal) => literal.toLowerCase()).filter((literal) => !whole.includes(literal) && !values.some((value) => value.includes(literal) || literal.includes(value) || numbersIn(literal).has(Number(value))))
}
