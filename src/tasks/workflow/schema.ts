import { z } from 'zod'
import { augmentationOf } from '../augment/section.ts'
import { gatesOf } from '../gates.ts'

/** Names of actions, parameters, variables and columns. */
export const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/
const Name = z.string().regex(namePattern)
const Text = z.string().min(1).max(2_000)
const Scalar = z.union([z.string().max(500), z.number(), z.boolean()])

export const parameterTypes = ['text', 'integer', 'value', 'file', 'url', 'column', 'columns', 'condition', 'expression', 'enum', 'steps'] as const

/** What the dry run knows to do; an action may be called otherwise (`operation`). One that does none of these is only noted. */
export const operations = ['read', 'write', 'filter', 'map', 'select', 'drop', 'rename', 'sort', 'limit', 'group', 'aggregate', 'join', 'append', 'deduplicate', 'split', 'fill_missing', 'convert', 'http_call', 'notify', 'log', 'wait', 'check', 'condition', 'loop', 'retry', 'on_error', 'stop'] as const
export type Operation = (typeof operations)[number]

export const Parameter = z.strictObject({
  name: Name,
  type: z.enum(parameterTypes).default('text'),
  required: z.boolean().default(false),
  default: Scalar.optional().describe('What the language assumes; never written into an answer'),
  description: Text.optional(),
  values: z.array(z.string().min(1).max(100)).min(1).max(100).optional().describe('The values of an enum'),
  value_synonyms: z.record(z.string(), z.array(Text).max(100)).default({}).describe('Other words people use for a value of an enum'),
  extension: z.string().regex(/^[a-z0-9]{1,8}$/).optional().describe('How the name of a file ends, without the dot'),
  variable: Name.optional().describe('The variable that stands in when nobody says a value'),
  metadata: Name.optional().describe('The field of the metadata that fills it when nobody says a value'),
  format: z.enum(['channel', 'message', 'name']).optional().describe('What kind of text it is, for made-up values'),
})

/** A way to say something: `{parameter}` is a value, `[one|another|]` a choice. */
export const Phrase = z.union([Text, z.strictObject({
  say: Text,
  with: z.record(z.string(), Scalar).default({}).describe('Parameters that these words settle; `{other}` in a text is another parameter'),
  by_metadata: z.boolean().default(false).describe('Says nothing of what `when` names: a file name or the metadata tells'),
})]).transform((phrase) => (typeof phrase === 'string' ? { say: phrase, with: {}, by_metadata: false } : phrase))

export const Action = z.strictObject({
  name: Name,
  operation: z.enum(operations).optional(),
  description: Text.optional(),
  when: z.record(z.string(), z.string()).default({}).describe('Metadata that decides for this action, e.g. {file_format: CSV}'),
  parameters: z.array(Parameter).max(50).default([]),
  phrases: z.array(Phrase).max(500).default([]),
})

/** Words for several steps at once. */
export const Recipe = z.strictObject({
  say: z.array(Text).min(1).max(200),
  steps: z.array(z.strictObject({ action: Name, parameters: z.record(z.string(), Scalar) })).min(1).max(10),
})

export const Rule = z.strictObject({
  number: z.int().min(1).max(1_000),
  text: Text.describe('As people read it; also the answer to its questions'),
  check: z.record(z.string(), z.unknown()).describe('{is: NAME, …}: a check that the family knows, with its parameters'),
  questions: z.array(Text).max(100).default([]),
})

const Reply = z.strictObject({ text: Text, requests: z.array(Text).min(1).max(500) })

/** Figures of score.ts that a schema may bound. */
export const figures = {
  syntax_validity: 'syntax validity', rule_validity: 'rule validity', execution_validity: 'execution validity', structural_accuracy: 'structural accuracy', executes_the_same: 'executes the same', bleu: 'BLEU', rouge_l: 'ROUGE-L',
} as const
export const Gates = gatesOf(figures)

export const WorkflowSchema = z.strictObject({
  kind: z.literal('workflow'),
  language: z.string().min(1).max(63),
  version: z.int().min(1).describe('Of the language: stands in the system prompt that every row is rendered with'),
  description: Text.optional(),
  metadata: z.record(Name, z.strictObject({ type: z.enum(['text', 'file', 'channel', 'enum']).default('text'), values: z.array(z.string()).optional(), description: Text.optional() })).default({}),
  variables: z.record(Name, z.strictObject({ description: Text })).default({}).describe('Variables that every run brings along'),
  facts: z.record(Name, z.strictObject({ description: Text, phrases: z.array(z.strictObject({ say: Text, means: Text })).min(1).max(100) })).default({}).describe('What the conditions of steps may ask for'),
  row_words: z.array(Text).max(200).default([]).describe('What people call rows, by what they stand for: "customers", "orders"'),
  actions: z.array(Action).min(1).max(300),
  recipes: z.array(Recipe).max(300).default([]),
  replies: z.record(Name, Reply).default({}).describe('Answers in words to what is no request for a workflow'),
  rules: z.array(Rule).min(1).max(200),
  gates: Gates.optional(),
  augmentation: augmentationOf(['phrasing', 'values', 'metadata']).optional(),
})

export type Parameter = z.output<typeof Parameter>
export type Phrase = z.output<typeof Phrase>
export type Action = z.output<typeof Action>
export type Recipe = z.output<typeof Recipe>
export type Rule = z.output<typeof Rule>
export type WorkflowSchema = z.output<typeof WorkflowSchema>

const byName = new WeakMap<WorkflowSchema, Map<string, Action>>()

export function findAction(schema: WorkflowSchema, name: string): Action | undefined {
  let found = byName.get(schema)
  if (!found) byName.set(schema, (found = new Map(schema.actions.map((action) => [action.name, action]))))
  return found.get(name)
}

export const findParameter = (action: Action, name: string): Parameter | undefined => action.parameters.find((parameter) => parameter.name === name)

/** read_csv and read_json both read; other actions do what they are called. */
export const operationOf = (action: Action): Operation | undefined => action.operation ?? operations.find((operation) => operation === action.name)

export const hasSteps = (action: Action): boolean => action.parameters.some(({ type }) => type === 'steps')
