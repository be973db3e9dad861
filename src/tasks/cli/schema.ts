import { z } from 'zod'
import { augmentationOf } from '../augment/section.ts'
import { gatesOf } from '../gates.ts'

/** Built-in collectors of context (context.ts). */
export const collectorNames = ['git_branch', 'git_owner', 'git_repo', 'git_pr', 'git_dirty', 'kube_cluster', 'kube_namespace'] as const

/** What kind of text a value is: a hint for slot values and for re-lexicalising, never a rule. */
export const valueFormats = ['word', 'text', 'path', 'url', 'branch', 'label', 'user', 'repo', 'sha', 'date', 'duration', 'name', 'number', 'version', 'title', 'query', 'field', 'host', 'secret', 'key', 'tag', 'image', 'resource', 'selector', 'quantity', 'email', 'color', 'json', 'milestone', 'filename', 'glob', 'workflow', 'range', 'port', 'command', 'context-name', 'jsonpath'] as const

/** Commands, subcommands, arguments and flags as they are typed, without leading dashes. */
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/

const Name = z.string().regex(namePattern)
const Text = z.string().max(2_000)
/** YAML reads `30` and `true` as number and boolean; as a value both mean their own text. */
const Scalar = z.union([z.string().max(500), z.number(), z.boolean()]).transform(String)
const Words = z.array(Scalar).max(200).default([])
const Short = z.string().regex(/^[A-Za-z0-9]$/).describe('The short letter, without the dash')

export const ArgType = z.enum(['string', 'integer', 'enum'])

/** Something with a value. */
export const Arg = z.strictObject({
  name: Name.describe('Long name without dashes; the key in "args"'),
  type: ArgType.default('string'),
  required: z.boolean().default(false),
  default: Scalar.optional().describe('What the program itself assumes; never together with required'),
  description: Text.optional(),
  positional: z.boolean().default(false).describe('Typed without its name; positionals stand in the order of this list'),
  after_dashes: z.boolean().default(false).describe('A command for another program, as one text of words: typed behind ` -- `, where this program reads no options'),
  joined: z.boolean().default(false).describe('Its value is read only as `--name=value`: the program takes `--name` alone for another value'),
  short: Short.optional(),
  repeatable: z.boolean().default(false).describe('May be given several times; its value is always a list'),
  values: z.array(Scalar).min(1).max(500).optional().describe('The values of an enum'),
  value_synonyms: z.record(z.string(), Words).default({}).describe('Other words people use for a value of an enum'),
  pattern: z.string().max(500).optional().describe('Regular expression that a string has to match'),
  format: z.enum(valueFormats).optional().describe('What kind of text the value is'),
  examples: Words,
  synonyms: Words.describe('Words people use for it, e.g. "assigned to"'),
  context: z.string().optional().describe('The context field that can fill it, e.g. "git.current_pr"'),
})

/** A switch: there or not there. */
export const Flag = z.strictObject({
  name: Name,
  short: Short.optional(),
  description: Text.optional(),
  synonyms: Words.describe('Words people use for it, e.g. "in the browser"'),
  adjectives: Words.describe('Words for it that stand before the noun, e.g. "draft" in "draft pull requests"'),
})

const wording = {
  name: Name,
  description: Text.optional(),
  synonyms: Words.describe('Verbs or nouns people use for it'),
  phrases: Words.describe('Whole requests that mean it, e.g. "what needs my review"'),
}

const parameters = {
  args: z.array(Arg).max(200).default([]),
  flags: z.array(Flag).max(200).default([]),
  exclusive: z.array(z.array(Name).min(2).max(50)).max(100).default([]).describe('Groups of arguments and flags of which at most one may be given, e.g. [[merge, squash, rebase]]'),
}

export const Subcommand = z.strictObject({ ...wording, ...parameters })

/** A command has subcommands, or arguments and flags of its own; never both. */
export const Command = z.strictObject({ ...wording, subcommands: z.array(Subcommand).max(500).default([]), ...parameters })

export const ContextField = z.strictObject({
  type: z.enum(['string', 'integer', 'boolean']).default('string'),
  description: Text.optional(),
  collect: z.enum(collectorNames).optional().describe('Built-in collector that `clitron ask` may use for it'),
  format: z.enum(valueFormats).optional(),
  examples: Words,
})

export const Gates = gatesOf({})

/** One named training of kind `cli`. */
export const CliSchema = z.strictObject({
  kind: z.literal('cli').default('cli'),
  cli_name: Name.describe('The program, e.g. "gh"'),
  description: Text.optional(),
  context: z.record(z.string().regex(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/), ContextField).default({}).describe('What `ask` may know about the environment; keys like "git.current_branch"'),
  commands: z.array(Command).min(1).max(500),
  gates: Gates.optional(),
  augmentation: augmentationOf(['phrasing', 'values', 'metadata']).optional(),
})

export type ArgType = z.output<typeof ArgType>
export type Arg = z.output<typeof Arg>
export type Flag = z.output<typeof Flag>
export type Subcommand = z.output<typeof Subcommand>
export type Command = z.output<typeof Command>
export type ContextField = z.output<typeof ContextField>
export type CliSchema = z.output<typeof CliSchema>

/** What can be run: a subcommand, or a command without subcommands. */
export interface Leaf {
  command: string
  /** null for a command without subcommands. */
  subcommand: string | null
  /** As people name it in tables and slices: "pr view", "browse". */
  path: string
  description: string
  synonyms: string[]
  phrases: string[]
  args: Arg[]
  flags: Flag[]
  /** Groups of names of which an answer has at most one. */
  exclusive: string[][]
  /** The command it belongs to (itself, when it has no subcommands). */
  parent: Command
}

const cached = new WeakMap<CliSchema, Leaf[]>()

/** All leaves in schema order. */
export function leaves(schema: CliSchema): Leaf[] {
  let found = cached.get(schema)
  if (!found) {
    found = schema.commands.flatMap((parent) => (parent.subcommands.length ? parent.subcommands.map((sub) => leaf(parent, sub)) : [leaf(parent, null)]))
    cached.set(schema, found)
  }
  return found
}

function leaf(parent: Command, sub: Subcommand | null): Leaf {
  const own = sub ?? parent
  return {
    command: parent.name,
    subcommand: sub?.name ?? null,
    path: sub ? `${parent.name} ${sub.name}` : parent.name,
    description: own.description ?? '',
    synonyms: own.synonyms,
    phrases: own.phrases,
    args: own.args,
    flags: own.flags,
    exclusive: own.exclusive,
    parent,
  }
}

/** All that the schema says people call a leaf, what is in it, and the values that can be chosen. */
export const wordingsOf = (leaf: Leaf): string[] => [
  leaf.path, ...leaf.parent.synonyms, ...leaf.synonyms, ...leaf.phrases,
  ...leaf.args.flatMap((arg) => [arg.name, ...arg.synonyms, ...(arg.values ?? []), ...Object.values(arg.value_synonyms).flat()]),
  ...leaf.flags.flatMap((flag) => [flag.name, ...flag.synonyms, ...flag.adjectives]),
]

/** Arguments whose absence asks a question: required ones, and targets that "this" would take from the context. */
export const askable = (leaf: Leaf): Arg[] => leaf.args.filter((arg) => arg.required || (arg.positional && arg.context))

const byName = new WeakMap<CliSchema, Map<unknown, Map<unknown, Leaf>>>()

/** The leaf of an answer's `command` and `subcommand`; undefined when the schema has none. Asked several times for every row. */
export function findLeaf(schema: CliSchema, command: unknown, subcommand: unknown): Leaf | undefined {
  let found = byName.get(schema)
  if (!found) {
    found = new Map([...Map.groupBy(leaves(schema), (leaf) => leaf.command)].map(([name, group]) => [name, new Map(group.map((leaf) => [leaf.subcommand, leaf]))]))
    byName.set(schema, found)
  }
  return found.get(command)?.get(subcommand ?? null)
}

/** The first group of which these names are more than one, as far as they are. */
export const conflict = (leaf: Leaf, names: Iterable<string>): string[] | undefined => {
  if (leaf.exclusive.length === 0) return undefined
  const given = new Set(names)
  return leaf.exclusive.map((group) => group.filter((name) => given.has(name))).find((found) => found.length > 1)
}

/** The value the program assumes when the argument is not given, as it would stand in an answer. */
export function defaultValue(arg: Arg): string | number | undefined {
  if (arg.default === undefined) return undefined
  return arg.type === 'integer' ? Number(arg.default) : arg.default
}

/** Other words for a value. A value may be named like a member of every object: "constructor". */
export const synonymsOf = (arg: Arg, value: string): string[] => (Object.hasOwn(arg.value_synonyms, value) ? arg.value_synonyms[value]! : [])

/** Context fields in schema order: path "git.current_pr", its two parts, and its declaration. */
export const contextFields = (schema: CliSchema) =>
  Object.entries(schema.context).map(([path, field]) => {
    const [group, name] = path.split('.') as [string, string]
    return { path, group, name, field }
  })

/** The value of a context field; undefined when absent or null. */
export function contextValue(context: Record<string, unknown> | null, path: string): string | number | boolean | undefined {
  const [group, name] = path.split('.') as [string, string]
  const inner = context && Object.hasOwn(context, group) ? context[group] : undefined
  if (inner === null || typeof inner !== 'object' || !Object.hasOwn(inner, name)) return undefined
  const value = (inner as Record<string, unknown>)[name]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined
}
