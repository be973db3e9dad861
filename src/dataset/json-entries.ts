import { createReadStream } from 'node:fs'
import { jsonErrorOffset } from './json-error.ts'
import { EntryPlace, type Place } from './json-place.ts'

export interface JsonEntry {
  /** 1-based line where the entry begins. */
  line: number
  /** Under which it stands, in an object of entries. */
  key?: string
  value?: unknown
  /** Why it is no JSON, and in which line it stops to be; the entries after it are read all the same. */
  problem?: { line: number; message: string }
}

/** One entry larger than this is refused, in characters. */
const longestEntry = 32_000_000

/** A line that begins an entry is not longer before it, in characters. */
const longestBefore = 400

/**
 * The objects of a JSON file, one at a time: of its list, or of the first one under a key of it; of an object of objects, or of one under a
 * key of it; or of JSON Lines. Only one entry is in memory. A broken entry does not end the file, as it would a parser of the whole: the next
 * line that begins like an entry begins one.
 */
export async function* jsonEntries(file: string, onBytes: (bytes: number) => void = () => {}): AsyncGenerator<JsonEntry> {
  const reader = new EntryReader(/\.(?:jsonl|ndjson)$/i.test(file) ? { place: { kind: 'lines' } } : {})
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 18 }) as AsyncIterable<string>) {
    onBytes(Buffer.byteLength(chunk))
    yield* reader.read(chunk)
  }
  yield* reader.end()
}

/** Cuts a stream of text into entries; of an object it first looks at its beginning, to find out where they stand. */
export class EntryReader {
  readonly #finder: EntryPlace
  #head: string[] = []
  #cutter: EntryCutter | undefined

  /** @param options.place where the entries stand, if that is known @param options.head so many characters are looked at to find it out */
  constructor({ place, head }: { place?: Place; head?: number } = {}) {
    this.#finder = new EntryPlace(head)
    if (place) this.#cutter = new EntryCutter(place)
  }

  *read(chunk: string): Generator<JsonEntry> {
    if (this.#cutter) return yield* this.#cutter.read(chunk)
    this.#head.push(chunk)
    if (this.#finder.read(chunk)) yield* this.#begin()
  }

  *end(): Generator<JsonEntry> {
    if (!this.#cutter) yield* this.#begin()
    yield* this.#cutter!.end()
  }

  *#begin(): Generator<JsonEntry> {
    this.#cutter = new EntryCutter(this.#finder.place())
    const head = this.#head.join('')
    this.#head = []
    yield* this.#cutter.read(head)
  }
}

/** Cuts by counting brackets outside of strings. */
class EntryCutter {
  readonly #place: Place
  #depth = 0
  #line = 1
  #inString = false
  #escaped = false
  /** Depth at which the entries stand; undefined before their list or object was found. */
  #entryDepth: number | undefined
  #open = false
  #found = 0
  /** What stands in the line so far; undefined once nothing can be told of it any more. */
  #before: string | undefined = ''
  /** The last string outside of entries, with its quotes: before an object it is its key. */
  #string: string | undefined
  /** White space that stands before an entry in its line. */
  #entryIndent: string | undefined
  #entry: { line: number; key: string | undefined; parts: string[]; size: number } | undefined

  constructor(place: Place) {
    this.#place = place
    if (place.kind !== 'lines') return
    this.#entryDepth = 0
    this.#open = true
  }

  *read(chunk: string): Generator<JsonEntry> {
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const sign = chunk[at]!
      if (sign === '\n') {
        this.#line++
        this.#before = ''
        // JSON has no line feed in a string: this one was never closed.
        this.#inString = false
        continue
      }
      const before = this.#before
      if (before !== undefined) this.#before = this.#mayBegin(before, sign) ? before + sign : undefined
      if (this.#inString) {
        if (!this.#entry && this.#string !== undefined) this.#string = this.#string.length < longestBefore ? this.#string + sign : undefined
        if (this.#escaped) this.#escaped = false
        else if (sign === '\\') this.#escaped = true
        else if (sign === '"') this.#inString = false
      } else if (sign === '"') {
        this.#inString = true
        if (!this.#entry) this.#string = sign
      } else if (sign === '{' || sign === '[') {
        const [indent, key] = (sign === '{' && this.#beginning(before)) || []
        const likeAnEntry = indent !== undefined && indent === this.#entryIndent
        const begins = this.#entry === undefined && ((this.#open && this.#depth === this.#entryDepth) || likeAnEntry)
        if (sign === '{' && (begins || (this.#entry && likeAnEntry))) {
          if (this.#entry) yield this.#close(chunk.slice(from, at))
          from = at
          this.#entry = { line: this.#line, key: key ?? this.#key(), parts: [], size: 0 }
          if (indent !== undefined) this.#entryIndent = indent
          this.#depth = this.#entryDepth!
          this.#open = true
        } else if (this.#entryDepth === undefined && this.#holdsEntries(sign)) {
          this.#entryDepth = this.#depth + 1
          this.#open = true
        }
        this.#depth++
      } else if (sign === '}' || sign === ']') {
        // Of a list without objects nothing was read: another one may follow.
        if (!this.#entry && this.#open && this.#depth === this.#entryDepth) {
          if (sign !== (this.#place.kind === 'list' ? ']' : '}') || this.#place.kind === 'lines') continue
          this.#open = false
          if (this.#found === 0) this.#entryDepth = undefined
        }
        this.#depth--
        if (this.#entry && this.#depth === this.#entryDepth) {
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

  /** Can an entry still begin in a line that goes on like this? Of an object's entries a key stands before it. */
  #mayBegin(before: string, sign: string): boolean {
    if (sign === ' ' || sign === '\t' || sign === '\r') return before.length < longestBefore
    return this.#place.kind === 'keys' && before.length < longestBefore && (sign === '"' || before.includes('"'))
  }

  /** White space before an entry that its line begins with, and the key. */
  #beginning(before: string | undefined): [string, string?] | undefined {
    if (before === undefined) return undefined
    if (this.#place.kind !== 'keys') return [before]
    const found = /^(\s*)("(?:[^"\\]|\\.)*")\s*:\s*$/.exec(before)
    return found ? [found[1]!, unquoted(found[2]!)] : undefined
  }

  #key(): string | undefined {
    return this.#place.kind === 'keys' && this.#string !== undefined ? unquoted(this.#string) : undefined
  }

  #holdsEntries(sign: string): boolean {
    if (this.#place.kind === 'list') return sign === '[' && this.#depth <= 1
    if (this.#place.kind !== 'keys' || sign !== '{') return false
    return this.#place.under === undefined ? this.#depth === 0 : this.#depth === 1 && this.#string === `"${this.#place.under}"`
  }

  #close(rest: string): JsonEntry {
    const { line, key, parts } = this.#entry!
    this.#entry = undefined
    this.#found++
    const text = [...parts, rest].join('').replace(/[\s,]+$/, '')
    const named = { line, ...(key !== undefined && { key }) }
    try {
      return { ...named, value: JSON.parse(text) as unknown }
    } catch {
      const before = text.slice(0, jsonErrorOffset(text)).split('\n')
      return { ...named, problem: { line: line + before.length - 1, message: `the entry stops being JSON after ${JSON.stringify(before.at(-1)!.trimStart().slice(-40))}` } }
    }
  }
}

/** What a string of JSON says; as it stands, where it is none. */
function unquoted(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text.slice(1, -1)
  }
}
