import type { Row } from '../../dataset/row.ts'
import { contextFields, contextValue, leaves, type CliSchema } from './schema.ts'

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

const quoted = /("[^"]*"|`[^`]*`)/
const word = /(?<![\w@#/.:=-])[A-Za-z]+(?:'[A-Za-z]+)?(?![\w@/:=-]|\.\w)/g
const isLoud = (text: string) => text === text.toUpperCase()

/**
 * A request in capitals in small letters: capitals say nothing when nearly all words have them. What is quoted or no plain word (API_KEY,
 * v2, #12) stays as it is.
 */
function quiet(text: string): string {
  const parts = text.split(quoted)
  const words = parts.flatMap((part) => (quoted.test(part) ? [] : part.match(word) ?? [])).filter((each) => each.length > 1)
  if (words.length < 2 || words.filter(isLoud).length < 0.6 * words.length) return text
  return parts.map((part) => (quoted.test(part) ? part : part.replace(word, (each) => (isLoud(each) ? each.toLowerCase() : each)))).join('')
}

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
