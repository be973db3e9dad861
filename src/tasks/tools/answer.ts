import { z } from 'zod'
import { didYouMean, shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { readShaped } from '../reading.ts'
import type { Json } from './json.ts'
import { objectOf } from './node.ts'
import { findTool, type ToolsSchema } from './schema.ts'
import { problemOf } from './values.ts'

export const mostSuggestions = 3

const confidence = z.number().min(0).max(1).optional()
const Parameters: z.ZodType<Record<string, Json>> = z.record(z.string(), z.json())

export const CallAnswer = z.strictObject({ name: z.string(), parameters: Parameters, confidence })
/** The tool of a suggestion stands under `command`: a clarification has one shape in all kinds of task. */
export const Suggestion = z.strictObject({ label: z.string(), command: z.string() })
export const ClarificationAnswer = z.strictObject({ type: z.literal('clarification'), message: z.string(), suggestions: z.array(Suggestion), confidence })
export const Answer = z.union([ClarificationAnswer, CallAnswer])
export type CallAnswer = z.infer<typeof CallAnswer>
export type ClarificationAnswer = z.infer<typeof ClarificationAnswer>
export type Answer = z.infer<typeof Answer>

export const isClarification = (answer: Answer): answer is ClarificationAnswer => 'type' in answer

/** The answer in a string, as far as it can be read; `problems` of the rules json and shape. */
export const readAnswer = (output: string): { answer?: Answer; problems: Problem[] } =>
  readShaped<Answer>(output, (value) => (value !== null && typeof value === 'object' && 'type' in value ? ClarificationAnswer : CallAnswer))

/** Is everything in the answer what the schema allows, and everything there that it requires? */
export function checkAnswer(schema: ToolsSchema, answer: Answer): Problem[] {
  if (isClarification(answer)) {
    const { suggestions } = answer
    if (suggestions.length > mostSuggestions) return [{ rule: 'shape', message: `expected at most ${mostSuggestions} suggestions, found ${suggestions.length}` }]
    return suggestions.flatMap(({ command }) => unknownTool(schema, command))
  }
  const tool = findTool(schema, answer.name)
  if (!tool) return unknownTool(schema, answer.name)
  const wrong = problemOf(objectOf(tool.parameters), answer.parameters)
  if (!wrong) return []
  const where = shown(wrong.path.join('.'))
  switch (wrong.rule) {
    case 'required': return [{ rule: 'required', message: `"${tool.name}" requires ${wrong.expected}${wrong.path.length ? ` in ${where}` : ''}, which is missing` }]
    case 'schema': return [{ rule: 'schema', message: `"${tool.name}" has no parameter ${shown([...wrong.path, wrong.found].join('.'))}${didYouMean(String(wrong.found), tool.parameters.map(({ name }) => name))}` }]
    default: return [{ rule: 'type', message: `"${tool.name}" expects ${where} to be ${wrong.expected}, found ${shown(wrong.found)}` }]
  }
}

function unknownTool(schema: ToolsSchema, name: string): Problem[] {
  if (findTool(schema, name)) return []
  return [{ rule: 'schema', message: `the schema has no tool ${shown(name)}${didYouMean(name, schema.tools.map((tool) => tool.name))}` }]
}
