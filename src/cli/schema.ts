import { existsSync, readdirSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InputError } from '../errors.ts'
import { checkName, modelDir, schemaFile } from '../paths.ts'
import { readRegistry } from '../registry/registry.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { gatherSchema, loadSchema } from '../tasks/index.ts'
import { checkSchemaSize } from '../tasks/schema-size.ts'
import { didYouMean } from '../text.ts'

/** The names in schemas/ of the current folder. */
export function schemaNames(): string[] {
  if (!existsSync('schemas')) return []
  return readdirSync('schemas').filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length)).sort()
}

/**
 * Refuses a name that stands for nothing here, before a command says that nothing is there of it.
 * A training may have versions without a schema: a worker gets its schemas through the store.
 * @throws InputError
 */
export async function checkKnown(name: string): Promise<void> {
  if (existsSync(schemaFile(name)) || existsSync(modelDir(name)) || (await readRegistry(new ArtifactStore(), name)).versions.length > 0) return
  throw missing(name)
}

function missing(name: string): InputError {
  const names = schemaNames()
  return new InputError(`There is no schemas/${name}.yaml in this folder${didYouMean(name, names) || '.'} ${names.length ? `Those there are: ${names.join(', ')}.` : 'There is no schema here at all.'} Begin one with \`clitron init ${name}\`.`)
}

/** The schema, and its text with the files it refers to in it. @throws InputError when there is none of that name, or when it is not right */
export async function readSchema(name: string): Promise<{ family: TaskFamily; schema: unknown; text: string }> {
  const file = schemaFile(checkName(name))
  const written = await readWhole(file, `schemas/${name}.yaml`).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof InputError) throw error
    throw error.code === 'ENOENT' ? missing(name) : new InputError(`schemas/${name}.yaml cannot be read (${error.code}); check what it is and its permissions.`)
  })
  const text = gatherSchema({ name, file: `schemas/${name}.yaml`, text: written }, dirname(file))
  return { ...loadSchema({ name, file: `schemas/${name}.yaml`, text }), text }
}

/** A schema may be a link to a file elsewhere; a pipe or a device would be read without end. */
async function readWhole(file: string, shownAs: string): Promise<string> {
  const about = await stat(file)
  if (!about.isFile()) throw new InputError(`${shownAs} is no file, so it cannot be read as a schema; put a YAML file there.`)
  checkSchemaSize(shownAs, about.size)
  return readFile(file, 'utf8')
}
