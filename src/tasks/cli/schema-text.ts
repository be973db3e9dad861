import { leaves, type Arg, type CliSchema } from './schema.ts'

/** The schema as a model reads it: one line a command, argument or flag; examples and synonyms left out. */
export function describeSchema(schema: CliSchema): string {
  const lines = [`cli: ${schema.cli_name}${note(schema.description)}`]
  for (const [path, field] of Object.entries(schema.context)) lines.push(`context ${path}: ${field.type}${note(field.description)}`)
  for (const leaf of leaves(schema)) {
    lines.push(`${leaf.path}${note(leaf.description)}`)
    for (const arg of leaf.args) lines.push(`  arg ${arg.name}: ${describeArg(arg)}${note(arg.description)}`)
    for (const flag of leaf.flags) lines.push(`  flag ${flag.name}${note(flag.description)}`)
    for (const group of leaf.exclusive) lines.push(`  at most one of ${group.join(', ')}`)
  }
  return lines.join('\n')
}

function describeArg(arg: Arg): string {
  const words = [arg.type === 'enum' ? arg.values!.join('|') : arg.type]
  if (arg.repeatable) words.push('list')
  if (arg.positional) words.push('positional')
  if (arg.required) words.push('required')
  if (arg.default !== undefined) words.push(`default ${arg.default}`)
  if (arg.pattern !== undefined) words.push(`matches ${arg.pattern}`)
  if (arg.context !== undefined) words.push(`from context ${arg.context}`)
  return words.join(', ')
}

const note = (text: string | undefined) => (text ? ` - ${text.replace(/\s+/g, ' ').trim()}` : '')

/** The system turn of chat bases. Short: the model learns the schema from examples, and every token is paid at each question. */
export const systemText = (schema: CliSchema): string =>
  `You turn requests into ${schema.cli_name} commands. Answer with one line of JSON: {"type":"command","command","subcommand","args","flags"} or, when the request is ambiguous, incomplete or off-topic, {"type":"clarification","message","suggestions"}.`
