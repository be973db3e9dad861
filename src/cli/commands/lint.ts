import { existsSync } from 'node:fs'
import { lintGolden } from '../../dataset/lint.ts'
import { ExitCode } from '../../errors.ts'
import { dataDir, schemaFile } from '../../paths.ts'
import { print, printJson, yellow } from '../print.ts'
import { readSchema } from '../schema.ts'
import { goldenProblem } from '../golden-problem.ts'

/** Checks a schema and, by it, its golden set. */
export async function lint(name: string, { json }: { json?: boolean }): Promise<void> {
  const { family, schema } = await readSchema(name)
  const notes = family.notes?.(schema) ?? []
  const golden = schemaFile(name).replace(/\.yaml$/, '.golden.jsonl')
  const train = dataDir(name, 'train.jsonl')
  const found = existsSync(golden) ? await lintGolden({ family, schema, file: golden, training: existsSync(train) ? [train] : [] }) : undefined
  if (found?.problems.length) process.exitCode = ExitCode.usage
  if (json) return printJson({ name, ...(notes.length > 0 && { notes }), golden: found ?? null })
  print(`schemas/${name}.yaml is right.`)
  for (const each of notes) print(yellow(each))
  if (!found) return print("There is no golden set; without one the score is measured only on the teacher's own words.")
  for (const { line, message } of found.problems) print(goldenProblem(`schemas/${name}.golden.jsonl`, line, message))
  for (const { line, message } of found.warnings) print(yellow(`schemas/${name}.golden.jsonl:${line}: ${message}`))
  print(`${found.rows} golden rows, ${found.problems.length} problems, ${found.warnings.length} warnings.`)
}
