import type { Row } from '../../dataset/row.ts'
import { normalise, quiet } from '../normalise.ts'
import { contextFields, contextValue, leaves, type CliSchema } from './schema.ts'

/**
 * The user's turn: the instruction, and under it what of the context an argument can be filled from (nothing else can change an answer,
 * and every token is paid for in each training step and each question).
 * The one renderer of training, evaluation, serving and export.
 */
export function userText(schema: CliSchema, instruction: string, context: Row['context']): string {
  const text = quiet(normalise(instruction))
  const known = fieldsOf(schema).flatMap(({ path, name }) => {
    const value = contextValue(context, path)
    const shown = value === undefined ? '' : normalise(String(value)).slice(0, 200)
    return shown === '' ? [] : [`${name}=${shown}`]
  })
  return known.length ? `${text}\n${known.join(' ')}` : text
}

const fields = new WeakMap<CliSchema, ReturnType<typeof contextFields>>()

function fieldsOf(schema: CliSchema) {
  const found = fields.get(schema)
  if (found) return found
  const used = new Set(leaves(schema).flatMap(({ args }) => args.map(({ context }) => context)))
  const made = contextFields(schema).filter(({ path }) => used.has(path))
  fields.set(schema, made)
  return made
}
