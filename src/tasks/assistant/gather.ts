import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync, realpathSync, type Stats } from 'node:fs'
import { isAbsolute, join, normalize, sep } from 'node:path'
import { TextDecoder } from 'node:util'
import { shown } from '../../text.ts'
import type { SchemaSource } from '../family.ts'
import { maxSchemaBytes } from '../schema-size.ts'
import { readYaml } from '../yaml-source.ts'
import { cutters, endingOf } from './cut.ts'
import type { AssistantYaml } from './schema.ts'

const mostFiles = 1_000
/** So many of those beyond are named, the rest of them counted. */
const mostNamed = 100

/**
 * The schema with the documents of its folder written into it: a worker elsewhere and a model on its own need nothing beside it. Files that are
 * no UTF-8 or too large, or beyond the thousandth, are left out and named under `left_out`; links are not followed, and nothing outside of the folder is read.
 * @param folder where the schema's file stands
 * @throws InputError when there is no such folder, or no text in it
 */
export function gather(source: SchemaSource, folder: string): string {
  const yaml = readYaml(source)
  const value = yaml.value as { sources?: { folder?: unknown }; documents?: unknown } | null
  const named = value?.sources?.folder
  // What is not right otherwise, `parse` says better.
  if (typeof named !== 'string' || value?.documents !== undefined) return source.text
  const at = yaml.offset(['sources', 'folder'])
  const fail = (message: string): never => yaml.fail([{ offset: at, message }])
  if (isAbsolute(named) || named.includes('\0') || normalize(named).split(sep).includes('..')) return fail(`expected a folder beside the schema or in one, found ${shown(named)}; move the documents there.`)
  const root = join(folder, named)
  const about = aboutFolder(root)
  if (!about) return fail(`expected a folder of documents, found no ${shown(named)} beside the schema; make it, or name another.`)
  if (!about.isDirectory()) return fail(`expected a folder of documents, found that ${shown(named)} is none; name the folder it stands in.`)
  // A link on the way to it, or one with a slash behind it, has been followed.
  if (realpathSync(root) !== join(realpathSync(folder), normalize(named)).replace(/[\\/]+$/, '')) return fail(`expected a folder beside the schema or in one, found a link in ${shown(named)}; move the documents there.`)

  const documents: { file: string; text: string }[] = []
  const leftOut: NonNullable<AssistantYaml['left_out']> = []
  let bytes = Buffer.byteLength(source.text)
  const files = filesUnder(root)
  for (const file of files.slice(0, mostFiles)) {
    const read = readText(join(root, file))
    if (typeof read !== 'string') leftOut.push({ file, why: read.why })
    else if (read.trim() === '') leftOut.push({ file, why: 'it holds no text' })
    else {
      documents.push({ file, text: read })
      bytes += Buffer.byteLength(JSON.stringify(read)) + file.length + 24
    }
  }
  leftOut.push(...beyond(files.slice(mostFiles)))
  if (documents.length === 0) return fail(`expected documents with text (${Object.keys(cutters).map((ending) => `.${ending}`).join(', ')}), found ${leftOut.length ? `${leftOut.length} without: ${leftOut.slice(0, 3).map(({ file, why }) => `${file} (${why})`).join(', ')}` : 'none'} in ${shown(named)}; put some there.`)
  if (bytes > maxSchemaBytes) return fail(`expected documents of at most 1 MB together with the schema, found ${(bytes / 1e6).toFixed(1)} MB in ${shown(named)}; choose fewer of them.`)
  const lines = documents.map((document) => `  - ${JSON.stringify(document)}`)
  const without = leftOut.map((each) => `  - ${JSON.stringify(each)}`)
  return `${source.text.replace(/\n*$/, '\n')}documents:\n${lines.join('\n')}\n${without.length ? `left_out:\n${without.join('\n')}\n` : ''}`
}

function beyond(files: readonly string[]): NonNullable<AssistantYaml['left_out']> {
  const behind = files.length - mostNamed
  return files.slice(0, mostNamed).map((file, at) => ({ file, why: `at most ${mostFiles.toLocaleString('en')} documents are read`, ...(at === mostNamed - 1 && behind > 0 && { behind }) }))
}

/** What is there; undefined for nothing, and for a name that nothing can have. */
function aboutFolder(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** Paths of the files that can be read, with slashes, in the order of their names. */
function filesUnder(root: string): string[] {
  const found: string[] = []
  const enter = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder ? `${folder}/${entry.name}` : entry.name
      if (entry.name.startsWith('.')) continue
      if (entry.isDirectory()) enter(path)
      else if (entry.isFile() && Object.hasOwn(cutters, endingOf(entry.name))) found.push(path)
    }
  }
  enter('')
  return found
}

function readText(path: string): string | { why: string } {
  try {
    const { size } = lstatSync(path)
    if (size > maxSchemaBytes) return { why: `it is ${(size / 1e6).toFixed(1)} MB, at most 1 MB is read` }
    if (size > 0 && firstBytes(path).includes(0)) return { why: 'it is no text' }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
    return /[\uFFFD]/.test(text) ? { why: 'it is not UTF-8' } : text
  } catch (error) {
    return { why: error instanceof TypeError ? 'it is not UTF-8' : `it cannot be read (${(error as NodeJS.ErrnoException).code})` }
  }
}

function firstBytes(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(4_096)
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, 0))
  } finally {
    closeSync(file)
  }
}
