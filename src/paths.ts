import { homedir } from 'node:os'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputError } from './errors.ts'

/** The package's own root: the clone, or `node_modules/clitron`. Both `src/` and `dist/` stand directly under it. */
export const packageRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** A file of Clitron's own, by its path under the source without its ending: TypeScript in the clone, built JavaScript in the package. */
export function ownFile(path: string): string {
  return join(packageRoot, import.meta.url.endsWith('.ts') ? 'src' : 'dist', `${path}${extname(import.meta.url)}`)
}

/** The user's cache, shared by all clones: Temporal CLI, Python environments, llama.cpp sources. */
export function cacheDir(...parts: string[]): string {
  const base = process.env.CLITRON_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'clitron')
  return join(base, ...parts)
}

/** State of the Clitron that works in this folder: server database, artifact store, work folders, logs. */
export function stateDir(...parts: string[]): string {
  return join(process.env.CLITRON_HOME ?? join(process.cwd(), '.clitron'), ...parts)
}

const trainingName = /^[a-z0-9][a-z0-9-]{0,62}$/

/** @throws InputError unless `name` can be a training's name (it becomes a folder and a workflow id). */
export function checkName(name: string): string {
  if (!trainingName.test(name)) {
    throw new InputError(`A training's name is lower-case letters, digits and dashes (at most 63, like "gh" or "my-cli"); found ${JSON.stringify(name.slice(0, 80))}.`)
  }
  return name
}

/** training/data/{name}/… under the current folder. */
export const dataDir = (name: string, ...parts: string[]) => join(process.cwd(), 'training', 'data', checkName(name), ...parts)
/** training/models/{name}/… under the current folder. */
export const modelDir = (name: string, ...parts: string[]) => join(process.cwd(), 'training', 'models', checkName(name), ...parts)
/** schemas/{name}.yaml under the current folder. */
export const schemaFile = (name: string) => join(process.cwd(), 'schemas', `${checkName(name)}.yaml`)
