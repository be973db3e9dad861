import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { relative } from 'node:path'
import { importRows } from '../../dataset/import.ts'
import { writeJsonl } from '../../dataset/jsonl.ts'
import { readRows } from '../../dataset/read-rows.ts'
import { ExitCode } from '../../errors.ts'
import { dataDir } from '../../paths.ts'
import { print, printJson, yellow } from '../print.ts'
import { readSchema } from '../schema.ts'

/** Adds accepted rows to training/data/{name}/imported.jsonl; the next train uses them. The rejected go to a file beside it. */
export async function importFile(name: string, file: string, { json }: { json?: boolean }): Promise<void> {
  const { family, schema } = await readSchema(name)
  const target = dataDir(name, 'imported.jsonl')
  const existing = existsSync(target) ? await readRows(target) : []
  const { accepted, rejected, duplicates, unreviewed, masked } = await importRows({ family, schema, file, existing })
  const rejectedFile = dataDir(name, 'imported.rejected.jsonl')
  await mkdir(dataDir(name), { recursive: true })
  if (accepted.length) await writeJsonl(target, [...existing, ...accepted])
  if (rejected.length) await writeJsonl(rejectedFile, rejected)
  else await rm(rejectedFile, { force: true })
  if (rejected.length && !accepted.length && !duplicates && !unreviewed) process.exitCode = ExitCode.usage
  if (json) return printJson({ name, accepted: accepted.length, duplicates, unreviewed, rejected: rejected.map(({ line, problems }) => ({ line, problems })), masked, total: existing.length + accepted.length })
  print(`${accepted.length} rows are new and right, ${duplicates} were there already, ${rejected.length} were rejected; ${existing.length + accepted.length} imported rows in all.`)
  if (unreviewed) print(`${unreviewed} answers were not looked at: their "corrected" is empty.`)
  const kinds = Object.entries(masked)
  if (kinds.length) print(yellow(`Secrets and personal data were replaced by made-up values: ${kinds.map(([kind, count]) => `${kind} ${count}`).join(', ')}. ${file} itself still holds them.`))
  for (const { line, problems } of rejected.slice(0, 10)) print(yellow(`  ${file}:${line}: ${problems.map(({ message }) => message).join('; ')}`))
  if (rejected.length > 10) print(`  … and ${rejected.length - 10} more`)
  if (rejected.length) print(`All rejected rows with their reasons: ${relative(process.cwd(), rejectedFile)}`)
  if (accepted.length) print(`Next: clitron train ${name} (adds them to the teacher's), or clitron train ${name} --teacher import (only these).`)
}
