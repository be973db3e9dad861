import type { CopiedValue, Row } from '../../dataset/row.ts'
import { replaceable, type UsedValue } from '../replaceable.ts'
import { isClarification, readAnswer } from './answer.ts'
import { completion } from './completion.ts'
import type { Node } from './node.ts'
import { findTool, type ToolsSchema } from './schema.ts'
import { userText } from './user-text.ts'
import { leavesOf } from './values.ts'

/** Values that a trainer may replace consistently in the input and in the answer: texts without a pattern of their own, and numbers without bounds. */
export function copiedValues(schema: ToolsSchema, row: Row): CopiedValue[] {
  const { answer } = readAnswer(row.output)
  const tool = answer && !isClarification(answer) ? findTool(schema, answer.name) : undefined
  if (!tool || !answer || isClarification(answer)) return []
  const found = new Map<string, UsedValue>()
  for (const { name, node, value } of leavesOf(tool.parameters, answer.parameters)) {
    if (!isFree(node) || value === null) continue
    const text = String(value)
    const known = found.get(text)
    if (known) known.uses++
    // The name of a parameter is the best word for its kind: values of one name stand in for each other.
    else found.set(text, { value: text, kind: typeof value === 'number' ? 'number' : (node.format ?? name), uses: 1 })
  }
  return replaceable([...found.values()], userText(schema, row.instruction), completion(schema, row.output))
}

/** May any other value stand here? */
export function isFree({ shape, format }: Node): boolean {
  if (shape.kind === 'text') return shape.pattern === undefined || format !== undefined
  return shape.kind === 'number' && shape.integer && (shape.minimum ?? 0) <= 1 && (shape.maximum ?? Infinity) >= 99_999
}
