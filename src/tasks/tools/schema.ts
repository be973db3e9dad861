import { z } from 'zod'
import { augmentationOf } from '../augment/section.ts'
import { gatesOf } from '../gates.ts'
import type { Json } from './json.ts'
import { pathOf, type Node, type Tool } from './node.ts'

/** Tools and what they belong to: letters, digits and what lists of tools in use join them with. */
export const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,127}$/

const Name = z.string().regex(namePattern)
const Text = z.string().max(2_000)
/** YAML reads `30` and `true` as number and boolean; as words both mean their own text. */
const Word = z.union([z.string().max(500), z.number(), z.boolean()]).transform(String)
const Words = z.array(Word).max(200)
const Scalar = z.union([z.string().max(500), z.number(), z.boolean(), z.null()])
const Value: z.ZodType<Json> = z.json()
const Count = z.int().min(0).max(1_000_000)

export const typeNames = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'null'] as const
const TypeName = z.enum(typeNames)

/** A whole request: its words, or its words with what they imply. */
const Phrase = z.union([z.string().max(500), z.strictObject({ say: z.string().max(500), parameters: z.record(z.string(), Value) })])

/** A parameter: the part of JSON Schema that lists of tools use, and what the offline teacher wants to know. */
export const Parameter = z.strictObject({
  type: z.union([TypeName, z.array(TypeName).min(1).max(7)]).optional(),
  description: Text.optional(),
  title: Text.optional(),
  default: Value.optional().describe('What the tool assumes itself: never written into an answer'),
  enum: z.array(Scalar).min(1).max(500).optional(),
  const: Scalar.optional(),
  get properties(): z.ZodOptional<z.ZodRecord<z.ZodString, typeof Parameter>> {
    return z.record(z.string(), Parameter).optional()
  },
  required: z.array(z.string()).optional(),
  get items(): z.ZodOptional<typeof Parameter> {
    return Parameter.optional()
  },
  get anyOf(): z.ZodOptional<z.ZodArray<typeof Parameter>> {
    return z.array(Parameter).min(1).max(20).optional()
  },
  get oneOf(): z.ZodOptional<z.ZodArray<typeof Parameter>> {
    return z.array(Parameter).min(1).max(20).optional()
  },
  get additionalProperties(): z.ZodOptional<z.ZodUnion<readonly [z.ZodBoolean, typeof Parameter]>> {
    return z.union([z.boolean(), Parameter]).optional()
  },
  $ref: z.string().optional().describe('A part of the same parameters, e.g. "#/$defs/Address"'),
  get $defs(): z.ZodOptional<z.ZodRecord<z.ZodString, typeof Parameter>> {
    return z.record(z.string(), Parameter).optional()
  },
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minProperties: z.int().min(0).max(1).optional().describe('1: one of the properties has to be there, whichever'),
  minItems: Count.optional(),
  maxItems: Count.optional(),
  uniqueItems: z.boolean().optional().describe('The order of the list means nothing'),
  minLength: Count.optional(),
  maxLength: Count.optional(),
  pattern: z.string().max(500).optional(),
  format: z.string().max(60).optional().describe('What kind of text it is: decides which values the examples use'),
  examples: z.array(Value).max(200).optional(),
  synonyms: Words.optional().describe('Words people use for it: before its value ("brightness"), or around it ("to {} percent"); of a boolean, what says yes'),
  value_synonyms: z.record(z.string(), Words).optional().describe('Other words people use for a value of an enum, or for true and false'),
  derived: z.boolean().optional().describe('Its value is made from the words and need not stand in them'),
})

/** One function. */
export const Function = z.strictObject({
  name: Name,
  description: Text.optional(),
  synonyms: Words.optional().describe('Verb phrases people use for it, e.g. "dim the lights"'),
  phrases: z.array(Phrase).max(200).optional().describe('Whole requests that mean it, with slots: "lights {state} in the {room}"'),
  parameters: Parameter.optional(),
})

export const Gates = gatesOf({})

/** One named training of kind `tools`, as its YAML is written. */
export const ToolsYaml = z.strictObject({
  kind: z.literal('tools'),
  name: Name.describe('What the tools belong to, e.g. "home"'),
  description: Text.optional(),
  tools: z.array(Function).min(1).max(500),
  gates: Gates.optional(),
  augmentation: augmentationOf(['phrasing', 'values']).optional(),
})
export type ToolsYaml = z.output<typeof ToolsYaml>

/** What the YAML means: references resolved, every parameter with its node. */
export interface ToolsSchema {
  kind: 'tools'
  name: string
  description: string
  tools: Tool[]
  gates?: ToolsYaml['gates']
  augmentation?: ToolsYaml['augmentation']
}

const byName = new WeakMap<ToolsSchema, Map<unknown, Tool>>()

/** The tool of an answer's `name`; undefined when the schema has none. Asked several times for every row. */
export function findTool(schema: ToolsSchema, name: unknown): Tool | undefined {
  let found = byName.get(schema)
  if (!found) byName.set(schema, (found = new Map(schema.tools.map((tool) => [tool.name, tool]))))
  return found.get(name)
}

const places = new WeakMap<Tool, Map<string, Node>>()

/** Every parameter of a tool by its path ("when.date"), in schema order; the items of lists are not among them. */
export function parametersOf(tool: Tool): Map<string, Node> {
  let found = places.get(tool)
  if (!found) {
    found = new Map()
    const enter = (properties: Tool['parameters'], before: string): void => {
      for (const property of properties) {
        const path = pathOf(before, property.name)
        found!.set(path, property.node)
        if (property.node.shape.kind === 'object') enter(property.node.shape.properties, path)
      }
    }
    enter(tool.parameters, '')
    places.set(tool, found)
  }
  return found
}

/** Parameters without which a tool cannot be called: those that its clarifications ask for. */
export const askable = (tool: Tool) => tool.parameters.filter(({ required }) => required)
