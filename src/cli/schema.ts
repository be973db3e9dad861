import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { InputError } from '../errors.ts'
import { checkName, schemaFile } from '../paths.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { loadSchema } from '../tasks/index.ts'
import { didYouMean } from '../text.ts'

/** The names in schemas/ of the current folder. */
export function schemaNames(): string[] {
  if (!existsSync('schemas')) return []
  return readdirSync('schemas').filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length)).sort()
}

/** @throws InputError when there is none of that name, or when it is not right */
export async function readSchema(name: string): Promise<{ family: TaskFamily; schema: unknown; text: string }> {
  const file = schemaFile(checkName(name))
  const text = await readFile(file, 'utf8').catch(() => {
    const names = schemaNames()
    throw new InputError(`There is no schemas/${name}.yaml in this folder${didYouMean(name, names) || '.'} ${names.length ? `Those there are: ${names.join(', ')}.` : 'There is no schema here at all.'} Begin one with \`clitron init ${name}\`.`)
  })
  return { ...loadSchema({ name, file: `schemas/${name}.yaml`, text }), text }
}
