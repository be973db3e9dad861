import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** What to do about a file that may not be read or written; undefined for every other error. */
export function permissionProblem(error: unknown): string | undefined {
  const { code, path, dest, syscall } = error as NodeJS.ErrnoException & { dest?: string }
  if (!path || !['EACCES', 'EPERM', 'EROFS'].includes(code ?? '') || syscall?.startsWith('spawn')) return undefined
  const file = resolve(dest ?? path)
  let folder = dirname(file)
  while (!existsSync(folder)) folder = dirname(folder)
  const [why, mended] = code === 'EROFS' ? ['stands on a read-only file system', 'Make it writable'] : ['is not yours to read or write', `Make ${folder} your own (sudo chown -R "$(id -un)" ${JSON.stringify(folder)})`]
  return `${file} ${why} (${code}). ${mended}, or run the command in a folder of your own; CLITRON_HOME, CLITRON_STORE and CLITRON_CACHE name other places for what Clitron keeps.`
}
