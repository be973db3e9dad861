import { mostSuggestions } from './answer.ts'
import { leaves, type Arg, type CliSchema } from './schema.ts'

/** JSON Schema of an answer as `ask` gives it, confidence included. */
export function outputSchema(schema: CliSchema): Record<string, unknown> {
  const confidence = { type: 'number', minimum: 0, maximum: 1 }
  const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({ type: 'object', properties, required, additionalProperties: false })
  const commands = leaves(schema).map(({ command, subcommand, args, flags }) =>
    object({
      type: { const: 'command' },
      command: { const: command },
      subcommand: { const: subcommand },
      args: object(Object.fromEntries(args.map((arg) => [arg.name, argSchema(arg)])), args.filter((arg) => arg.required).map((arg) => arg.name)),
      flags: { type: 'array', items: flags.length ? { enum: flags.map((flag) => flag.name) } : false, uniqueItems: true },
      confidence,
    }),
  )
  const suggestion = { type: 'object', properties: { label: { type: 'string' }, command: { type: 'string' }, subcommand: { type: ['string', 'null'] } }, required: ['label', 'command', 'subcommand'], additionalProperties: false }
  const clarification = object({ type: { const: 'clarification' }, message: { type: 'string' }, suggestions: { type: 'array', items: suggestion, maxItems: mostSuggestions }, confidence })
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', oneOf: [...commands, clarification] }
}

function argSchema(arg: Arg): Record<string, unknown> {
  const one = arg.type === 'integer' ? { type: 'integer' } : arg.type === 'enum' ? { enum: arg.values } : { type: 'string', minLength: 1, ...(arg.pattern === undefined ? {} : { pattern: arg.pattern }) }
  return arg.repeatable ? { type: 'array', items: one, minItems: 1 } : one
}
