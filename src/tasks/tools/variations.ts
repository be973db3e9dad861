import type { CopiedValue, Row } from '../../dataset/row.ts'
import type { Random } from '../../teacher/random.ts'
import { kindOf, writeValue } from '../../teacher/values.ts'
import { phrasings } from '../augment/phrasing.ts'
import { alike, leading } from '../augment/rewording.ts'
import { otherNumber, valueSubstitution } from '../augment/values.ts'
import type { Variations } from '../augment/variation.ts'
import { isClarification, readAnswer } from './answer.ts'
import { clarificationCase, completion } from './completion.ts'
import { copiedValues } from './copied-values.ts'
import { humanized, synonymsOf, type Tool } from './node.ts'
import { findTool, type ToolsSchema } from './schema.ts'
import { leavesOf, type Leaf } from './values.ts'
import { vocabulary } from './words.ts'

/** Ways to vary a request for a call. Nothing stands beside it that could be other. */
export const variations: Variations<ToolsSchema> = {
  ...phrasings<ToolsSchema>({
    values: (schema, row) => meantBy(schema, row)?.values.map(({ value }) => String(value)) ?? [],
    known: vocabulary,
    clarificationCase: (_schema, output) => clarificationCase({ output }),
    synonyms: (schema, row, text) => sameWords(meantBy(schema, row), text),
  }),
  value_substitution: valueSubstitution({ copiedValues, target: completion, other }),
}

interface Meant { tool: Tool; values: Leaf[] }

function meantBy(schema: ToolsSchema, { output }: Row): Meant | undefined {
  const { answer } = readAnswer(output)
  const tool = answer && !isClarification(answer) ? findTool(schema, answer.name) : undefined
  return tool && answer && !isClarification(answer) ? { tool, values: leavesOf(tool.parameters, answer.parameters) } : undefined
}

/** The schema's own words for the call, for the values that can be chosen, and before those that are told. */
function sameWords(meant: Meant | undefined, text: string): (readonly string[])[] {
  if (!meant) return []
  const { tool, values } = meant
  return [
    ...alike([humanized(tool.name), ...tool.synonyms]),
    ...values.flatMap(({ node, value }) => (node.shape.kind === 'choice' && typeof value === 'string' ? alike([humanized(value), ...synonymsOf(node, value)]) : [])),
    ...values.map(({ node, value }) => leading(text, node.synonyms, [String(value)])),
  ]
}

/** The kind is a format, or the parameter's name (copied-values.ts). */
function other(_schema: ToolsSchema, { value, kind }: CopiedValue, r: Random): string | undefined {
  return kind === 'number' ? otherNumber(value, r) : writeValue(kindOf(kind.toLowerCase(), kind), r)
}
