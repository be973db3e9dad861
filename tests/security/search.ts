import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Looks through every file under `folder` (of those whose path matches) for planted secrets: "name in path" for each that is there. */
export function leaks(folder: string, secrets: Record<string, string | Buffer>, files = /./): string[] {
  const found: string[] = []
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name))
    if (!entry.isFile() || !files.test(path)) continue
    const content = readFileSync(join(folder, path))
    for (const [name, secret] of Object.entries(secrets)) if (content.includes(secret)) found.push(`${name} in ${path}`)
  }
  return found.sort()
}

/** What the server keeps of a folder's runs. */
export const histories = /(^|\/)temporal\.db/
