import { honest } from '../orders.ts'
import { humanized, type Node, type Property, type Tool } from './node.ts'
import type { ToolsSchema } from './schema.ts'

/** All that the schema says people call a parameter and what is in it. */
export function wordingsOfNode({ shape, synonyms, valueSynonyms }: Node): string[] {
  const inner = shape.kind === 'choice' ? shape.values.map(String)
    : shape.kind === 'list' ? wordingsOfNode(shape.items)
    : shape.kind === 'map' ? wordingsOfNode(shape.values)
    : shape.kind === 'any' ? shape.options.flatMap(wordingsOfNode)
    : shape.kind === 'object' ? wordingsOfAll(shape.properties) : []
  return [...synonyms, ...Object.values(valueSynonyms).flat(), ...inner.map(humanized), ...inner]
}

const wordingsOfAll = (properties: readonly Property[]): string[] => properties.flatMap(({ name, node }) => [humanized(name), name, ...wordingsOfNode(node)])

/** All that the schema says people call a tool, what it takes, and the values that can be chosen. */
export const wordingsOf = (tool: Tool): string[] => [tool.name, humanized(tool.name), ...tool.synonyms, ...tool.phrases.map(({ say }) => say), ...wordingsOfAll(tool.parameters)]

const descriptionsIn = (properties: readonly Property[]): string[] => properties.flatMap(({ node }) => descriptionsOfNode(node))

function descriptionsOfNode({ description, shape }: Node): string[] {
  const inner = shape.kind === 'object' ? descriptionsIn(shape.properties) : shape.kind === 'list' ? descriptionsOfNode(shape.items) : shape.kind === 'map' ? descriptionsOfNode(shape.values) : shape.kind === 'any' ? shape.options.flatMap(descriptionsOfNode) : []
  return [description, ...inner]
}

/** Every description of the schema. */
export const descriptionsOf = (schema: ToolsSchema): string[] => [schema.description, ...schema.tools.flatMap((tool) => [tool.description, ...descriptionsIn(tool.parameters)])]

const vocabularies = new WeakMap<ToolsSchema, Set<string>>()

/** Every single word by which people ask for what the schema has, descriptions included, in small letters. */
export function vocabulary(schema: ToolsSchema): Set<string> {
  let found = vocabularies.get(schema)
  if (!found) {
    const texts = [...schema.tools.flatMap(wordingsOf), ...descriptionsOf(schema).map(honest)]
    vocabularies.set(schema, (found = new Set(texts.flatMap((text) => text.toLowerCase().match(/[a-z]+/g) ?? []))))
  }
  return found
}
