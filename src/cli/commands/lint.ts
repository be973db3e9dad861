import { existsSync } from 'node:fs'
import { ExitCode } from '../../errors.ts'
import { dataDir, schemaFile } from '../../paths.ts'
import { lintGolden } from '../../dataset/lint.ts'
import { print, printJson } from '../print.ts'
import { readSchema } from '../schema.ts'

/** Checks a schema and, by it, its golden set. */
export async function lint(name: string, { json }: { json?: boolean }): Promise<void> {
  const { family, schema } = await readSchema(name)
  const golden = schemaFile(name).replace(/\.yaml$/, '.golden.jsonl')
  const train = dataDir(name, 'train.jsonl')
  const result = existsSync(golden) ? await lintGolden({ family, schema, golden, ...(existsSync(train) && { train }) }) : { rows: 0, problems: [] }
  if (result.problems.length) process.exitCode = ExitCode.usage
  if (json) return printJson({ name, ...result })
  print(`schemas/${name}.yaml is right.`)
  for (const { line, message } of result.problems) print(`schemas/${name}.golden.jsonl:${line}: ${message}`)
  print(result.rows ? `${result.rows} golden rows, ${result.problems.length} problems.` : 'There is no golden set; without one the score is measured only on the teacher\'s own words.')
}
