import type { Row } from '../../dataset/row.ts'
import { readAnswer } from './answer.ts'
import { contextValue, defaultValue, findLeaf, leaves, type CliSchema, type Leaf } from './schema.ts'

const subcommand = ({ path }: Leaf) => `subcommand ${path}`
const argument = ({ path }: Leaf, name: string) => `argument ${path} --${name}`
const flag = ({ path }: Leaf, name: string) => `flag ${path} --${name}`
const context = (path: string) => `context ${path}`

/**
 * What of the schema a command answer exercises: its subcommand, the arguments and flags that are trained on (a default is not), and
 * the context fields that one of its arguments is filled from. Empty for a clarification.
 */
export function coverage(schema: CliSchema, row: Row): string[] {
  const { answer } = readAnswer(row.output)
  if (answer?.type !== 'command') return []
  const leaf = findLeaf(schema, answer.command, answer.subcommand)
  if (!leaf) return []
  const labels = [subcommand(leaf)]
  for (const arg of leaf.args) {
    if (!Object.hasOwn(answer.args, arg.name)) continue
    const value = answer.args[arg.name]!
    if (!arg.repeatable && value === defaultValue(arg)) continue
    labels.push(argument(leaf, arg.name))
    if (arg.context === undefined) continue
    const known = contextValue(row.context, arg.context)
    if (known !== undefined && [value].flat().some((item) => String(item) === String(known))) labels.push(context(arg.context))
  }
  for (const { name } of leaf.flags) if (answer.flags.includes(name)) labels.push(flag(leaf, name))
  return labels
}

/** Every label that `coverage` can give. A context field that fills no argument is not shown to the model, so it is none. */
export function coverable(schema: CliSchema): string[] {
  const labels = leaves(schema).flatMap((leaf) => [
    subcommand(leaf),
    ...leaf.args.flatMap((arg) => [argument(leaf, arg.name), ...(arg.context === undefined ? [] : [context(arg.context)])]),
    ...leaf.flags.map(({ name }) => flag(leaf, name)),
  ])
  return [...new Set(labels)]
}
