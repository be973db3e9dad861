import type { Parameter, WorkflowSchema } from './schema.ts'

/** JSON Schema of an answer as `ask` gives it, confidence included. */
export function outputSchema(schema: WorkflowSchema): Record<string, unknown> {
  const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({ type: 'object', properties, required, additionalProperties: false })
  const confidence = { type: 'number', minimum: 0, maximum: 1 }
  const conditions = { type: 'array', items: { type: 'string' } }
  const steps = schema.actions.map(({ name, parameters }) =>
    object({ action: { const: name }, parameters: object(Object.fromEntries(parameters.map((each) => [each.name, valueSchema(each)])), parameters.filter(({ required }) => required).map((each) => each.name)), conditions }, ['action', 'parameters']))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $defs: { steps: { type: 'array', minItems: 1, items: { oneOf: steps } } },
    oneOf: [
      object({ variables: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } }, steps: { $ref: '#/$defs/steps' }, confidence }, ['steps', 'confidence']),
      object({ response: { type: 'string' }, confidence }),
    ],
  }
}

const variable = { type: 'string', pattern: '^@var:[A-Za-z_]\\w*$' }

function valueSchema({ type, values }: Parameter): Record<string, unknown> {
  switch (type) {
    case 'steps': return { $ref: '#/$defs/steps' }
    case 'columns': return { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 }
    case 'integer': return { oneOf: [{ type: 'integer', minimum: 0 }, variable] }
    case 'enum': return { oneOf: [{ enum: values }, variable] }
    case 'value': return { type: ['string', 'number', 'boolean'] }
    default: return { type: 'string', minLength: 1 }
  }
}
