import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { readRows } from '../../dataset/read-rows.ts'
import { trainingRow } from '../../dataset/training-rows.ts'
import { InputError } from '../../errors.ts'
import { dataDir } from '../../paths.ts'
import { visible } from '../../text.ts'
import { thinned } from '../../thinned.ts'
import { bold, dim, print, printExactly, printJson } from '../print.ts'
import { readSchema } from '../schema.ts'

/** Shows what the data looks like: counts, and rows as the trainer sees them. */
export async function inspect(name: string, { rows: count, json }: { rows: number; json?: boolean }): Promise<void> {
  const { family, schema } = await readSchema(name)
  const file = dataDir(name, 'train.jsonl')
  if (!existsSync(file)) throw new InputError(`There is no dataset of ${name} yet: \`clitron generate ${name}\` makes it.`)
  const statistics = JSON.parse(await readFile(dataDir(name, 'dataset.json'), 'utf8')) as Record<string, unknown>
  const all = await readRows(file)
  // Spread over the file, which is ordered by what it covers.
  const shown = thinned(all, count)
  if (json) return printJson({ name, statistics, rows: shown.map((row) => ({ row, trainer: trainingRow(family, schema, row) })) })
  print(`${bold(name)}: ${all.length} training rows; counts and coverage: ${dataDir(name, 'DATASET.md')}\n`)
  for (const row of shown) {
    const { text, completion, copied } = trainingRow(family, schema, row)
    printExactly(bold(visible(text.replaceAll('\n', ' ⏎ '))))
    printExactly(`  ${visible(completion)}`)
    printExactly(dim(`  ${Object.values(row.slice ?? {}).join(', ')}${copied.length ? `; copied: ${visible(copied.map(({ value }) => value).join(', '))}` : ''}\n`))
  }
}
