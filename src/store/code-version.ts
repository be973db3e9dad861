import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownFile, packageRoot } from '../paths.ts'

const sourceRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..')
/** Helpers of all stations that decide what they write: words of messages, near words, what is masked. */
const helpers = ['errors', 'package-version', 'redact', 'secret-patterns', 'text', 'thinned']
const cache = new Map<string, string>()

/**
 * Hash of the code that makes a stage's output, so that a changed program makes it again.
 * `stations` are folders under `src/` ("tasks", "dataset"), which count with the helpers they share, "trainers" for the Python side,
 * or single files ("activities/sft"): what a stage's activity asks of them, and keeps of what they say.
 */
export function codeVersion(...stations: string[]): string {
  const key = stations.join()
  const known = cache.get(key)
  if (known) return known
  const hash = createHash('sha256')
  for (const station of stations) {
    if (station.startsWith('activities/')) {
      hash.update(station).update('\0').update(readFileSync(ownFile(station)))
      continue
    }
    const root = station === 'trainers' ? join(packageRoot, 'trainers') : join(sourceRoot, station)
    for (const file of sourceFiles(root)) hash.update(relative(root, file)).update('\0').update(readFileSync(file))
  }
  if (!stations.includes('trainers')) for (const helper of helpers) hash.update(helper).update('\0').update(readFileSync(ownFile(helper)))
  const version = hash.digest('hex').slice(0, 16)
  cache.set(key, version)
  return version
}

function sourceFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js|py|lock)$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
