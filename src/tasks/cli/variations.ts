import type { CopiedValue, Row } from '../../dataset/row.ts'
import type { Random } from '../../teacher/random.ts'
import { valueKinds, writeValue } from '../../teacher/values.ts'
import { phrasings } from '../augment/phrasing.ts'
import { alike, leading } from '../augment/rewording.ts'
import { otherNumber, valueSubstitution } from '../augment/values.ts'
import type { Variations } from '../augment/variation.ts'
import { readAnswer, type CommandAnswer } from './answer.ts'
import { clarificationCase, target } from './completion.ts'
import { copiedValues } from './copied-values.ts'
import { contextOf } from './offline/values.ts'
import { humanized, vocabulary } from './offline/words.ts'
import { contextFields, contextValue, findLeaf, leaves, synonymsOf, type CliSchema, type Leaf } from './schema.ts'

/** Ways to vary a request for a command; what the environment tells may be more or less, where the command does not hang on it. */
export const variations: Variations<CliSchema> = {
  ...phrasings<CliSchema>({
    values: (schema, row) => (meantBy(schema, row)?.values ?? []).map(String),
    known: vocabulary,
    clarificationCase: (schema, output) => clarificationCase(schema, { output }),
    synonyms: (schema, row, text) => sameWords(meantBy(schema, row), text),
  }),
  value_substitution: valueSubstitution({ copiedValues, target, other }),
  context_added: { way: 'metadata', vary: added },
  context_removed: { way: 'metadata', vary: removed },
}

interface Meant { leaf: Leaf; answer: CommandAnswer; values: (string | number)[] }

function meantBy(schema: CliSchema, { output }: Row): Meant | undefined {
  const { answer } = readAnswer(output)
  const leaf = answer?.type === 'command' ? findLeaf(schema, answer.command, answer.subcommand) : undefined
  return leaf && answer?.type === 'command' ? { leaf, answer, values: Object.values(answer.args).flat() as (string | number)[] } : undefined
}

/** The schema's own words for the command, for what it is done to, for its flags and the values that can be chosen, and before the values that are told. */
function sameWords(meant: Meant | undefined, text: string): (readonly string[])[] {
  if (!meant) return []
  const { leaf, answer } = meant
  const given = leaf.args.filter(({ name }) => Object.hasOwn(answer.args, name))
  return [
    ...[
      [humanized(leaf.subcommand ?? leaf.command), ...leaf.synonyms],
      ...(leaf.subcommand === null ? [] : [[humanized(leaf.command), ...leaf.parent.synonyms]]),
      ...given.flatMap((arg) => (arg.type === 'enum' ? [answer.args[arg.name]!].flat().map((value) => [String(value), ...synonymsOf(arg, String(value))]) : [])),
      ...leaf.flags.filter(({ name }) => answer.flags.includes(name)).map(({ synonyms }) => synonyms),
    ].flatMap(alike),
    ...given.map(({ name, synonyms }) => leading(text, synonyms, [answer.args[name]!].flat().map(String))),
  ]
}

function other(_schema: CliSchema, { value, kind }: CopiedValue, r: Random): string | undefined {
  if (kind === 'number') return otherNumber(value, r)
  return valueKinds.includes(kind) ? writeValue(kind, r) : undefined
}

/** Fields that a model is shown: those that some argument can be filled from. */
const shownFields = (schema: CliSchema): string[] => {
  const filling = new Set(leaves(schema).flatMap(({ args }) => args.map(({ context }) => context)))
  return contextFields(schema).flatMap(({ path }) => (filling.has(path) ? [path] : []))
}

/** One more field; none that would fill what the words leave open. */
function added(schema: CliSchema, row: Row, r: Random): Row | undefined {
  const meant = meantBy(schema, row)
  if (!meant) return undefined
  const open = meant.leaf.args.flatMap(({ name, context }) => (context !== undefined && !Object.hasOwn(meant.answer.args, name) ? [context] : []))
  const free = shownFields(schema).filter((path) => contextValue(row.context, path) === undefined && !open.includes(path))
  if (free.length === 0) return undefined
  const path = r.pick(free)
  const [group] = path.split('.') as [string]
  const made = contextOf(schema, [path], r)![group] as Record<string, unknown>
  return beside(schema, row, { ...row.context, [group]: { ...(row.context?.[group] as object | undefined), ...made } })
}

/** A field less; none from which a value of the command may come. */
function removed(schema: CliSchema, row: Row, r: Random): Row | undefined {
  const values = (meantBy(schema, row)?.values ?? []).map(String)
  const free = shownFields(schema).filter((path) => {
    const value = contextValue(row.context, path)
    return value !== undefined && !values.some((each) => each.includes(String(value)))
  })
  if (free.length === 0) return undefined
  const [group, name] = r.pick(free).split('.') as [string, string]
  const { [group]: inner, ...others } = row.context!
  const { [name]: _, ...rest } = inner as Record<string, unknown>
  return beside(schema, row, Object.keys(rest).length > 0 ? { ...others, [group]: rest } : others)
}

function beside(schema: CliSchema, row: Row, context: Record<string, unknown>): Row {
  const all = contextFields(schema)
  const there = all.filter(({ path }) => contextValue(context, path) !== undefined).length
  const kind = there === 0 ? 'none' : there === all.length ? 'full' : 'partial'
  return { ...row, context: Object.keys(context).length > 0 ? context : null, ...(row.slice?.context !== undefined && { slice: { ...row.slice, context: kind } }) }
}
