import type { Node, Property } from './node.ts'
import type { ToolsSchema } from './schema.ts'

/** The schema as a model reads it: one line a tool or parameter; examples and synonyms left out. */
export function describeSchema(schema: ToolsSchema): string {
  const lines = [`tools of ${schema.name}${note(schema.description)}`]
  const enter = (properties: readonly Property[], indent: string): void => {
    for (const { name, node, required } of properties) {
      lines.push(`${indent}${name}: ${typeOf(node)}${required ? ', required' : ''}${node.default === undefined ? '' : `, default ${JSON.stringify(node.default)}`}${note(node.description)}`)
      const inner = node.shape.kind === 'list' ? node.shape.items : node
      if (inner.shape.kind === 'object') enter(inner.shape.properties, `${indent}  `)
    }
  }
  for (const tool of schema.tools) {
    lines.push(`${tool.name}${note(tool.description)}`)
    enter(tool.parameters, '  ')
  }
  return lines.join('\n')
}

/** A type in a few words. */
export function typeOf({ shape, format }: Node): string {
  switch (shape.kind) {
    case 'text': return `string${format ? ` (${format})` : ''}${shape.pattern === undefined ? '' : ` that matches ${shape.pattern}`}`
    case 'number': return `${shape.integer ? 'integer' : 'number'}${shape.minimum === undefined ? '' : ` from ${shape.minimum}`}${shape.maximum === undefined ? '' : ` to ${shape.maximum}`}`
    case 'choice': return shape.values.map((value) => JSON.stringify(value)).join('|')
    case 'list': return `list of ${typeOf(shape.items)}`
    case 'object': return 'object'
    case 'map': return `object of ${typeOf(shape.values)} under keys of the request's own`
    case 'any': return shape.options.map(typeOf).join(' or ')
  }
}

const note = (text: string) => (text ? ` - ${text.replace(/\s+/g, ' ').trim()}` : '')

/** The system turn of chat bases. Short: the model learns the schema from examples, and every token is paid at each question. */
export const systemText = (schema: ToolsSchema): string =>
  `You turn requests into calls of the tools of ${schema.name}. Answer with one line of JSON: {"name","parameters"} or, when the request is ambiguous, incomplete or off-topic, {"type":"clarification","message","suggestions"}.`
