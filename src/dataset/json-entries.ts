import { createReadStream } from 'node:fs'
import { jsonErrorOffset } from './json-error.ts'

export interface JsonEntry {
  /** 1-based line where the entry begins. */
  line: number
  value?: unknown
  /** Why it is no JSON, and in which line it stops to be; the entries after it are read all the same. */
  problem?: { line: number; message: string }
}

/** One entry larger than this is refused, in characters. */
const longestEntry = 32_000_000

/**
 * The objects of a JSON list, one at a time: of the file's own list, or of the first one under a key of it. Only one entry is in memory.
 * A broken entry does not end the file, as it would a parser of the whole: the next line that begins like an entry begins one.
 */
export async function* jsonEntries(file: string, onBytes: (bytes: number) => void = () => {}): AsyncGenerator<JsonEntry> {
  const reader = new EntryReader()
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 18 }) as AsyncIterable<string>) {
    onBytes(Buffer.byteLength(chunk))
    yield* reader.read(chunk)
  }
  yield* reader.end()
}

/** Cuts a stream of text into the entries of its list by counting brackets outside of strings. */
export class EntryReader {
  #depth = 0
  #line = 1
  #inString = false
  #escaped = false
  /** Depth at which the list's entries stand; undefined before a list was found. */
  #listDepth: number | undefined
  #listOpen = false
  #found = 0
  /** White space since the line began; undefined once something else stands in it. */
  #indent: string | undefined = ''
  /** What stands before an entry in its line. */
  #entryIndent: string | undefined
  #entry: { line: number; parts: string[]; size: number } | undefined

  *read(chunk: string): Generator<JsonEntry> {
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const sign = chunk[at]!
      if (sign === '\n') {
        this.#line++
        this.#indent = ''
        // JSON has no line feed in a string: this one was never closed.
        this.#inString = false
        continue
      }
      const indent = this.#indent
      if (indent !== undefined) this.#indent = sign === ' ' || sign === '\t' || sign === '\r' ? indent + sign : undefined
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (sign === '\\') this.#escaped = true
        else if (sign === '"') this.#inString = false
      } else if (sign === '"') this.#inString = true
      else if (sign === '{' || sign === '[') {
        const likeAnEntry = indent !== undefined && indent === this.#entryIndent
        const begins = this.#entry === undefined && ((this.#listOpen && this.#depth === this.#listDepth) || likeAnEntry)
        if (sign === '{' && (begins || (this.#entry && likeAnEntry))) {
          if (this.#entry) yield this.#close(chunk.slice(from, at))
          from = at
          this.#entry = { line: this.#line, parts: [], size: 0 }
          if (indent !== undefined) this.#entryIndent = indent
          this.#depth = this.#listDepth!
          this.#listOpen = true
        } else if (sign === '[' && this.#listDepth === undefined && this.#depth <= 1) {
          this.#listDepth = this.#depth + 1
          this.#listOpen = true
        }
        this.#depth++
      } else if (sign === '}' || sign === ']') {
        // Of a list without objects nothing was read: another one may follow.
        if (!this.#entry && this.#listOpen && this.#depth === this.#listDepth) {
          if (sign === '}') continue
          this.#listOpen = false
          if (this.#found === 0) this.#listDepth = undefined
        }
        this.#depth--
        if (this.#entry && this.#depth === this.#listDepth) {
          yield this.#close(chunk.slice(from, at + 1))
          from = at + 1
        }
      }
    }
    if (this.#entry) {
      this.#entry.parts.push(chunk.slice(from))
      this.#entry.size += chunk.length - from
      if (this.#entry.size > longestEntry) yield this.#close('')
    }
  }

  *end(): Generator<JsonEntry> {
    if (this.#entry) yield this.#close('')
  }

  #close(rest: string): JsonEntry {
    const { line, parts } = this.#entry!
    this.#entry = undefined
    this.#found++
    const text = [...parts, rest].join('').replace(/[\s,]+$/, '')
    try {
      return { line, value: JSON.parse(text) as unknown }
    } catch {
      const before = text.slice(0, jsonErrorOffset(text)).split('\n')
      return { line, problem: { line: line + before.length - 1, message: `the entry stops being JSON after ${JSON.stringify(before.at(-1)!.trimStart().slice(-40))}` } }
    }
  }
}
