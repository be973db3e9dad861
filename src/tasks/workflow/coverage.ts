import type { Row } from '../../dataset/row.ts'
import { clarificationCase } from './completion.ts'
import { readAnswer, walk } from './document.ts'
import type { WorkflowSchema } from './schema.ts'
import { toldOf, type Told } from './told.ts'

const action = (name: string) => `action ${name}`
/** A rule is one thing to know, whatever is asked about it. */
const question = ({ about }: Told) => (about.startsWith('rule ') ? about : `question ${about}`)
const parameter = (name: string, key: string) => `parameter ${name} ${key}`

/** What of the language a row exercises: actions with their parameters, what is told about the language, and replies. */
export function coverage(schema: WorkflowSchema, row: Row): string[] {
  const { answer } = readAnswer(row.output)
  if (answer?.response !== undefined) {
    const told = toldOf(schema).find(({ text }) => text === answer.response)
    return [told ? question(told) : `reply ${clarificationCase(schema, row.output) ?? 'of its own'}`]
  }
  return [...walk(answer?.workflow?.steps ?? [])].flatMap(({ step }) => [action(step.action), ...Object.keys(step.parameters).map((key) => parameter(step.action, key))])
}

/** Every label that `coverage` can give. A rule without questions is in nobody's answer. */
export const coverable = (schema: WorkflowSchema): string[] => [
  ...schema.actions.flatMap(({ name, parameters }) => [action(name), ...parameters.map((each) => parameter(name, each.name))]),
  ...new Set(toldOf(schema).filter(({ questions }) => questions.length > 0).map(question)),
  ...Object.keys(schema.replies).map((name) => `reply ${name}`),
]
