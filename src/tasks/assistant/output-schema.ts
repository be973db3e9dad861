import { mostSuggestions, refusals } from './answer.ts'
import { mostQuotes, type AssistantSchema } from './schema.ts'

const closed = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({ type: 'object', properties, required, additionalProperties: false })

/** JSON Schema of an answer as `ask` gives it: its words, the passages they are, and where those stand. */
export function outputSchema(schema: AssistantSchema): Record<string, unknown> {
  const confidence = { type: 'number', minimum: 0, maximum: 1 }
  const text = { type: 'string' }
  const source = closed({ id: { enum: schema.sections.flatMap(({ passages }) => passages.map(({ id }) => id)) }, text, file: { enum: schema.files }, line: { type: 'integer', minimum: 1 } })
  const suggestion = closed({ label: text, command: { enum: schema.sections.map(({ id }) => id) } })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    oneOf: [
      closed({ response: text, sources: { type: 'array', items: source, maxItems: mostQuotes }, confidence }),
      closed({ response: text, refusal: { enum: refusals }, confidence }),
      closed({ type: { const: 'clarification' }, message: text, suggestions: { type: 'array', items: suggestion, maxItems: mostSuggestions }, confidence }),
    ],
  }
}
