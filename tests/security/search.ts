import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Looks through every file under `folder` (of those whose path matches) for planted secrets: "name in path" for each that is there. */
export function leaks(folder: string, secrets: Record<string, string | Buffer>, files = /./): string[] {
  const found: string[] = []
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name))
    if (!entry.isFile() || !files.test(path)) continue
    const content = readIfThere(join(folder, path))
    if (content === undefined) continue
    for (const [name, secret] of Object.entries(secrets)) if (content.includes(secret)) found.push(`${name} in ${path}`)
  }
  return found.sort()
}

/** A file that went away since it was listed (a database's journal, of a server that works) holds nothing. */
function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** What the server keeps of a folder's runs. */
export const histories = /(^|\/)temporal\.db/
