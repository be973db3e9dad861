import type { Row } from '../../dataset/row.ts'
import { clarificationCase } from './completion.ts'
import { readAnswer, walk } from './document.ts'
import type { WorkflowSchema } from './schema.ts'

const action = (name: string) => `action ${name}`
const parameter = (name: string, key: string) => `parameter ${name} ${key}`

/** What of the language a row exercises: actions with their parameters, rules and replies. */
export function coverage(schema: WorkflowSchema, row: Row): string[] {
  const { answer } = readAnswer(row.output)
  if (answer?.response !== undefined) {
    const rule = schema.rules.find(({ text }) => text === answer.response)
    return [rule ? `rule ${rule.number}` : `reply ${clarificationCase(schema, row.output) ?? 'of its own'}`]
  }
  return [...walk(answer?.workflow?.steps ?? [])].flatMap(({ step }) => [action(step.action), ...Object.keys(step.parameters).map((key) => parameter(step.action, key))])
}

/** Every label that `coverage` can give. A rule without questions is in nobody's answer. */
export const coverable = (schema: WorkflowSchema): string[] => [
  ...schema.actions.flatMap(({ name, parameters }) => [action(name), ...parameters.map((each) => parameter(name, each.name))]),
  ...schema.rules.filter(({ questions }) => questions.length > 0).map(({ number }) => `rule ${number}`),
  ...Object.keys(schema.replies).map((name) => `reply ${name}`),
]
