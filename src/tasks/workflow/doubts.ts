import { placeOf } from '../claimed.ts'
import { doubtWeight } from '../doubt-weight.ts'
import { literals } from '../literals.ts'
import { numbersIn } from '../numbers.ts'
import { answerProblems } from './completion.ts'
import { readAnswer, type Workflow } from './document.ts'
import type { WorkflowSchema } from './schema.ts'
import { invented, stands, valuesIn, type Value } from './values.ts'

/**
 * What speaks against an answer, as far as the user's text tells, in nats: broken rules, what cannot be executed, values that nobody said, and
 * values that were said and stand nowhere in the workflow. 0: nothing.
 */
export function doubts(schema: WorkflowSchema, completion: string, text: string): number {
  const { answer } = readAnswer(completion)
  if (!answer) return Infinity
  if (!answer.workflow) return 0
  const certain = answerProblems(schema, answer).length + invented(schema, answer.workflow, text).length + cutOff(schema, answer.workflow, text).length
  return doubtWeight.certain * certain + doubtWeight.likely * overlooked(schema, answer.workflow, text.split('\n')[0]!).length
}

/** Values that stand in the text, but only as a part of a word or a number: "wea" of "weather", 1 of 1.19. */
const cutOff = (schema: WorkflowSchema, workflow: Workflow, text: string): Value[] => valuesIn(schema, workflow).filter((value) => stands(value, text) && !isWhole(value, text.toLowerCase()))

function isWhole({ value }: Value, text: string): boolean {
  if (typeof value === 'number' && Number.isInteger(value)) return stands({ value, kind: 'number' }, text.replace(/\d+\.\d+/g, ' '))
  return [String(value), String(value).replaceAll('_', ' ')].some((words) => placeOf(text, words.toLowerCase().trim()) >= 0)
}

/** What the request names that can only be a value (quoted text, a number, a path), and the workflow has not. */
function overlooked(schema: WorkflowSchema, workflow: Workflow, instruction: string): string[] {
  const values = valuesIn(schema, workflow).map(({ value }) => String(value).toLowerCase())
  const whole = JSON.stringify(workflow).toLowerCase()
  return literals(instruction).map((literal) => literal.toLowerCase()).filter((literal) => !whole.includes(literal) && !values.some((value) => value.includes(literal) || isPart(value, literal) || numbersIn(literal).has(Number(value))))
}

/** "orders" of "orders.csv", but not "ord", nor 1 of 1.19. */
const isPart = (value: string, literal: string): boolean => Number.isNaN(Number(literal)) && placeOf(literal, value) >= 0
