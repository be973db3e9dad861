import { most } from './answer.ts'
import { statesOf, type AnalysisSchema } from './schema.ts'

/** JSON Schema of an answer as `ask` gives it, confidence included: all parts, or the one that was asked for. */
export function outputSchema(schema: AnalysisSchema): Record<string, unknown> {
  const value = { type: 'string', minLength: 1, maxLength: most.value }
  const parts = {
    state: { enum: statesOf(schema) },
    priority: { enum: schema.priorities.map(({ name }) => name) },
    summary: { type: 'string' },
    entities: { type: 'object', properties: Object.fromEntries(schema.entities.map(({ name, description }) => [name, { type: 'array', items: value, minItems: 1, description }])), additionalProperties: false },
    actions: { type: 'array', maxItems: most.actions, items: { type: 'object', properties: { kind: { enum: schema.actions.map(({ name }) => name) }, who: value, what: value, when: value }, required: ['kind'], additionalProperties: false } },
  }
  const confidence = { type: 'number', minimum: 0, maximum: 1 }
  const closed = (properties: Record<string, unknown>) => ({ type: 'object', properties: { ...properties, confidence }, required: [...Object.keys(properties), 'confidence'], additionalProperties: false })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    oneOf: [closed(parts), ...Object.entries(parts).map(([name, part]) => closed({ [name]: part }))],
  }
}
