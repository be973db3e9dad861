import { mostSuggestions } from './answer.ts'
import type { Node, Property } from './node.ts'
import type { ToolsSchema } from './schema.ts'

/** JSON Schema of an answer as `ask` gives it, confidence included. */
export function outputSchema(schema: ToolsSchema): Record<string, unknown> {
  const confidence = { type: 'number', minimum: 0, maximum: 1 }
  const calls = schema.tools.map(({ name, parameters }) => closed({ name: { const: name }, parameters: parametersSchema(parameters), confidence }))
  const suggestion = closed({ label: { type: 'string' }, command: { enum: schema.tools.map(({ name }) => name) } })
  const clarification = closed({ type: { const: 'clarification' }, message: { type: 'string' }, suggestions: { type: 'array', items: suggestion, maxItems: mostSuggestions }, confidence })
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', oneOf: [...calls, clarification] }
}

const closed = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({ type: 'object', properties, required, additionalProperties: false })

/** The parameters of one tool as plain JSON Schema: references resolved, nothing but what a value has to be. */
export const parametersSchema = (properties: readonly Property[]): Record<string, unknown> =>
  closed(Object.fromEntries(properties.map(({ name, node }) => [name, nodeSchema(node)])), properties.filter(({ required }) => required).map(({ name }) => name))

function nodeSchema({ shape, default: value }: Node): Record<string, unknown> {
  const known = value === undefined ? {} : { default: value }
  switch (shape.kind) {
    case 'text': return { type: 'string', minLength: shape.minLength, ...(shape.pattern !== undefined && { pattern: shape.pattern }), ...known }
    case 'number': return { type: shape.integer ? 'integer' : 'number', ...(shape.minimum !== undefined && { minimum: shape.minimum }), ...(shape.maximum !== undefined && { maximum: shape.maximum }), ...known }
    case 'choice': return shape.values.length === 2 && shape.values.every((each) => typeof each === 'boolean') ? { type: 'boolean', ...known } : { enum: shape.values, ...known }
    case 'list': return { type: 'array', items: nodeSchema(shape.items), minItems: shape.least, maxItems: shape.most, ...(shape.unique && { uniqueItems: true }), ...known }
    case 'object': return { ...parametersSchema(shape.properties), ...(shape.least > 0 && { minProperties: shape.least }), ...known }
    case 'map': return { type: 'object', additionalProperties: nodeSchema(shape.values), ...known }
    case 'any': return { anyOf: shape.options.map(nodeSchema), ...known }
  }
}
