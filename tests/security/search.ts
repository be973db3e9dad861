import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** Looks through every file under `folder` (of those whose path matches) for planted secrets: "name in path" for each that is there. What is packed by gzip (a model's `.tgz`, a store's copy of it) is looked through unpacked, too. */
export function leaks(folder: string, secrets: Record<string, string | Buffer>, files = /./): string[] {
  const found: string[] = []
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name))
    if (!entry.isFile() || !files.test(path)) continue
    const written = readIfThere(join(folder, path))
    if (written === undefined) continue
    const content = [written, ...unpacked(path, written)]
    for (const [name, secret] of Object.entries(secrets)) if (content.some((form) => form.includes(secret))) found.push(`${name} in ${path}`)
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

function unpacked(path: string, content: Buffer): Buffer[] {
  const isNamedSo = /\.t?gz$/.test(path)
  // A store names its files by their hash.
  if (!isNamedSo && !(content[0] === 0x1f && content[1] === 0x8b)) return []
  try {
    return [gunzipSync(content)]
  } catch (error) {
    if (isNamedSo) throw new Error(`${path} cannot be unpacked, so nobody knows what is in it`, { cause: error })
    return []
  }
}

/** What the server keeps of a folder's runs. */
export const histories = /(^|\/)temporal\.db/
