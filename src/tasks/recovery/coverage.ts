import type { Row } from '../../dataset/row.ts'
import { isCommand, isRecovery, readAnswer } from './answer.ts'
import { fieldsOf } from './context.ts'
import type { RecoverySchema } from './schema.ts'

const asked = (name: string, intent: string) => `command ${name} (${intent})`
const parameter = (name: string, key: string) => `parameter ${name} ${key}`
const cause = (name: string) => `cause ${name}`
const taken = (name: string) => `step ${name}`
const field = (name: string) => `context ${name}`

/** What of the schema a row exercises: commands with intents and parameters, causes, steps, fields of the context. */
export function coverage(schema: RecoverySchema, row: Row): string[] {
  const { answer } = readAnswer(row.output)
  const beside = fieldsOf(schema, row.context).map(([name]) => field(name))
  if (!answer) return beside
  if (isCommand(answer)) {
    const { command_type, intent, parameters } = answer.command
    return [asked(command_type, intent), ...Object.keys(parameters).map((key) => parameter(command_type, key)), ...beside]
  }
  if (!isRecovery(answer)) return beside
  return [cause(answer.recovery.root_cause), ...answer.recovery.recovery_steps.map(({ step }) => taken(step)), ...beside]
}

/** Every label that `coverage` can give. */
export const coverable = ({ commands, causes, steps, contexts }: RecoverySchema): string[] => [
  ...commands.tools.flatMap(({ name, intents, parameters }) => [...intents.map((intent) => asked(name, intent)), ...parameters.map((each) => parameter(name, each.name))]),
  ...causes.map(({ root_cause }) => cause(root_cause)), ...steps.tools.map(({ name }) => taken(name)), ...Object.keys(contexts).map(field),
]
