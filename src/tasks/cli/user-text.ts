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

/** The text with its plain words changed; what these quotes enclose and what is no plain word (API_KEY, v2, #12) stays. */
export const changeWords = (text: string, quotes: RegExp, change: (word: string) => string): string =>
  text.split(quotes).map((part) => (quotes.test(part) ? part : part.replace(word, change))).join('')

const isLoud = (text: string) => text === text.toUpperCase()

/** A request in capitals in small letters: capitals say nothing when nearly all words have them. */
function quiet(text: string): string {
  const words: string[] = []
  changeWords(text, quoted, (each) => (words.push(each), each))
  const long = words.filter((each) => each.length > 1)
  if (long.length < 2 || long.filter(isLoud).length < 0.6 * long.length) return text
  return changeWords(text, quoted, (each) => (isLoud(each) ? each.toLowerCase() : each))
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
