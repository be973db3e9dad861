import type { Row } from '../../dataset/row.ts'
import { contextFields, contextValue, type CliSchema } from './schema.ts'

/** One form for all ways to type the same: NFKC, ASCII quotes and dashes, white space collapsed. */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u201a\u201b\u2032]/g, "'")
    .replace(/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\s\u200b\ufeff]+/g, ' ')
    .trim()
}

/**
 * The user's turn: the instruction, and under it what the schema declares of the context.
 * The one renderer of training, evaluation, serving and export.
 */
export function userText(schema: CliSchema, instruction: string, context: Row['context']): string {
  const text = normalise(instruction)
  const known = contextFields(schema).flatMap(({ path, name }) => {
    const value = contextValue(context, path)
    const shown = value === undefined ? '' : normalise(String(value)).slice(0, 200)
    return shown === '' ? [] : [`${name}=${shown}`]
  })
  return known.length ? `${text}\n${known.join(' ')}` : text
}
