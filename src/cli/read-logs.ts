import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, relative, sep } from 'node:path'
import { importRows } from '../dataset/import.ts'
import { writeJsonl } from '../dataset/jsonl.ts'
import { readRows } from '../dataset/read-rows.ts'
import type { Row } from '../dataset/row.ts'
import type { RejectedRow } from '../dataset/validate.ts'
import { InputError } from '../errors.ts'
import { dataDir, schemaFile } from '../paths.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { shown } from '../text.ts'

/**
 * Adds what is new in the logs that a schema names to training/data/{name}/imported.jsonl, checked and masked as by `clitron import`; what is known
 * already is not added again, so that each run finds the logs as far as they have grown.
 * @throws InputError when a log that is named is not there, or is outside of the schema's folder
 */
export async function readLogs(name: string, { family, schema }: { family: TaskFamily; schema: unknown }, say: (line: string) => void): Promise<void> {
  const named = family.logs?.(schema) ?? []
  if (named.length === 0) return
  const target = dataDir(name, 'imported.jsonl')
  const existing = existsSync(target) ? await readRows(target) : []
  const accepted: Row[] = []
  const rejected: RejectedRow[] = []
  let known = 0
  let masked = 0
  const files = named.flatMap((path) => filesOf(name, path))
  for (const file of files) {
    const read = await importRows({ family, schema, file, existing: [...existing, ...accepted] })
    accepted.push(...read.accepted)
    rejected.push(...read.rejected)
    known += read.duplicates
    masked += Object.values(read.masked).reduce((sum, count) => sum + count, 0)
  }
  await mkdir(dataDir(name), { recursive: true })
  if (accepted.length > 0) await writeJsonl(target, [...existing, ...accepted])
  const rejectedFile = dataDir(name, 'logs.rejected.jsonl')
  if (rejected.length > 0) await writeJsonl(rejectedFile, rejected)
  else await rm(rejectedFile, { force: true })
  say(`The logs of ${name} (${files.length} files): ${accepted.length} rows are new and right, ${known} were there already, ${rejected.length} were rejected${rejected.length > 0 ? ` (all with their reasons: ${relative(process.cwd(), rejectedFile)})` : ''}${masked > 0 ? `; ${masked} secrets and personal data were replaced by made-up values` : ''}.`)
}

/** A log, or those of a folder in the order of their names. */
function filesOf(name: string, path: string): string[] {
  const fail = (why: string) => new InputError(`schemas/${name}.yaml: sources.logs: expected a JSONL file or a folder of them beside the schema, found ${shown(path)}, ${why}`)
  if (isAbsolute(path) || path.includes('\0') || normalize(path).split(sep).includes('..')) throw fail('which is outside; move the logs there.')
  const place = join(dirname(schemaFile(name)), path)
  if (!existsSync(place)) throw fail('which is not there; make it, or take it out.')
  if (!statSync(place).isDirectory()) return [place]
  return readdirSync(place).filter((file) => file.endsWith('.jsonl')).sort().map((file) => join(place, file))
}
