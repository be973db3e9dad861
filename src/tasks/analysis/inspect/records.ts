import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Hooks } from '../../../dataset/hooks.ts'
import { breathe } from '../../../dataset/hooks.ts'
import { jsonEntries } from '../../../dataset/json-entries.ts'
import { InputError } from '../../../errors.ts'
import { isBatch, readBatch, type Mail } from '../batch.ts'
import { batchIn } from '../question.ts'
import type { AnalysisSchema } from '../schema.ts'
import { rendered } from '../user-text.ts'
import { readAnalysis, type FoundAnalysis } from './analyses.ts'

/** A batch as far as it is kept: what a model would read of it, and figures. Nothing of it is personal. */
export interface BatchRecord {
  key: string
  /** The first number of its name. */
  number: number | undefined
  file: string
  text: string
  mails: number
  gaps: string[]
}

/** A file or an entry that cannot be read; the others are. */
export interface Unreadable { file: string; message: string }

/** "batch_0012.json", "12" and "Batch 12" are one batch. */
export const keyOf = (name: string): string => /\d+/.exec(basename(name))?.[0].replace(/^0+(?=\d)/, '') ?? basename(name).replace(/\.json$/i, '').toLowerCase()

const largest = 16e6

/** @throws InputError when the folder cannot be read or holds no JSON */
export async function batchFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => {
    throw new InputError(`${folder} cannot be read; --data takes a folder of batch files (JSON).`)
  })
  const files = names.filter((name) => /\.json$/i.test(name) && !isAnalysisFile(name)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  if (files.length === 0) throw new InputError(`${folder} holds no batch files; expected *.json with {"emails": […]}, one a batch.`)
  return files.map((name) => join(folder, name))
}

const isAnalysisFile = (name: string) => /^analys[ei]s\b.*\.json$|_analys[ei]s\.json$/i.test(name)

/** The file of analyses that lies among the batches. */
export async function analysisFile(folder: string): Promise<string | undefined> {
  const found = (await readdir(folder)).filter(isAnalysisFile).sort()
  if (found.length > 1) throw new InputError(`${folder} holds ${found.length} files of analyses (${found.slice(0, 3).join(', ')}); name one with --analysis.`)
  return found[0] && join(folder, found[0])
}

/** Reads the batches one after the other; `visit` sees a batch's mails only while it is read. */
export async function eachBatch(schema: AnalysisSchema, files: readonly string[], hooks: Hooks, visit: (record: BatchRecord, mails: readonly Mail[], value: Record<string, unknown>) => void, onUnreadable: (problem: Unreadable) => void): Promise<void> {
  for (const [index, file] of files.entries()) {
    if (index % 64 === 0) {
      hooks.onProgress?.({ message: 'reading batches', step: index, steps: files.length })
      await breathe(hooks)
    }
    try {
      const { size } = await stat(file)
      if (size > largest) throw new InputError(`${file}: ${(size / 1e6).toFixed(1)} MB, at most ${largest / 1e6} MB are read as one batch.`)
      const value = batchIn(file, (await readFile(file, 'utf8')).replace(/^\ufeff/, ''))
      if (!isBatch(value)) throw new InputError(`${file}:1:1: expected {"emails": […]}, found no list of mails.`)
      const batch = readBatch(value)
      const key = keyOf(file)
      visit({ key, number: /^\d+$/.test(key) ? Number(key) : undefined, file: basename(file), text: rendered(schema, batch), mails: batch.mails.length, gaps: batch.gaps }, batch.mails, value)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      onUnreadable({ file: basename(file), message: error.message })
    }
  }
  hooks.onProgress?.({ message: 'reading batches', step: files.length, steps: files.length })
}

/** Reads a file of analyses as a stream. @throws InputError when it cannot be read or holds no list */
export async function eachAnalysis(schema: AnalysisSchema, file: string, hooks: Hooks, visit: (analysis: FoundAnalysis) => void, onUnreadable: (problem: Unreadable) => void): Promise<void> {
  const { size } = await stat(file).catch(() => {
    throw new InputError(`${file} cannot be read; --analysis takes a JSON file with a list of analyses.`)
  })
  let read = 0
  let entries = 0
  for await (const { line, value, problem } of jsonEntries(file, (bytes) => (read += bytes))) {
    if (entries++ % 256 === 0) {
      hooks.onProgress?.({ message: 'reading analyses', step: Math.round(read / 1e5), steps: Math.round(size / 1e5) })
      await breathe(hooks)
    }
    if (problem) onUnreadable({ file: basename(file), message: `${file}:${problem.line}: ${problem.message}; entry ${entries} is left out.` })
    else visit(readAnalysis(schema, value, line))
  }
  if (entries === 0) throw new InputError(`${file}:1:1: expected a list of analyses, or an object with one, found none.`)
}
