import { oneOf } from '../../text.ts'
import { numbersIn } from '../numbers.ts'
import { matches } from '../pattern.ts'
import { isRecord, same, type Json } from './json.ts'
import { synonymsOf, textOf, type Node } from './node.ts'

/** Longest text of an answer, in characters, and most items of a list: what the grammar accepts too. */
export const longestValue = 400
export const mostValues = 20

/** What a value lacks. */
export interface Wrong {
  /** The keys that lead to it. */
  path: string[]
  expected: string
  found: unknown
  /** A property that is not there, or not known. */
  rule: 'type' | 'required' | 'schema'
}

/** The first thing by which a value is none of the node's; undefined for a right one. */
export function problemOf(node: Node, value: Json, path: string[] = []): Wrong | undefined {
  const wrong = (expected: string): Wrong => ({ path, expected, found: value, rule: 'type' })
  const { shape } = node
  switch (shape.kind) {
    case 'text':
      if (typeof value !== 'string') return wrong('text')
      if (value.length < shape.minLength || value.length > shape.maxLength || /[\0\p{Cs}]/u.test(value)) return wrong(`${shape.minLength} to ${shape.maxLength} characters`)
      return shape.pattern === undefined || matches(shape.pattern, value) ? undefined : wrong(`text that matches ${shape.pattern}`)
    case 'number':
      if (typeof value !== 'number' || !isWritable(value) || (shape.integer && !Number.isInteger(value))) return wrong(shape.integer ? 'an integer' : 'a number')
      if (shape.minimum !== undefined && value < shape.minimum) return wrong(`at least ${shape.minimum}`)
      return shape.maximum !== undefined && value > shape.maximum ? wrong(`at most ${shape.maximum}`) : undefined
    case 'choice':
      return shape.values.some((each) => each === value) ? undefined : wrong(shape.values.every((each) => typeof each === 'string') ? oneOf(shape.values as string[]) : shape.values.map((each) => JSON.stringify(each)).join(' or '))
    case 'list':
      if (!Array.isArray(value)) return wrong('a list')
      if (value.length < shape.least || value.length > shape.most) return wrong(`a list of ${shape.least} to ${shape.most} items`)
      return value.reduce<Wrong | undefined>((found, item, i) => found ?? problemOf(shape.items, item, [...path, String(i)]), undefined)
    case 'object': {
      if (!isRecord(value)) return wrong('an object')
      for (const name of Object.keys(value)) {
        const property = shape.properties.find((each) => each.name === name)
        if (!property) return { path, expected: shape.properties.length ? oneOf(shape.properties.map((each) => each.name)) : 'no keys', found: name, rule: 'schema' }
        const inner = problemOf(property.node, value[name] as Json, [...path, name])
        if (inner) return inner
      }
      if (Object.keys(value).length < shape.least) return { path, expected: `one of the keys ${oneOf(shape.properties.map((each) => each.name))}`, found: 'none', rule: 'required' }
      const missing = shape.properties.find(({ name, required }) => required && !Object.hasOwn(value, name))
      return missing && { path, expected: `the key ${JSON.stringify(missing.name)}`, found: 'none', rule: 'required' }
    }
    case 'map':
      if (!isRecord(value) || Object.keys(value).length > mostValues || Object.keys(value).some((key) => key === '' || key.length > longestValue)) return wrong('an object')
      return Object.entries(value).reduce<Wrong | undefined>((found, [key, item]) => found ?? problemOf(shape.values, item as Json, [...path, key]), undefined)
    case 'any':
      return shape.options.some((option) => !problemOf(option, value)) ? undefined : (problemOf(shape.options[0]!, value, path) ?? wrong('one of its types'))
  }
}

/** Numbers that JSON writes without an exponent, in at most 15 digits before the point and 8 behind it. */
const isWritable = (value: number) => Number.isFinite(value) && !Object.is(value, -0) && /^-?\d{1,15}(\.\d{1,8})?$/.test(JSON.stringify(value))

/** A right value in its one form: schema order, defaults dropped, no doubles where order means nothing. */
export function canonicalValue(node: Node, value: Json): Json {
  const { shape } = node
  switch (shape.kind) {
    case 'list': {
      const items = (value as Json[]).map((item) => canonicalValue(shape.items, item))
      return shape.unique ? items.filter((item, i) => items.findIndex((other) => same(other, item)) === i) : items
    }
    case 'object':
      return canonicalObject(shape.properties, value as Record<string, Json>)
    case 'any':
      return canonicalValue(shape.options.find((option) => !problemOf(option, value)) ?? shape.options[0]!, value)
    default:
      return value
  }
}

export function canonicalObject(properties: readonly { name: string; node: Node }[], value: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(properties.flatMap(({ name, node }) => {
    if (!Object.hasOwn(value, name) || same(value[name], node.default)) return []
    return [[name, canonicalValue(node, value[name]!)]]
  }))
}

/** A text or a number of an answer, with the node that it is a value of. */
export interface Leaf {
  /** The parameter's own name, that of its list for items. */
  name: string
  node: Node
  value: string | number | boolean | null
}

/** The single values of a right call's parameters, defaults left out. */
export function leavesOf(properties: readonly { name: string; node: Node }[], values: Record<string, Json>): Leaf[] {
  const enter = (name: string, node: Node, value: Json): Leaf[] => {
    const { shape } = node
    if (shape.kind === 'list' && Array.isArray(value)) return value.flatMap((item) => enter(name, inherited(node, shape.items), item))
    if (shape.kind === 'object' && isRecord(value)) return leavesOf(shape.properties, value as Record<string, Json>)
    if (shape.kind === 'map' && isRecord(value)) return Object.entries(value).flatMap(([key, item]) => [{ name, node: freeText, value: key }, ...enter(name, inherited(node, shape.values), item as Json)])
    if (shape.kind === 'any') {
      const option = shape.options.find((each) => !problemOf(each, value))
      return option ? enter(name, inherited(node, option), value) : []
    }
    return typeof value === 'object' && value !== null ? [] : [{ name, node, value }]
  }
  return properties.flatMap(({ name, node }) => (Object.hasOwn(values, name) && !same(values[name], node.default) ? enter(name, node, values[name]!) : []))
}

const freeText = textOf(longestValue)

/** What is said of a list or of a choice of types holds for what is in it, unless that says more. */
function inherited(outer: Node, inner: Node): Node {
  return {
    ...inner,
    description: inner.description || outer.description,
    format: inner.format ?? outer.format,
    examples: inner.examples.length ? inner.examples : outer.examples.flat() as Json[],
    valueSynonyms: Object.keys(inner.valueSynonyms).length ? inner.valueSynonyms : outer.valueSynonyms,
    derived: inner.derived || outer.derived,
  }
}

/**
 * Does a value stand in the text, so that a model can know it? Texts verbatim, in parts ("stash@{2}" in "stash 2"), by a declared synonym,
 * or as one that the schema itself names, numbers aside ("HEAD~2" after an example HEAD~1); numbers in digits or words. Choices are understood, not copied.
 */
export function stands({ node, value }: Leaf, text: string): boolean {
  if (node.derived || node.shape.kind === 'choice' || typeof value === 'boolean' || value === null) return true
  if (typeof value === 'number') return text.includes(String(value)) || numbersIn(text).has(value)
  const words = text.toLowerCase()
  const wanted = value.toLowerCase().replace(/\s+/g, ' ').trim()
  if (words.includes(wanted)) return true
  if (synonymsOf(node, value).some((synonym) => synonym !== '' && words.includes(synonym.toLowerCase()))) return true
  if (named(node).has(shapeOf(value))) return true
  const parts = wanted.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  return parts.length > 0 && parts.every((part) => words.includes(part))
}

const shapeOf = (value: string) => value.replace(/\d+/g, '0')

const namedIn = new WeakMap<Node, Set<string>>()

/** Values that a node itself names, numbers aside: its examples, its default, the synonyms' values, and what its description has in quotes or gives as an example. */
function named(node: Node): Set<string> {
  let found = namedIn.get(node)
  if (!found) {
    const quoted = [...node.description.matchAll(/(?<!\w)(['"`])(.{1,60}?)\1(?!\w)/g)].map((match) => match[2]!)
    const examples = [...node.description.matchAll(/\be\.g\.,? ([^)]*)/g)].flatMap((match) => match[1]!.split(/,? or |, ?/)).map((text) => text.replace(/^['"`]|['"`]$/g, ''))
    const own = [...node.examples, node.default ?? '', ...Object.keys(node.valueSynonyms)].filter((value) => typeof value === 'string' && value !== '')
    found = new Set([...quoted, ...examples, ...(own as string[])].map(shapeOf))
    namedIn.set(node, found)
  }
  return found
}

