import { isAlias, isMap, isSeq, LineCounter, parseDocument, Parser, type Document, type ParsedNode } from 'yaml'
import { InputError } from '../../errors.ts'
import { shown } from '../../text.ts'
import type { SchemaSource } from '../family.ts'

/** A mistake at a character of the source. */
export interface Mistake {
  offset: number
  message: string
}

const limit = { bytes: 1_048_576, depth: 40, nodes: 100_000, aliases: 200, reported: 10 }

/** The source's tree with positions, and everything that is wrong with it as YAML. */
export interface YamlSource {
  document: Document.Parsed
  value: unknown
  mistakes: Mistake[]
  /** Where the value (or with `key` the key) of a path stands. */
  offset(path: readonly PropertyKey[], key?: string): number
  /** @throws InputError with all mistakes, one a line, in the order of the file */
  fail(mistakes: Mistake[]): never
}

/**
 * Reads YAML that may come from anybody. Size, depth, nodes and aliases are counted on the flat token stream first,
 * because the composer is recursive: 20,000 nested brackets overflow its stack.
 * @throws InputError when it cannot be read at all
 */
export function readYaml(source: SchemaSource): YamlSource {
  const { file, text } = source
  const lines = new LineCounter()
  for (let at = 0; at >= 0; at = text.indexOf('\n', at) + 1 || -1) lines.addNewLine(at)
  const fail = (mistakes: Mistake[]): never => {
    const sorted = mistakes.toSorted((a, b) => a.offset - b.offset)
    const shownLines = sorted.slice(0, limit.reported).map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset)
      return `${file}:${line || 1}:${col || 1}: ${message}`
    })
    if (sorted.length > limit.reported) shownLines.push(`${file}: … and ${sorted.length - limit.reported} more.`)
    throw new InputError(shownLines.join('\n'))
  }

  const bytes = Buffer.byteLength(text)
  if (bytes > limit.bytes) fail([{ offset: 0, message: `expected at most 1 MB, found ${(bytes / 1e6).toFixed(1)} MB; shorten the schema.` }])
  const odd = /[\0\uFFFD]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.exec(text)
  if (odd) fail([{ offset: odd.index, message: `expected UTF-8 text, found ${odd[0] === '\0' ? 'a NUL character' : 'bytes that are not UTF-8'}; save the file as UTF-8.` }])
  const heavy = measure(text)
  if (heavy) fail([heavy])

  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true })
  const mistakes = [...document.errors, ...document.warnings].map((error): Mistake => {
    const [offset, end] = error.pos
    if (error.code === 'DUPLICATE_KEY') {
      const key = /^["']?([^"':\n]*)/.exec(text.slice(offset, Math.max(end, offset + 1) + 60))?.[1]?.trim()
      return { offset, message: `expected every key once, found a second ${shown(key)}; remove one of them.` }
    }
    const found = text.slice(offset, offset + 30).split('\n')[0]!
    return { offset, message: `expected YAML, found ${found.trim() ? shown(found) : 'the end of a line'} (${error.message}); mend the line.` }
  })
  if (mistakes.length) fail(mistakes)
  return { document, value: toValue(document), mistakes, offset: (path, key) => offsetOf(document, path, key), fail }
}

function toValue(document: Document.Parsed): unknown {
  return document.toJS({ maxAliasCount: limit.aliases })
}

/** The first thing that makes the text too heavy for a recursive parser. */
function measure(text: string): Mistake | undefined {
  let nodes = 0
  let aliases = 0
  for (const root of new Parser().parse(text)) {
    const stack: { token: any; depth: number }[] = [{ token: root, depth: 0 }]
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { token, depth } = next
      if (!token) continue
      nodes++
      if (token.type === 'alias') aliases++
      const offset = token.offset ?? 0
      if (depth > limit.depth) return { offset, message: `expected at most ${limit.depth} levels, found more; nest less.` }
      if (nodes > limit.nodes) return { offset, message: `expected at most ${limit.nodes} values, found more; shorten the schema.` }
      if (aliases > limit.aliases) return { offset, message: `expected at most ${limit.aliases} aliases, found more; write the values out.` }
      if (token.type === 'document') stack.push({ token: token.value, depth })
      for (const item of token.items ?? []) stack.push({ token: item.key, depth: depth + 1 }, { token: item.value, depth: depth + 1 })
    }
  }
  return undefined
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[], key?: string): number {
  let node: ParsedNode | null | undefined = document.contents
  let offset = node?.range?.[0] ?? 0
  const enter = (segment: PropertyKey, wantKey: boolean): void => {
    if (isAlias(node)) node = node.resolve(document) as ParsedNode | undefined
    if (isMap(node)) {
      const pair: any = node.items.find((item: any) => String(item.key?.value ?? item.key) === String(segment))
      if (!pair) return
      offset = (wantKey ? pair.key : pair.value?.range ? pair.value : pair.key)?.range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(segment)] as ParsedNode | undefined
      offset = node?.range?.[0] ?? offset
    }
  }
  for (const segment of path) enter(segment, false)
  if (key !== undefined) enter(key, true)
  return offset
}
