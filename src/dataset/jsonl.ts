import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { InputError } from '../errors.ts'
import { jsonErrorOffset } from './json-error.ts'

/** Longest line that is read, in bytes. */
export const maxLineBytes = 10 * 1024 * 1024

export interface JsonlRecord {
  /** 1-based. */
  line: number
  value: Record<string, unknown>
}

export interface ReadJsonlOptions {
  /** Called for a line that cannot be read, which is then skipped; without it the first such line throws. `text` is the line's beginning. */
  onBadLine?: (error: InputError, line: number, text: string) => void
  /** Name of the file in messages, where its path would say too much. */
  shownAs?: string
  signal?: AbortSignal | undefined
}

/**
 * Reads one JSON object a line, streaming. Takes a byte-order mark, CRLF, blank lines and a missing last newline.
 * @throws InputError "file:line:column: …" for invalid UTF-8 or JSON, lone surrogates, lines over 10 MB and values that are no object
 */
export async function* readJsonl(file: string, { onBadLine, shownAs = file, signal }: ReadJsonlOptions = {}): AsyncGenerator<JsonlRecord> {
  for await (const { line, bytes } of lines(file, signal)) {
    let text = ''
    try {
      if (bytes === undefined) throw new InputError(`${shownAs}:${line}:1: a line may be at most 10 MB long; split this record or shorten it.`)
      text = decode(bytes, shownAs, line)
      if (text.trim() === '') continue
      yield { line, value: parseRecord(text, shownAs, line) }
    } catch (error) {
      if (!(error instanceof InputError) || onBadLine === undefined) throw error
      onBadLine(error, line, text.slice(0, 2000))
    }
  }
}

/** Lines as bytes, without line ends; `undefined` for one that is too long. */
async function* lines(file: string, signal?: AbortSignal): AsyncGenerator<{ line: number; bytes: Buffer | undefined }> {
  let line = 1
  let parts: Buffer[] = []
  let length = 0
  let tooLong = false
  const finish = () => {
    let bytes: Buffer | undefined = tooLong ? undefined : parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    if (line === 1 && bytes && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3)
    if (bytes && bytes[bytes.length - 1] === 0x0d) bytes = bytes.subarray(0, -1)
    parts = []
    length = 0
    tooLong = false
    return { line: line++, bytes }
  }
  const add = (piece: Buffer) => {
    length += piece.length
    if (length > maxLineBytes) {
      tooLong = true
      parts = []
    } else if (!tooLong) parts.push(piece)
  }
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18, ...(signal && { signal }) })) {
      let from = 0
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        add(chunk.subarray(from, at))
        yield finish()
        from = at + 1
      }
      if (from < chunk.length) add(chunk.subarray(from))
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') throw new InputError(`${file}: there is no such file; check the path.`)
    if (code === 'EISDIR') throw new InputError(`${file}: expected a JSONL file, found a folder.`)
    if (code === 'EACCES') throw new InputError(`${file}: this file may not be read; check its permissions.`)
    throw error
  }
  if (length > 0) yield finish()
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(bytes: Buffer, file: string, line: number): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new InputError(`${file}:${line}:1: expected UTF-8 text, found bytes of another encoding; save the file as UTF-8.`)
  }
}

/** @throws InputError with file, line and column */
export function parseRecord(text: string, file: string, line: number): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const at = jsonErrorOffset(text)
    const found = at >= text.length ? 'the end of the line' : JSON.stringify(text.slice(at, at + 20))
    throw new InputError(`${file}:${line}:${at + 1}: expected one JSON object a line; it stops being JSON at ${found}.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const kind = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`
    throw new InputError(`${file}:${line}:1: expected a JSON object like {"instruction": …, "output": …}, found ${kind}.`)
  }
  // Only an escape can bring half a surrogate pair: decoding refuses it in bytes.
  const surrogate = /\\u[dD][89a-fA-F]/.exec(text)
  if (surrogate && !wellFormed(value)) {
    throw new InputError(`${file}:${line}:${surrogate.index + 1}: found half of a surrogate pair (\\ud800 to \\udfff alone), which is not text; remove it.`)
  }
  return value as Record<string, unknown>
}

/** No string in it, key or value, has a lone surrogate. */
export function wellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (Array.isArray(value)) return value.every(wellFormed)
  if (typeof value === 'object' && value !== null) return Object.entries(value).every(([key, item]) => key.isWellFormed() && wellFormed(item))
  return true
}

export interface WrittenFile {
  rows: number
  bytes: number
  sha256: string
}

/** Writes text pieces beside the final name, syncs, renames: a reader sees the old file or the whole new one. */
export async function writeAtomic(file: string, pieces: Iterable<string>): Promise<WrittenFile> {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`)
  const hash = createHash('sha256')
  let rows = 0
  let bytes = 0
  try {
    const handle = await open(temporary, 'w')
    try {
      let buffered: string[] = []
      let characters = 0
      const flush = async () => {
        const data = Buffer.from(buffered.join(''), 'utf8')
        buffered = []
        characters = 0
        hash.update(data)
        bytes += data.length
        await handle.writeFile(data)
      }
      for (const piece of pieces) {
        buffered.push(piece)
        rows++
        characters += piece.length
        if (characters > 1 << 20) await flush()
      }
      await flush()
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  // The rename itself is durable only once the folder is synced.
  const folder = await open(dirname(file), 'r')
  await folder.sync().catch(() => {})
  await folder.close()
  return { rows, bytes, sha256: hash.digest('hex') }
}

/** One JSON object a line, atomically. */
export function writeJsonl(file: string, records: Iterable<unknown>): Promise<WrittenFile> {
  return writeAtomic(file, (function* () {
    for (const record of records) yield `${JSON.stringify(record)}\n`
  })())
}
