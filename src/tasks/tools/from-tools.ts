import { stringify } from 'yaml'
import { jsonErrorOffset } from '../../dataset/json-error.ts'
import { InputError } from '../../errors.ts'
import { shown } from '../../text.ts'
import { readYaml, type Mistake } from '../yaml-source.ts'
import { isRecord, type Json } from './json.ts'
import type { Node, Property } from './node.ts'
import { readTools, type WrittenTool } from './parse.ts'
import { type Report } from './resolve.ts'
import { namePattern, type ToolsSchema } from './schema.ts'
import { longestValue, mostValues } from './values.ts'

export interface ToolsList {
  /** The training's name. */
  name: string
  /** Path as shown in messages. */
  file: string
  text: string
}

/**
 * A list of tools as APIs and MCP servers have it, as the YAML of a training: references written out, defaults kept, with a comment on what
 * makes the model better. Read are `[{type: "function", function: {…}}]`, `{"tools": […]}` of the same, of `{name, parameters}`, and of
 * `{name, inputSchema}`, as an MCP server's `tools/list` answers, with or without the `result` around it.
 * @throws InputError with file, line, column, what was expected, what was found, what to do
 */
export function schemaFromTools({ name, file, text: written }: ToolsList): string {
  const text = written.replace(/^\ufeff/, '')
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    const before = text.slice(0, jsonErrorOffset(text)).split('\n')
    throw new InputError(`${file}:${before.length}:${before.at(-1)!.length + 1}: expected a list of tools as JSON; here it stops being JSON.`)
  }
  // JSON is YAML: the same reader knows the places. It takes a tab for an indentation, which means nothing here.
  const source = readYaml({ name, file, text: text.replaceAll('\t', ' ') })
  const mistakes: Mistake[] = []
  const report: Report = (path, message) => mistakes.push({ offset: source.offset(path), message })
  const tools = readTools(findTools(list, report), report)
  if (mistakes.length) source.fail(mistakes)
  const description = isRecord(list) && typeof list.task_description === 'string' ? list.task_description : isRecord(list) && typeof list.description === 'string' ? list.description : ''
  return `${heading(name)}${stringify(yamlOf({ kind: 'tools', name, description, tools }), { lineWidth: 0, flowCollectionPadding: false })}`
}

/** Where the functions stand, each with the places of its name and parameters. */
function findTools(list: unknown, report: Report): WrittenTool[] {
  const result = isRecord(list) && isRecord(list.result) ? list.result : list
  const before = result === list ? [] : ['result']
  const [entries, path] = Array.isArray(result) ? [result, before] : isRecord(result) && Array.isArray(result.tools) ? [result.tools as unknown[], [...before, 'tools']] : [undefined, []]
  if (!entries?.length) {
    report(path, `expected a list of tools ([{"type": "function", "function": {…}}], {"tools": […]} or the result of an MCP server's tools/list), found ${entries ? 'none in it' : isRecord(result) ? `the keys ${shown(Object.keys(result))}` : shown(result)}.`)
    return []
  }
  return entries.flatMap((entry, i): WrittenTool[] => {
    const inside = isRecord(entry) && isRecord(entry.function)
    const tool = inside ? (entry.function as Record<string, unknown>) : entry
    const at = [...path, i, ...(inside ? ['function'] : [])]
    if (!isRecord(tool)) {
      report(at, `expected a tool as {"name", "description", "parameters"}, found ${shown(tool)}; remove it.`)
      return []
    }
    if (typeof tool.name !== 'string' || !namePattern.test(tool.name)) {
      report(tool.name === undefined ? at : [...at, 'name'], `expected the name of a tool (letters, digits, dashes, dots, slashes and underscores, 128 at most), found ${shown(tool.name)}; rename it.`)
      return []
    }
    const key = ['parameters', 'inputSchema', 'input_schema'].find((each) => Object.hasOwn(tool, each)) ?? 'parameters'
    return [{ tool: { name: tool.name, ...(typeof tool.description === 'string' && { description: tool.description }), parameters: tool[key] ?? undefined }, path: at, parameters: [...at, key] }]
  })
}

const longestDescription = 2_000

const heading = (name: string) => `# yaml-language-server: $schema=./tools.schema.json
# The functions of "${name}". Clitron makes from them a small model that turns people's words into calls: {"name": …, "parameters": {…}}.
# Check it with \`npx clitron lint ${name}\`, look at examples with \`npx clitron pilot ${name}\`, train with \`npx clitron train ${name}\`.
# Rows that you have already: \`npx clitron import ${name} rows.jsonl\`, as {"question", "answer"}.
#
# The examples are as good as the words that stand here. What helps most, beside a function's name and description:
#   synonyms: [dim the lights]             # verb phrases that people use for it
#   phrases: ["lights {state} in the {room}"]  # whole requests, with parameters as slots
# and beside a parameter's type and description:
#   synonyms: [brightness, "to {} percent"]    # words before its value, or around it; of a boolean, what says yes
#   value_synonyms: {off: [out, dark]}         # other words for a value of an enum
#   examples: [kitchen, hall]                  # values like the real ones
#   format: date                               # or path, url, branch, user, title, text, time, duration, …
`

function yamlOf({ kind, name, description, tools }: ToolsSchema): Record<string, unknown> {
  return {
    kind, name, ...(description && { description: description.slice(0, longestDescription) }),
    tools: tools.map((tool) => ({
      name: tool.name,
      ...(tool.description && { description: tool.description.slice(0, longestDescription) }),
      parameters: { type: 'object', ...objectYaml(tool.parameters) },
    })),
  }
}

const objectYaml = (properties: readonly Property[]) => {
  const required = properties.filter((property) => property.required).map((property) => property.name)
  return { properties: Object.fromEntries(properties.map((property) => [property.name, nodeYaml(property.node)])), ...(required.length > 0 && { required }) }
}

function nodeYaml(node: Node): Record<string, unknown> {
  const { description, format, examples, default: value } = node
  return {
    ...shapeYaml(node),
    ...(description && { description: description.slice(0, longestDescription) }),
    ...(value !== undefined && { default: value }),
    ...(format !== undefined && { format: format.slice(0, 60) }),
    ...(examples.length > 0 && { examples: examples.slice(0, 200) }),
  }
}

function shapeYaml({ shape }: Node): Record<string, unknown> {
  const known = (values: Record<string, Json | undefined>) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  switch (shape.kind) {
    case 'text': return { type: 'string', ...known({ pattern: shape.pattern, minLength: shape.minLength > 1 ? shape.minLength : undefined, maxLength: shape.maxLength < longestValue ? shape.maxLength : undefined }) }
    case 'number': return { type: shape.integer ? 'integer' : 'number', ...known({ minimum: shape.minimum, maximum: shape.maximum }) }
    case 'choice': return isBoolean(shape.values) ? { type: 'boolean' } : { enum: shape.values }
    case 'list': return { type: 'array', items: nodeYaml(shape.items), ...known({ minItems: shape.least || undefined, maxItems: shape.most < mostValues ? shape.most : undefined, uniqueItems: shape.unique || undefined }) }
    case 'object': return { type: 'object', ...objectYaml(shape.properties), ...known({ minProperties: shape.least || undefined }), ...(shape.properties.length === 0 && { additionalProperties: false }) }
    case 'map': return { type: 'object', additionalProperties: nodeYaml(shape.values) }
    case 'any': return { anyOf: shape.options.map(nodeYaml) }
  }
}

const isBoolean = (values: readonly unknown[]) => values.length === 2 && values[0] === true && values[1] === false
