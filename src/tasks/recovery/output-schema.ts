import { mostSuggestions } from '../tools/answer.ts'
import { parametersSchema } from '../tools/output-schema.ts'
import { mostSteps } from './answer.ts'
import type { RecoverySchema } from './schema.ts'

const closed = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({ type: 'object', properties, required, additionalProperties: false })
const share = { type: 'number', minimum: 0, maximum: 1 }

/** JSON Schema of an answer as `ask` gives it, confidence included. */
export function outputSchema({ commands, steps, causes, categories, severities }: RecoverySchema): Record<string, unknown> {
  const asked = commands.tools.map(({ name, intents, parameters }) => closed({ command_type: { const: name }, intent: { enum: intents }, parameters: parametersSchema(parameters), normalized_input: { type: 'string' } }))
  const corrections = commands.tools.map(({ name, parameters }) => closed({ command_type: { const: name }, parameters: parametersSchema(parameters) }))
  const taken = steps.tools.map(({ name, parameters }) => closed({ step: { const: name }, parameters: parametersSchema(parameters) }, ['step']))
  const recovery = closed({
    error_type: { enum: [...new Set(causes.map(({ error_type }) => error_type))] },
    root_cause: { enum: causes.map(({ root_cause }) => root_cause) },
    correction: { oneOf: [...corrections, { type: 'null' }] },
    recovery_steps: { type: 'array', items: { oneOf: taken }, minItems: 1, maxItems: mostSteps },
    error_category: { enum: categories }, severity_level: { enum: severities }, recovery_complexity: share,
  })
  const suggestion = closed({ label: { type: 'string' }, command: { enum: commands.tools.map(({ name }) => name) } })
  const clarification = closed({ type: { const: 'clarification' }, message: { type: 'string' }, suggestions: { type: 'array', items: suggestion, maxItems: mostSuggestions }, confidence: share })
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', oneOf: [closed({ command: { oneOf: asked }, confidence: share }), closed({ recovery, confidence: share }), clarification] }
}
