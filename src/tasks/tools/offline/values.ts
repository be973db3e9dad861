import { numberWord } from '../../../teacher/english.ts'
import { guard } from '../../../teacher/noise.ts'
import type { Random } from '../../../teacher/random.ts'
import { kindOf, likeExample, writeValue } from '../../../teacher/values.ts'
import { isRecord, type Json, type Scalar } from '../json.ts'
import { humanized, synonymsOf, textOf, type Node, type Property } from '../node.ts'
import { problemOf } from '../values.ts'
import { likePattern } from './like-pattern.ts'

/** One value with the words a person would use for it. */
export interface Said {
  value: Json
  /** With its copied parts guarded from noise. */
  words: string
  /** Free text: it runs to the end of the sentence unless it is quoted. */
  loose: boolean
}

/** Formats of JSON Schema by the kinds of the teacher's values. */
const kinds: Record<string, string> = { 'date-time': 'datetime', uri: 'url', hostname: 'host', uuid: 'id', 'iri-reference': 'url', 'uri-reference': 'path' }

export function say(name: string, node: Node, r: Random): Said {
  const { shape } = node
  switch (shape.kind) {
    case 'choice': return choice(node, pickChoice(shape.values, node, r), r)
    case 'number': return number(node, r)
    case 'text': return text(name, node, r)
    case 'any': return say(name, { ...node, shape: r.pick(shape.options.filter((option) => option.shape.kind !== 'choice' || option.shape.values.some((value) => value !== null)))?.shape ?? shape.options[0]!.shape }, r)
    case 'map': {
      const [key, value] = [text(name, keyNode, r), say(name, shape.values, r)]
      return { value: { [String(key.value)]: value.value }, words: `${key.words} ${r.pick(['', '= ', 'as ', 'is '])}${value.words}`, loose: false }
    }
    case 'list': return list(name, node, r)
    case 'object': return item(shape.properties, r)
  }
}

/** A key of a person's own. */
const keyNode = textOf(40)

/** A value worth saying: the default seldom is, null never. A switch that is off anyway is declined elsewhere. */
function pickChoice(values: readonly Scalar[], node: Node, r: Random): Scalar {
  const worth = values.filter((value) => value !== null && value !== node.default)
  if (worth.length === 0) return r.pick(values)
  return typeof node.default === 'string' && values.includes(node.default) && r.chance(0.2) ? node.default : r.pick(worth)
}

function choice(node: Node, value: Scalar, r: Random): Said {
  const known = synonymsOf(node, value)
  return { value, words: known.length && r.chance(0.6) ? r.pick(known) : humanized(String(value)), loose: false }
}

function number(node: Node, r: Random): Said {
  const { shape } = node
  if (shape.kind !== 'number') return { value: 1, words: '1', loose: false }
  const examples = node.examples.filter((value) => typeof value === 'number')
  const low = shape.minimum ?? 1
  const high = shape.maximum ?? low + 200
  let value = examples.length && r.chance(0.4) ? r.pick(examples) : r.weighted([[() => r.int(Math.ceil(low), Math.min(Math.floor(high), Math.ceil(low) + 20)), 4], [() => r.int(Math.ceil(low), Math.floor(high)), 4], [() => Math.min(Math.floor(high), Math.max(Math.ceil(low), 5 * r.int(1, 20))), 4]] as const)()
  if (!shape.integer && r.chance(0.35)) value = Math.min(high, value + r.pick([0.5, 0.5, 0.25, 0.1, 0.75]))
  const spelt = r.chance(0.12) ? numberWord(value) : undefined
  return { value, words: guard(spelt ?? String(value)), loose: false }
}

function text(name: string, node: Node, r: Random): Said {
  const examples = node.examples.filter((value) => typeof value === 'string')
  // Words that stand for one value of a free text ("me", "here") are said now and then.
  const named = Object.keys(node.valueSynonyms)
  if (named.length && r.chance(0.25)) {
    const value = r.pick(named)
    return { value, words: r.pick([...synonymsOf(node, value), value]), loose: false }
  }
  const kind = kindOf(name.toLowerCase(), kinds[node.format ?? ''] ?? node.format)
  const known = node.format !== undefined && node.format === kind
  const { pattern } = node.shape.kind === 'text' ? node.shape : {}
  for (let attempt = 0; attempt < 40; attempt++) {
    // What no kind of value fits is made after its pattern.
    const made = pattern !== undefined && (attempt > 20 || (examples.length === 0 && !known)) ? likePattern(pattern, r) : examples.length && r.chance(known ? 0.3 : examples.length > 5 ? 0.7 : 0.4) ? r.pick(examples) : examples.length && !known ? (r.chance(0.6) ? likeExample(r.pick(examples), r) : writeValue(kind === 'word' ? 'word' : kind, r)) : writeValue(kind, r)
    if (!problemOf(node, made)) return { value: made, words: guard(made), loose: made.includes(' ') }
  }
  const value = examples.find((each) => !problemOf(node, each)) ?? 'x'
  return { value, words: guard(value), loose: value.includes(' ') }
}

function list(name: string, node: Node, r: Random): Said {
  const { shape } = node
  if (shape.kind !== 'list') return say(name, node, r)
  const inner: Node = { ...shape.items, examples: shape.items.examples.length ? shape.items.examples : (node.examples.flat() as Json[]), format: shape.items.format ?? node.format, valueSynonyms: Object.keys(shape.items.valueSynonyms).length ? shape.items.valueSynonyms : node.valueSynonyms }
  const count = Math.max(1, shape.least, Math.min(shape.most, r.weighted([[1, 5], [2, 4], [3, 1.6]] as const)))
  const all: Said[] = []
  for (let attempt = 0; all.length < count && attempt < 20; attempt++) {
    const made = say(name, inner, r)
    if (!all.some((other) => named(other.value) === named(made.value))) all.push(made)
  }
  const words = all.map((each) => each.words)
  const joined = words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')}${r.weighted([[' and ', 8], [', ', 1.5], [' & ', 0.6], [', and ', 1]] as const)}${words.at(-1)}`
  return { value: all.map((each) => each.value), words: joined, loose: all.some((each) => each.loose) }
}

/** By what a value is told from others: of an object its texts, "3 eggs" and "eggs" being one. */
const named = (value: Json): string => JSON.stringify(isRecord(value) ? Object.values(value).filter((each) => typeof each === 'string') : value)

/** An item of a list of objects: "2 eggs", numbers first. */
function item(properties: readonly Property[], r: Random): Said {
  const chosen = properties.filter(({ required, node }) => required || (node.shape.kind !== 'object' && r.chance(0.45)))
  const there = chosen.length ? chosen : properties.slice(0, 1)
  const all = there.map(({ name, node }) => ({ name, node, said: say(name, node, r.split(name)) }))
  const numbers = all.filter(({ node }) => node.shape.kind === 'number')
  const rest = all.filter((each) => !numbers.includes(each))
  const value = Object.fromEntries(properties.flatMap(({ name }) => all.filter((each) => each.name === name).map((each): [string, Json] => [name, each.said.value])))
  return { value, words: [...numbers, ...rest].map(({ node, said }, i) => (i > numbers.length && node.synonyms.length ? placed(r.pick(node.synonyms), said.words) : said.words)).join(' '), loose: false }
}

/** A synonym with its value: "to {} percent", or the value behind it. */
export const placed = (synonym: string, words: string): string => (synonym.includes('{}') ? synonym.replace('{}', () => words) : `${synonym} ${words}`)
