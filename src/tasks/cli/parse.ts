import { shown } from '../../text.ts'
import type { SchemaSource } from '../family.ts'
import { alsoInAugmentation } from '../augment/section.ts'
import { alsoInGates } from '../gates.ts'
import { failShape } from '../yaml-mistakes.ts'
import { readYaml } from '../yaml-source.ts'
import { semanticMistakes } from './parse-rules.ts'
import { Arg, CliSchema, Command, ContextField, Flag, Gates, Subcommand } from './schema.ts'

/**
 * Reads a schema of kind `cli`.
 * @throws InputError with every mistake (ten at most), one a line: `schemas/gh.yaml:12:9: expected …, found …; do …`
 */
export function parse(source: SchemaSource): CliSchema {
  const yaml = readYaml(source)
  if (yaml.value === null || typeof yaml.value !== 'object' || Array.isArray(yaml.value)) {
    return yaml.fail([{ offset: 0, message: `expected a map with the keys "cli_name" and "commands", found ${typeof yaml.value === 'string' ? 'a text' : shown(yaml.value)}; see schemas/gh.yaml.` }])
  }
  const checked = CliSchema.safeParse(yaml.value)
  if (!checked.success) return failShape(yaml, checked.error, alsoInGates(Gates, alsoInAugmentation(keysAt)))
  const mistakes = semanticMistakes(checked.data, yaml)
  if (mistakes.length) yaml.fail(mistakes)
  return checked.data
}

/** Keys that may stand where an unknown one was found. */
function keysAt(path: readonly PropertyKey[]): string[] {
  const [top] = path
  const list = path.findLast((segment) => typeof segment === 'string')
  const shape = top === 'context' ? ContextField : list === 'args' ? Arg : list === 'flags' ? Flag : list === 'subcommands' ? Subcommand : list === 'commands' ? Command : CliSchema
  return Object.keys(shape.shape)
}
