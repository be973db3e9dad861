import type { Row } from '../../dataset/row.ts'
import { isClarification, readAnswer } from './answer.ts'
import { isRecord, same, type Json } from './json.ts'
import { pathOf, type Property, type Tool } from './node.ts'
import { findTool, parametersOf, type ToolsSchema } from './schema.ts'

const called = (tool: Tool) => `tool ${tool.name}`
const parameter = (tool: Tool, path: string) => `parameter ${tool.name} ${path}`

/** What of the schema a row exercises: its tool, and each of its parameters. */
export function coverage(schema: ToolsSchema, row: Row): string[] {
  const { answer } = readAnswer(row.output)
  const tool = answer && !isClarification(answer) ? findTool(schema, answer.name) : undefined
  if (!tool || !answer || isClarification(answer)) return []
  const enter = (properties: readonly Property[], values: Record<string, Json>, before: string): string[] =>
    properties.flatMap(({ name, node }) => {
      const value = Object.hasOwn(values, name) ? values[name]! : undefined
      if (value === undefined || same(value, node.default)) return []
      const inner = node.shape.kind === 'object' && isRecord(value) ? enter(node.shape.properties, value as Record<string, Json>, pathOf(before, name)) : []
      return [parameter(tool, pathOf(before, name)), ...inner]
    })
  return [called(tool), ...enter(tool.parameters, answer.parameters, '')]
}

/** Every label that `coverage` can give. */
export const coverable = (schema: ToolsSchema): string[] => schema.tools.flatMap((tool) => [called(tool), ...[...parametersOf(tool).keys()].map((path) => parameter(tool, path))])
