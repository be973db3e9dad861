import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Hooks } from '../../../dataset/hooks.ts'
import { breathe } from '../../../dataset/hooks.ts'
import { jsonEntries } from '../../../dataset/json-entries.ts'
import { InputError } from '../../../errors.ts'
import { isBatch, mailsIn, readBatch, type Batch, type Mail } from '../batch.ts'
import { readable, sanitized } from '../clean.ts'
import { batchIn } from '../question.ts'
import type { AnalysisSchema } from '../schema.ts'
import { rendered } from '../user-text.ts'
import { readAnalysis, type FoundAnalysis } from './analyses.ts'
import { numberOf } from './matching.ts'

/** A batch as far as it is kept: what a model would read of it, and figures. Nothing of it but its name is personal. */
export interface BatchRecord {
  /** Where it lies. */
  path: string
  file: string
  /** What it calls itself. */
  id: string | undefined
  /** The number of that, or of its file's name. */
  number: number | undefined
  text: string
  /** Does `text` have all mails in full? */
  whole: boolean
  mails: number
  gaps: string[]
}

/** A file or an entry that cannot be read; the others are. */
export interface Unreadable { file: string; message: string }

const largest = 16e6

/** The batches of a folder, and the file of analyses that lies among them. @throws InputError when the folder cannot be read, holds no JSON or several files of analyses */
export async function filesIn(folder: string, analysis: string | undefined): Promise<{ batches: string[]; analyses: string | undefined }> {
  const names = await readdir(folder).catch(() => {
    throw new InputError(`${folder} cannot be read; --data takes a folder of batch files (JSON).`)
  })
  const batches: string[] = []
  const analyses: string[] = []
  for (const name of names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))) {
    const path = join(folder, name)
    if (analysis !== undefined && resolve(path) === resolve(analysis)) continue
    if (await isAnalyses(path)) analyses.push(path)
    else if (/\.json$/i.test(name)) batches.push(path)
  }
  if (batches.length === 0) throw new InputError(`${folder} holds no batch files; expected *.json with {"emails": […]}, one a batch.`)
  if (analysis === undefined && analyses.length > 1) throw new InputError(`${folder} holds ${analyses.length} files of analyses (${analyses.slice(0, 3).map((path) => basename(path)).join(', ')}); name one with --analysis.`)
  return { batches, analyses: analysis ?? analyses[0] }
}

/** Larger files that are called analyses are so without a look. */
const looked = 1e6

/** Is it called analyses ("analysis_results.json", "claude-analyses.jsonl"), and is it no batch? */
async function isAnalyses(path: string): Promise<boolean> {
  if (!/(?<![a-z])analys[ei]s(?![a-z]).*\.(?:jsonl?|ndjson)$/i.test(basename(path))) return false
  const { size } = await stat(path)
  if (size > looked) return true
  return readFile(path, 'utf8').then((text) => !isBatch(JSON.parse(text)), () => true).catch(() => true)
}

/** @throws InputError where it cannot be read or is no batch */
async function batchOf(path: string): Promise<{ batch: Batch; value: unknown }> {
  const about = await stat(path)
  if (!about.isFile()) throw new InputError(`${path}: expected a file with a batch, found ${about.isDirectory() ? 'a folder' : 'something else'}.`)
  if (about.size > largest) throw new InputError(`${path}: ${(about.size / 1e6).toFixed(1)} MB, at most ${largest / 1e6} MB are read as one batch.`)
  const value = batchIn(path, (await readFile(path, 'utf8')).replace(/^\ufeff/, ''))
  if (!mailsIn(value)) throw new InputError(`${path}:1:1: expected {"emails": […]}, found no list of mails.`)
  return { batch: readBatch(value), value }
}

const unlimited = new WeakMap<AnalysisSchema, AnalysisSchema>()

/** All mails as a model would read them if nothing limited it. */
function renderedWhole(schema: AnalysisSchema, batch: Batch): string {
  const found = unlimited.get(schema) ?? { ...schema, mail: { ...schema.mail, mails: Infinity, longest: Infinity } }
  unlimited.set(schema, found)
  return rendered(found, batch)
}

/** Why something cannot be read. What nobody foresaw is a reason, too: no file may end the inspection. */
const reason = (error: unknown, where: string): string => (error instanceof InputError ? error.message : `${where}: expected a batch of mails or an analysis, found what cannot be read (${error instanceof Error ? error.message : String(error)}); it is left out.`)

/** Reads the batches one after the other; `visit` sees a batch's mails only while it is read. */
export async function eachBatch(schema: AnalysisSchema, files: readonly string[], hooks: Hooks, visit: (record: BatchRecord, mails: readonly Mail[], value: unknown) => void, onUnreadable: (problem: Unreadable) => void): Promise<void> {
  for (const [index, path] of files.entries()) {
    if (index % 64 === 0) {
      hooks.onProgress?.({ message: 'reading batches', step: index, steps: files.length })
      await breathe(hooks)
    }
    const file = basename(path)
    try {
      const { batch, value } = await batchOf(path)
      const all = renderedWhole(schema, batch)
      const fits = batch.mails.length <= schema.mail.mails && all.length <= schema.mail.longest
      const number = numberOf(batch.id ?? '') ?? numberOf(file)
      visit({ path, file, id: batch.id, number: number === undefined ? undefined : Number(number), text: fits ? all : rendered(schema, batch), whole: fits, mails: batch.mails.length, gaps: batch.gaps }, batch.mails, value)
    } catch (error) {
      onUnreadable({ file, message: sanitized(schema, reason(error, path)) })
    }
  }
  hooks.onProgress?.({ message: 'reading batches', step: files.length, steps: files.length })
}

/** What objects in objects of a mail are looked at. */
const deepest = 6

/** Every text of a mail, whatever its field, markup cut. */
const textsIn = (value: unknown, depth = 0): string[] =>
  typeof value === 'string' ? [readable(value)] : typeof value === 'number' ? [String(value)] : typeof value === 'object' && value !== null && depth < deepest ? Object.values(value).flatMap((each) => textsIn(each, depth + 1)) : []

/** The mails of a batch again, all of them: as they would be read, and everything that stands in them, personal data too. */
export async function mailsAgain(schema: AnalysisSchema, { path }: BatchRecord): Promise<{ read: string; written: string }> {
  const { batch, value } = await batchOf(path)
  return { read: renderedWhole(schema, batch), written: mailsIn(value)!.flatMap((mail) => textsIn(mail)).join('\n') }
}

/** Reads a file of analyses as a stream. @throws InputError when it cannot be read or holds none */
export async function eachAnalysis(schema: AnalysisSchema, file: string, hooks: Hooks, visit: (analysis: FoundAnalysis) => Promise<void>, onUnreadable: (problem: Unreadable) => void): Promise<void> {
  const about = await stat(file).catch(() => undefined)
  if (!about?.isFile()) throw new InputError(`${file} cannot be read; --analysis takes a JSON file with a list of analyses.`)
  let read = 0
  let entries = 0
  const leaveOut = (message: string) => onUnreadable({ file: basename(file), message: sanitized(schema, message) })
  for await (const { line, key, value, problem } of jsonEntries(file, (bytes) => (read += bytes))) {
    if (entries++ % 256 === 0) {
      hooks.onProgress?.({ message: 'reading analyses', step: Math.round(read / 1e5), steps: Math.round(about.size / 1e5) })
      await breathe(hooks)
    }
    if (problem) {
      leaveOut(`${file}:${problem.line}: ${problem.message}; entry ${entries} is left out.`)
      continue
    }
    try {
      const found = readAnalysis(schema, value, line, key)
      if (key !== undefined && found.parts.size === 0) leaveOut(`${file}:${line}: expected an analysis with its state, priority, summary, entities or actions, found none of them under ${JSON.stringify(key.slice(0, 60))}; it is left out.`)
      else await visit(found)
    } catch (error) {
      leaveOut(reason(error, `${file}:${line}`))
    }
  }
  if (entries === 0) throw new InputError(`${file}:1:1: expected a list of analyses, an object with one or with analyses by batch, or JSON Lines, found none.`)
}
