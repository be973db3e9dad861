import { InputError } from '../errors.ts'
import { didYouMean, shown } from '../text.ts'
import { analysis } from './analysis/index.ts'
import { assistant } from './assistant/index.ts'
import { cli } from './cli/index.ts'
import type { SchemaSource, TaskFamily } from './family.ts'
import { recovery } from './recovery/index.ts'
import { checkSchemaSize } from './schema-size.ts'
import { tools } from './tools/index.ts'
import { workflow } from './workflow/index.ts'

/** All kinds of task, by the `kind:` of their YAML; a file without one is a CLI schema. */
export const families: Record<string, TaskFamily> = { analysis, assistant, cli, recovery, tools, workflow }

export function family(kind: string): TaskFamily {
  if (!Object.hasOwn(families, kind)) throw new InputError(`expected a task kind (${Object.keys(families).join(', ')}), found ${shown(kind)}${didYouMean(kind, Object.keys(families)) || '; choose one.'}`)
  return families[kind]!
}

/**
 * Reads a training's YAML by its kind.
 * @throws InputError with file, line, column, what was expected, what was found, what to do
 */
export function loadSchema(source: SchemaSource): { family: TaskFamily; schema: unknown } {
  checkSchemaSize(source.file, Buffer.byteLength(source.text))
  const key = `${source.name}\0${source.file}\0${source.text}`
  const known = loaded.get(key) ?? read(source)
  // The latest few stay: a worker reads the same thousands of lines for every stage of a run.
  loaded.delete(key)
  loaded.set(key, known)
  if (loaded.size > 4) loaded.delete(loaded.keys().next().value!)
  return known
}

/**
 * A schema's text with the files it refers to in it, for those kinds that refer to any.
 * @param folder where the schema's file stands
 * @throws InputError with file, line, column
 */
export function gatherSchema(source: SchemaSource, folder: string): string {
  checkSchemaSize(source.file, Buffer.byteLength(source.text))
  const kind = kindOf(source.text)?.[1] ?? 'cli'
  return (Object.hasOwn(families, kind) ? families[kind]!.gather?.(source, folder) : undefined) ?? source.text
}

const kindOf = (text: string) => /^kind:[ \t]*["']?([\w-]+)/m.exec(text)

const loaded = new Map<string, { family: TaskFamily; schema: unknown }>()

function read(source: SchemaSource): { family: TaskFamily; schema: unknown } {
  const kind = kindOf(source.text)
  try {
    const chosen = family(kind?.[1] ?? 'cli')
    return { family: chosen, schema: chosen.parse(source) }
  } catch (error) {
    if (!(error instanceof InputError) || error.message.startsWith(source.file)) throw error
    const line = source.text.slice(0, kind?.index ?? 0).split('\n').length
    throw new InputError(`${source.file}:${line}:1: ${error.message}`)
  }
}
