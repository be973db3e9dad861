import type { Row } from '../../dataset/row.ts'
import { shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { normalise } from '../normalise.ts'
import { isRecord, type Scalar } from '../tools/json.ts'
import { Correction } from './answer.ts'
import { contextGroups, type RecoverySchema } from './schema.ts'

/** The value of a parameter that stands in the context: what a phrase implies until the context is there. */
export const contextValue = (field: string): string => `@${field}`

/** The context's declared fields that are there, in the order of the schema. */
export function fieldsOf({ contexts }: Pick<RecoverySchema, 'contexts'>, context: Row['context']): [string, Scalar][] {
  return Object.keys(contexts).flatMap((field): [string, Scalar][] => {
    const value = fieldOf(context, field)
    return value === undefined || value === '' ? [] : [[field, value]]
  })
}

export function fieldOf(context: Row['context'], field: string): Scalar | undefined {
  const [group = '', name = ''] = field.split('.')
  const inner = context?.[group]
  const value = isRecord(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined
  return ['string', 'number', 'boolean'].includes(typeof value) ? (typeof value === 'string' ? normalise(value).slice(0, 200) : (value as Scalar)) : undefined
}

/** The context with a field set, or without it (undefined); null when nothing is left. */
export function withField(context: Row['context'], field: string, value: Scalar | undefined): Row['context'] {
  const [group = '', name = ''] = field.split('.')
  const { [name]: _, ...rest } = isRecord(context?.[group]) ? context[group] : {}
  const inner = value === undefined ? rest : { ...rest, [name]: value }
  const { [group]: _group, ...others } = context ?? {}
  const all = Object.keys(inner).length ? { ...others, [group]: inner } : others
  return Object.keys(all).length ? all : null
}

/** The command that failed, where the row is about one. Its values may be wrong ones: that may be why it failed. */
export function failedCommand(context: Row['context']): Correction | undefined {
  return context?.failed_command === undefined ? undefined : Correction.safeParse(context.failed_command).data
}

/** Is the context what the schema declares? */
export function contextProblems(schema: RecoverySchema, context: Row['context']): Problem[] {
  const problems: Problem[] = []
  const wrong = (message: string) => problems.push({ rule: 'context', message })
  for (const [key, value] of Object.entries(context ?? {})) {
    if (key === 'failed_command') {
      const command = failedCommand(context)
      if (!command) wrong(`expected "failed_command" to be {"command_type", "parameters"}, found ${shown(value)}`)
      else if (!schema.commands.tools.some(({ name }) => name === command.command_type)) wrong(`the schema has no command ${shown(command.command_type)}, which is said to have failed`)
    } else if (!contextGroups.includes(key as 'state')) wrong(`expected the context to have ${contextGroups.join(', ')} and failed_command, found ${shown(key)}`)
    else if (!isRecord(value)) wrong(`expected ${shown(key)} of the context to be an object, found ${shown(value)}`)
  }
  for (const [field, value] of fieldsOf(schema, context)) {
    const { type, values } = schema.contexts[field]!
    if (values && !values.includes(String(value))) wrong(`expected ${shown(field)} to be ${values.join(' or ')}, found ${shown(value)}`)
    else if (type === 'integer' && !Number.isSafeInteger(value)) wrong(`expected ${shown(field)} to be a whole number, found ${shown(value)}`)
  }
  return problems
}
