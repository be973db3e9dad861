import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { InputError } from '../../errors.ts'
import { inspectionPage } from '../../evaluation/inspection-page.ts'
import { dataDir } from '../../paths.ts'
import { writeAtomically } from '../../store/atomic.ts'
import { visible } from '../../text.ts'
import { bold, dim, note, print, printExactly, printJson, yellow } from '../print.ts'
import { readSchema } from '../schema.ts'

interface Options {
  data: string
  analysis?: string
  json?: boolean
}

/** So many reasons stand on the screen; all counted ones stand in the report. */
const shownReasons = 5

/** Finds out what people's own files hold and writes it, figures and a page, under training/data. */
export async function inspectData(name: string, { data, analysis, json }: Options): Promise<void> {
  const { family, schema } = await readSchema(name)
  if (!family.inspectFolder) throw new InputError(`inspect --data is for kinds of task that are made of files, such as analysis; ${name} is of the kind ${family.kind}. \`clitron inspect ${name}\` shows its dataset.`)
  const found = await family.inspectFolder(schema, { folder: data, analysis }, { onProgress: progress() })
  const documents = Object.entries(found.documents).map(([file, document]) => ({ path: dataDir(name, 'inspect', `${file}.json`), text: `${JSON.stringify(document, null, 2)}\n` }))
  const page = dataDir(name, 'inspect', `${found.page.name}.html`)
  for (const { path, text } of documents) await writeAtomically(path, text)
  await writeAtomically(page, inspectionPage(name, found))
  const files = [...documents.map(({ path }) => path), page].map((path) => relative(process.cwd(), path))
  if (json) return printJson({ name, title: found.title, files, unreadable: found.unreadable.length, reasons: found.unreadable.slice(0, 100), notes: found.notes })
  print(`${bold(name)}: ${found.title}`)
  for (const each of found.notes) print(yellow(each))
  if (found.unreadable.length) print(yellow(`${found.unreadable.length} files or entries could not be read; the rest was kept:`))
  for (const reason of found.unreadable.slice(0, shownReasons)) printExactly(`  ${visible(reason)}`)
  if (found.unreadable.length > shownReasons) print(dim(`  … and ${found.unreadable.length - shownReasons} more, in the report`))
  for (const file of files) printExactly(dim(file))
}

/** Writes made-up files with known truth into an empty or new folder. */
export async function makeData(name: string, { data, make, seed, json }: { data: string; make: number; seed: number; json?: boolean }): Promise<void> {
  const { family, schema } = await readSchema(name)
  if (!family.makeFolder) throw new InputError(`inspect --make is for kinds of task that are made of files, such as analysis; ${name} is of the kind ${family.kind}.`)
  if (make < 1) throw new InputError('--make takes how many batches to write, 1 or more.')
  if (existsSync(data) && (await readdir(data)).length > 0) throw new InputError(`${data} is not empty; name a new folder: nothing was written.`)
  await mkdir(data, { recursive: true })
  let files = 0
  for (const { file, content } of family.makeFolder(schema, { count: make, seed })) {
    await writeFile(join(data, file), content)
    files++
  }
  if (json) return printJson({ name, folder: data, files })
  print(`${data}: ${files} files with known truth. Next: clitron inspect ${name} --data ${data}`)
}

/** A line on stderr every few seconds. */
function progress(): (progress: { message: string; step: number; steps: number }) => void {
  let last = performance.now()
  return ({ message, step, steps }) => {
    if (performance.now() - last < 2_000) return
    last = performance.now()
    note(dim(`${message}, ${((100 * step) / Math.max(1, steps)).toFixed(0)}%`))
  }
}
