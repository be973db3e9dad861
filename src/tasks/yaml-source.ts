import { Composer, isAlias, isMap, isSeq, LineCounter, type Document, type ParsedNode } from 'yaml'
import { InputError } from '../errors.ts'
import { shown } from '../text.ts'
import type { SchemaSource } from './family.ts'
import { checkSchemaSize } from './schema-size.ts'
import { limit, measureAliases, tokensOf } from './yaml-limits.ts'

/** A mistake at a character of the source. */
export interface Mistake {
  offset: number
  message: string
}

/** The source's tree with positions, and everything that is wrong with it as YAML. */
export interface YamlSource {
  document: Document.Parsed
  value: unknown
  mistakes: Mistake[]
  /** Where the value (or with `key` the key) of a path stands. */
  offset(path: readonly PropertyKey[], key?: string): number
  /** `count`: how many there are in all. @throws InputError with the mistakes, one a line, in the order of the file */
  fail(mistakes: Mistake[], count?: number): never
}

/**
 * Reads YAML that may come from anybody, within the limits of yaml-limits.ts.
 * @throws InputError when it cannot be read at all
 */
export function readYaml(source: SchemaSource): YamlSource {
  const { file, text } = source
  const lines = new LineCounter()
  for (let at = 0; at >= 0; at = text.indexOf('\n', at) + 1 || -1) lines.addNewLine(at)
  const fail = (mistakes: Mistake[], count = mistakes.length): never => {
    const sorted = mistakes.toSorted((a, b) => a.offset - b.offset)
    const shownLines = sorted.slice(0, limit.reported).map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset)
      return `${file}:${line || 1}:${col || 1}: ${message}`
    })
    if (count > limit.reported) shownLines.push(`${file}: … and ${count - limit.reported} more.`)
    throw new InputError(shownLines.join('\n'))
  }

  checkSchemaSize(file, Buffer.byteLength(text))
  const odd = /[\0\uFFFD]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.exec(text)
  if (odd) fail([{ offset: odd.index, message: `expected UTF-8 text, found ${odd[0] === '\0' ? 'a NUL character' : 'bytes that are not UTF-8'}; save the file as UTF-8.` }])
  const tokens = tokensOf(text)
  if (!Array.isArray(tokens)) return fail([tokens])

  const [document, second] = [...new Composer<ParsedNode>({ prettyErrors: false, uniqueKeys: true }).compose(tokens, true, text.length)] as [Document.Parsed, Document.Parsed?]
  if (second) fail([{ offset: second.range[0], message: 'expected one document, found a second one; remove it.' }])
  const mistakes = [...document.errors, ...document.warnings].map((error): Mistake => {
    const [offset, end] = error.pos
    if (error.code === 'DUPLICATE_KEY') {
      const key = /^["']?([^"':\n]*)/.exec(text.slice(offset, Math.max(end, offset + 1) + 60))?.[1]?.trim()
      return { offset, message: `expected every key once, found a second ${shown(key)}; remove one of them.` }
    }
    const found = text.slice(offset, offset + 30).split('\n')[0]!
    return { offset, message: `expected YAML, found ${found.trim() ? shown(found) : 'the end of a line'} (${error.message.slice(0, 200)}); mend the line.` }
  })
  if (mistakes.length) fail(mistakes)
  const knot = measureAliases(document)
  if (knot) fail([knot])
  return { document, value: document.toJS({ maxAliasCount: -1 }), mistakes, offset: (path, key) => offsetOf(document, path, key), fail }
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
