import { clarificationMessages, suggestionLabel } from './completion.ts'
import { same } from './json.ts'
import type { Node, Property } from './node.ts'
import type { ToolsSchema } from './schema.ts'

/**
 * Strings of completions that become single tokens: the way to the parameters, each key with as much of its value as the schema fixes,
 * each clarification. Greedy longest match splits every completion into pieces and free values, nothing else: the quote that ends a
 * value and the comma are pieces of their own, and no piece begins with `","`. Braces and brackets are pieces as far as the schema has
 * such values: they may well stand in people's own words.
 */
export function pieces(schema: ToolsSchema): string[] {
  const found = new Set(['"', ',', '}}', ']}'])
  for (const tool of schema.tools) {
    found.add(`{"name":${JSON.stringify(tool.name)},"parameters":{`)
    found.add(JSON.stringify({ label: suggestionLabel(tool), command: tool.name }))
    enter(tool.parameters, '}}', found)
  }
  for (const message of clarificationMessages(schema)) found.add(`${JSON.stringify({ type: 'clarification', message }).slice(0, -1)},"suggestions":[`)
  return [...found]
}

/** @param after what ends an answer behind the last of these properties */
export function enter(properties: readonly Property[], after: string, found: Set<string>): void {
  for (const { name, node } of properties) addValue(`${JSON.stringify(name)}:`, node, after, found)
}

/** @param before what leads to the value: its key and the brackets between */
function addValue(before: string, node: Node, after: string, found: Set<string>): void {
  const { shape } = node
  switch (shape.kind) {
    case 'text': return void found.add(`${before}"`)
    case 'number': return void (before && found.add(before))
    case 'choice':
      for (const value of shape.values) if (!same(value, node.default)) found.add(before + JSON.stringify(value))
      return
    case 'list':
      found.add(']').add(`]${after}`)
      if (shape.least === 0) found.add(`${before}[]`)
      // Choices behind the first stand without the key.
      if (shape.items.shape.kind === 'choice') {
        found.add(`${before}[`)
        return addValue('', shape.items, `]${after}`, found)
      }
      if (shape.items.shape.kind === 'object') found.add('},{')
      return addValue(`${before}[`, shape.items, `]${after}`, found)
    case 'object':
      found.add(`${before}{`).add('}').add(`}${after}`)
      return enter(shape.properties, `}${after}`, found)
    case 'map':
      found.add(`${before}{"`).add(`${before}{}`).add('":').add('}').add(`}${after}`)
      return addValue('":', shape.values, `}${after}`, found)
    case 'any':
      for (const option of shape.options) addValue(before, { ...option, default: option.default }, after, found)
  }
}
