import type { Row } from '../../dataset/row.ts'
import { missesOf } from '../comparing.ts'
import { isClarification, type Answer, type CallAnswer } from './answer.ts'
import { canonical, clarification } from './completion.ts'
import { isRecord, type Json } from './json.ts'
import { humanized, type Node, type Property, type Tool } from './node.ts'
import { findTool, type ToolsSchema } from './schema.ts'
import { comparison } from './score.ts'

/**
 * Wrong answers that look right, as completions: one parameter, value or tool off, or a clarification in place of a call and the other
 * way round. All are allowed by the schema, none is equivalent to a right one; `salt` picks which.
 */
export const nearMisses = (schema: ToolsSchema, row: Row, salt: number): string[] =>
  missesOf(comparison(schema), row, salt, (truth) => (isClarification(truth) ? besideClarification(schema, truth.suggestions.map(({ command }) => command)) : besideCall(schema, truth, row.instruction)))
    .map((answer) => JSON.stringify(canonical(schema, answer)))

function besideCall(schema: ToolsSchema, { name, parameters }: CallAnswer, instruction: string): Answer[] {
  const tool = findTool(schema, name)!
  const others = otherObjects(tool.parameters, parameters, instruction).map((changed): Answer => ({ name, parameters: changed }))
  const near = schema.tools.filter((other) => other !== tool && sharesWord(tool, other)).map((other): Answer => ({ name: other.name, parameters: kept(other, parameters) }))
  return [...others, ...near, clarification(schema, 'missing_required', [tool])]
}

const sharesWord = (a: Tool, b: Tool) => humanized(a.name).split(' ').some((word) => humanized(b.name).split(' ').includes(word))

/** The same values under another tool, as far as it takes them. */
const kept = (tool: Tool, parameters: Record<string, Json>) => Object.fromEntries(Object.entries(parameters).filter(([name]) => tool.parameters.some((property) => property.name === name)))

/** The object with one thing changed, everywhere it can be. */
function otherObjects(properties: readonly Property[], values: Record<string, Json>, instruction: string): Record<string, Json>[] {
  return properties.flatMap(({ name, node, required }) => {
    const withValue = (value: Json) => ({ ...values, [name]: value })
    if (!Object.hasOwn(values, name)) return node.shape.kind === 'choice' ? node.shape.values.slice(0, 3).map(withValue) : []
    const value = values[name]!
    const { [name]: _, ...rest } = values
    const moved = properties.filter((twin) => twin.name !== name && twin.node.shape.kind === node.shape.kind && !Object.hasOwn(values, twin.name)).map((twin) => ({ ...rest, [twin.name]: value }))
    return [...(required ? [] : [rest]), ...moved, ...otherValues(node, value, instruction).map(withValue)]
  })
}

function otherValues({ shape }: Node, value: Json, instruction: string): Json[] {
  switch (shape.kind) {
    case 'choice': return shape.values.filter((other) => other !== value)
    case 'number': {
      const number = value as number
      return [number + 1, number - 1, Math.trunc(number / 10), number * 10].filter((other) => other > 0)
    }
    case 'text': {
      const text = value as string
      const words = instruction.split(/\s+/).filter((word) => word !== text && /\w/.test(word))
      return [text.slice(0, -1), text.slice(1), text.split(/[\s/]/)[0]!, text.split(/[\s/]/).at(-1)!, ...words.slice(-3)].filter((other) => other !== '' && other !== text)
    }
    case 'list': {
      const items = value as Json[]
      if (items.length === 0) return []
      return [...(items.length > 1 ? items.map((_, i) => items.toSpliced(i, 1)) : []), ...otherValues(shape.items, items[0]!, instruction).map((other) => [other, ...items.slice(1)])]
    }
    case 'object': return isRecord(value) ? otherObjects(shape.properties, value as Record<string, Json>, instruction) : []
    default: return []
  }
}

function besideClarification(schema: ToolsSchema, suggested: readonly string[]): Answer[] {
  const tools = suggested.flatMap((name) => findTool(schema, name) ?? [])
  return [
    ...schema.tools.map((tool): Answer => ({ name: tool.name, parameters: {} })),
    ...schema.tools.map((tool) => clarification(schema, 'missing_required', [tool])),
    ...(tools.length ? [clarification(schema, 'unclear', [])] : []),
    ...(tools.length > 2 ? tools.map((tool) => clarification(schema, 'ambiguous', tools.filter((other) => other !== tool))) : []),
  ]
}
