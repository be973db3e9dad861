import type { Row } from '../../dataset/row.ts'
import { editDistance } from '../../text.ts'
import { type Comparison, scoreBy } from '../comparing.ts'
import type { Score } from '../family.ts'
import { checkAnswer, isClarification, readAnswer, type Answer } from './answer.ts'
import { canonical, clarificationCase } from './completion.ts'
import { isRecord, same, type Json } from './json.ts'
import { objectOf, type Node, type Property } from './node.ts'
import { findTool, type ToolsSchema } from './schema.ts'
import { userText } from './user-text.ts'
import { leavesOf, problemOf, stands } from './values.ts'

/** All names an error can have, in the order in which they are looked for. */
export const errorNames = ['not JSON', 'off-topic answered', 'should have asked', 'should not have asked', 'wrong suggestions', 'wrong tool', 'missing required', 'missing argument', 'unexpected argument', 'type error', 'value error: copied wrong', 'value error: invented', 'value error: not normalised', 'wrong value'] as const
type ErrorName = (typeof errorNames)[number]

/** The ladder valid → allowed → equivalent, and the name of the first error. */
export const score = (schema: ToolsSchema, predicted: string, row: Row): Score => scoreBy(comparison(schema), predicted, row, (answer, truth) => nameError(schema, answer, truth, row))

export const comparison = (schema: ToolsSchema): Comparison<Answer> => ({
  read: (output) => readAnswer(output).answer,
  isAllowed: (answer) => checkAnswer(schema, answer).length === 0,
  signature: (answer) => signature(schema, answer),
})

/** Equal strings are equivalent answers: defaults dropped, lists as sets where the schema says so, messages and labels left out. */
export function signature(schema: ToolsSchema, answer: Answer): string {
  if (isClarification(answer)) return JSON.stringify([...new Set(answer.suggestions.map(({ command }) => command))].sort())
  if (checkAnswer(schema, answer).length) return JSON.stringify(answer)
  const { name, parameters } = canonical(schema, answer) as Exclude<Answer, { type: string }>
  return JSON.stringify([name, sorted(objectOf(findTool(schema, name)!.parameters), parameters)])
}

/** A canonical value with the lists sorted whose order means nothing, and the keys of maps. */
function sorted({ shape }: Node, value: Json): Json {
  switch (shape.kind) {
    case 'list': {
      const items = (value as Json[]).map((item) => sorted(shape.items, item))
      return shape.unique ? items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items
    }
    case 'object': return Object.fromEntries(Object.entries(value as Record<string, Json>).map(([key, item]) => [key, sorted(shape.properties.find(({ name }) => name === key)!.node, item)]))
    case 'map': return Object.fromEntries(Object.entries(value as Record<string, Json>).sort(([a], [b]) => (a < b ? -1 : 1)))
    case 'any': return sorted(shape.options.find((option) => !problemOf(option, value)) ?? shape.options[0]!, value)
    default: return value
  }
}

function nameError(schema: ToolsSchema, answer: Answer, truth: Answer, row: Row): ErrorName {
  if (isClarification(truth)) {
    if (isClarification(answer)) return 'wrong suggestions'
    return clarificationCase(row) === 'off_topic' ? 'off-topic answered' : 'should have asked'
  }
  if (isClarification(answer)) return 'should not have asked'
  const tool = findTool(schema, truth.name)
  if (!tool || answer.name !== truth.name) return 'wrong tool'
  return difference(tool.parameters, answer.parameters, truth.parameters, userText(schema, row.instruction)) ?? 'wrong value'
}

/** How the given values differ first from the wanted ones: keys before values, level by level. */
function difference(properties: readonly Property[], given: Record<string, Json>, wanted: Record<string, Json>, text: string): ErrorName | undefined {
  const has = (values: Record<string, Json>, { name, node }: Property) => Object.hasOwn(values, name) && !same(values[name], node.default)
  const missing = properties.filter((property) => has(wanted, property) && !has(given, property))
  if (missing.length) return missing.some(({ required }) => required) ? 'missing required' : 'missing argument'
  if (Object.keys(given).some((name) => !properties.some((property) => property.name === name && (has(wanted, property) || !has(given, property))))) return 'unexpected argument'
  for (const property of properties) {
    const { name, node } = property
    if (!has(wanted, property) || same(given[name], wanted[name])) continue
    const [own, right] = [given[name]!, wanted[name]!]
    if (node.shape.kind === 'object' && isRecord(own) && isRecord(right)) {
      const inner = difference(node.shape.properties, own as Record<string, Json>, right as Record<string, Json>, text)
      if (inner) return inner
      continue
    }
    if (problemOf(node, own)?.rule === 'type' && (node.shape.kind !== 'text' || typeof own !== 'string')) return 'type error'
    return wrongValue(property, own, right, text)
  }
  return undefined
}

function wrongValue(property: Property, given: Json, wanted: Json, text: string): ErrorName {
  const leaves = (value: Json) => leavesOf([property], { [property.name]: value })
  const [own, right] = [leaves(given), leaves(wanted)]
  const wrong = own.find(({ value }) => !right.some((other) => other.value === value))
  const lost = right.find(({ value }) => !own.some((other) => other.value === value))
  if (wrong === undefined) return 'value error: copied wrong'
  if (wrong.node.shape.kind === 'choice') return 'wrong value'
  const verbatim = text.includes(String(wrong.value))
  if (lost !== undefined && !text.includes(String(lost.value))) return verbatim ? 'value error: not normalised' : 'value error: invented'
  const near = lost !== undefined && editDistance(String(wrong.value).slice(0, 200), String(lost.value).slice(0, 200)) <= String(lost.value).length / 2
  return verbatim || near || stands(wrong, text) ? 'value error: copied wrong' : 'value error: invented'
}
