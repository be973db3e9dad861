import { existsSync } from 'node:fs'
import { lintGolden } from '../../dataset/lint.ts'
import { ExitCode, InputError } from '../../errors.ts'
import { dataDir, schemaFile } from '../../paths.ts'
import { programHelp } from '../../setup/program-help.ts'
import { compareWithHelp, type HelpDifference } from '../../tasks/cli/help/compare.ts'
import type { CliSchema } from '../../tasks/cli/schema.ts'
import { print, printJson, showProgress, yellow } from '../print.ts'
import { readSchema } from '../schema.ts'
import { goldenProblem } from '../golden-problem.ts'

interface Options {
  /** Against the program's own help, too. */
  installed?: boolean
  json?: boolean
}

/** Checks a schema and, by it, its golden set; if asked for, by the help of the installed program. */
export async function lint(name: string, { installed, json }: Options): Promise<void> {
  const { family, schema } = await readSchema(name)
  const notes = family.notes?.(schema) ?? []
  const golden = schemaFile(name).replace(/\.yaml$/, '.golden.jsonl')
  const train = dataDir(name, 'train.jsonl')
  const found = existsSync(golden) ? await lintGolden({ family, schema, file: golden, training: existsSync(train) ? [train] : [] }) : undefined
  const differences = installed ? await againstInstalled(name, family.kind, schema) : undefined
  if (found?.problems.length || differences?.some(({ kind }) => kind === 'not in the program')) process.exitCode = ExitCode.usage
  if (json) return printJson({ name, ...(notes.length > 0 && { notes }), golden: found ?? null, ...(differences && { installed: differences }) })
  print(`schemas/${name}.yaml is right.`)
  for (const each of notes) print(yellow(each))
  if (differences) showDifferences(differences)
  if (!found) return print("There is no golden set; without one the score is measured only on the teacher's own words.")
  for (const { line, message } of found.problems) print(goldenProblem(`schemas/${name}.golden.jsonl`, line, message))
  for (const { line, message } of found.warnings) print(yellow(`schemas/${name}.golden.jsonl:${line}: ${message}`))
  print(`${found.rows} golden rows, ${found.problems.length} problems, ${found.warnings.length} warnings.`)
}

async function againstInstalled(name: string, kind: string, schema: unknown): Promise<HelpDifference[]> {
  if (kind !== 'cli') throw new InputError(`schemas/${name}.yaml is of kind ${kind}: only a command line (kind cli) has a help to be held against.`)
  const document = schema as CliSchema
  return compareWithHelp(document, await programHelp(document.cli_name, { onProgress: process.stderr.isTTY ? showProgress : undefined }))
}

/** What a schema says and the program does not know is wrong; what only the program has is a matter of choice. */
function showDifferences(differences: HelpDifference[]): void {
  const line = ({ command, option, meant }: HelpDifference) => `  ${[command, option].filter(Boolean).join(' ')}${meant ? `: removed, or meant is ${meant}` : ''}`
  const of = (kind: HelpDifference['kind']) => differences.filter((each) => each.kind === kind)
  const [gone, more, unread] = [of('not in the program'), of('not in the schema'), of('could not be read')]
  if (gone.length > 0) print(yellow(`The installed program does not have ${gone.length} of what the schema says:`))
  for (const each of gone) print(yellow(line(each)))
  if (unread.length > 0) print(yellow(`The help of ${unread.length} commands could not be read, so that they were not compared: ${unread.map(({ command }) => command).join(', ')}.`))
  if (gone.length === 0) print(`The installed program has all that the schema says${unread.length > 0 ? ', as far as its help could be read' : ''}.`)
  for (const [option, commands] of Map.groupBy(of('perhaps of all commands'), (each) => each.option)) print(`${option}, which ${commands.length} commands of the schema have, stands in no help: perhaps every command has it.`)
  const commands = more.filter(({ option }) => option === undefined)
  if (more.length > 0) print(`It has ${commands.length} commands and ${more.length - commands.length} options that the schema leaves out${commands.length > 0 ? `; commands: ${commands.slice(0, 20).map(({ command }) => command).join(', ')}${commands.length > 20 ? ', …' : ''}` : ''}.`)
}
