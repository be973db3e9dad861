import { cpus } from 'node:os'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../src/errors.ts'
import { packageRoot } from '../src/paths.ts'
import { withLock } from '../src/process/lock.ts'
import { inspectHost } from '../src/setup/host.ts'
import { tryRun } from '../src/setup/run.ts'
import { writeAtomically } from '../src/store/atomic.ts'
import { parseJson } from '../src/store/json-file.ts'
import type { StageResult } from './conduct.ts'
import { logPage } from './log-page.ts'

/** A finished stage of an experiment: a line of log.jsonl. */
export interface Entry extends Omit<StageResult, 'key'> {
  /** Names the result: the same runs are not written down twice. */
  id: string
  /** When it was written down. */
  date: string
  /** Hash of what the experiment asks for. */
  experiment: string
  /** Of the experiment. */
  file: string
  question: string
  training: string
  seeds: number[]
  /** What was asked, in words. */
  measured_on: string
  /** Hash of the rows, where they are those of a file and hold a golden set's final half. */
  final?: string
  /** Of the code, with "with changes" where files differ from it. */
  commit: string
  host: string
  /** That all of its runs took. */
  seconds: number
}

export const logFile = (folder: string) => join(folder, 'log.jsonl')
const pageFile = (folder: string) => join(folder, 'log.md')

/** @throws InputError with the line of what is no entry */
export async function readLog(folder: string): Promise<Entry[]> {
  return entriesOf(folder, await textOf(folder))
}

/** Adds an entry to log.jsonl, and writes log.md anew from all of them; either file is the old one or the new one. @returns false where the entry was there */
export async function addEntry(folder: string, entry: Entry): Promise<boolean> {
  return withLock(join(folder, '.log.lock'), async () => {
    const text = await textOf(folder)
    const before = entriesOf(folder, text)
    const isNew = !before.some(({ id }) => id === entry.id)
    if (isNew) await writeAtomically(logFile(folder), `${text}${text && !text.endsWith('\n') ? '\n' : ''}${JSON.stringify(entry)}\n`)
    // Also when the entry was there: whoever wrote it may have been killed between the two files.
    await writeAtomically(pageFile(folder), logPage(isNew ? [...before, entry] : before))
    return isNew
  })
}

async function textOf(folder: string): Promise<string> {
  return readFile(logFile(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}

function entriesOf(folder: string, text: string): Entry[] {
  return text.split('\n').flatMap((line, index) => {
    if (!line.trim()) return []
    const entry = parseJson<Entry>(line)
    if (!entry?.id) throw new InputError(`${logFile(folder)}:${index + 1}:1: expected an entry of the log, one JSON object, found ${JSON.stringify(line.slice(0, 40))}; mend or remove the line.`)
    return [entry]
  })
}

/** The commit of the code, and what it runs on: what figures depend on beside the experiment. */
export async function circumstances(): Promise<Pick<Entry, 'commit' | 'host'>> {
  const git = (...args: string[]) => tryRun('git', ['-C', packageRoot, ...args])
  const commit = await git('rev-parse', '--short=12', 'HEAD')
  // The log itself changes with every experiment.
  const changed = await git('status', '--porcelain', '--untracked-files=no', '--', ':!lab/log.*')
  const { cores, gpu } = await inspectHost()
  const [cpu] = cpus()
  return {
    commit: commit === undefined ? 'unknown' : `${commit}${changed ? ' with changes' : ''}`,
    host: [`${process.platform} ${process.arch}`, `${cores} cores`, ...(cpu ? [cpu.model.trim()] : []), ...(gpu ? [gpu.name] : [])].join(', '),
  }
}
