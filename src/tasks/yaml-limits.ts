import { isAlias, isCollection, isMap, isNode, isSeq, Lexer, Parser, type CST, type Document } from 'yaml'
import { shown } from '../text.ts'
import type { Mistake } from './yaml-source.ts'

/** Some four times what the largest real schemas have. `looked`: mistakes that are described at most, of which the first ones are told. */
export const limit = { signs: 160_000, depth: 40, nodes: 40_000, keys: 1_000, aliases: 200, looked: 30, reported: 10 }

/**
 * The text's tokens, or where they become too much: a parser takes many seconds for a megabyte of dashes, and the composer after it is
 * recursive (20,000 nested brackets overflow its stack) and looks for doubles key by key.
 */
export function tokensOf(text: string): CST.Token[] | Mistake {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let signs = 0
  let open = 0
  for (const sign of new Lexer().lex(text)) {
    if (sign === '[' || sign === '{') open++
    else if (sign === ']' || sign === '}') open--
    if (open > limit.depth) return { offset: parser.offset, message: `expected at most ${limit.depth} levels, found more; nest less.` }
    if (++signs > limit.signs) return { offset: parser.offset, message: `expected at most ${limit.signs} words and signs, found more; shorten the schema.` }
    for (const token of parser.next(sign)) tokens.push(token)
  }
  tokens.push(...parser.end())
  return measure(tokens) ?? tokens
}

/** The first thing that makes the text too heavy for the composer. */
function measure(tokens: readonly CST.Token[]): Mistake | undefined {
  let nodes = 0
  let aliases = 0
  for (const root of tokens) {
    const stack: { token: any; depth: number }[] = [{ token: root, depth: 0 }]
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { token, depth } = next
      if (!token || /^(comment|newline|space)$/.test(token.type)) continue
      nodes++
      if (token.type === 'alias') aliases++
      const offset = token.offset ?? 0
      if (depth > limit.depth) return { offset, message: `expected at most ${limit.depth} levels, found more; nest less.` }
      if (nodes > limit.nodes) return { offset, message: `expected at most ${limit.nodes} values, found more; shorten the schema.` }
      if ((token.type === 'block-map' || token.start?.source === '{') && token.items.length > limit.keys) return { offset, message: `expected at most ${limit.keys} keys in one map, found ${token.items.length}; shorten the schema.` }
      if (aliases > limit.aliases) return { offset, message: `expected at most ${limit.aliases} aliases, found more; write the values out.` }
      if (token.type === 'document') stack.push({ token: token.value, depth })
      for (const item of token.items ?? []) stack.push({ token: item.key, depth: depth + 1 }, { token: item.value, depth: depth + 1 })
    }
  }
  return undefined
}

/** The first alias that leads nowhere, into itself, or to more values than the whole may have once all are written out; or a key that is none. */
export function measureAliases(document: Document.Parsed): Mistake | undefined {
  const anchors = new Map<string, number>()
  let wrong: Mistake | undefined
  const tooMany = (offset: number): Mistake => ({ offset, message: `expected at most ${limit.nodes} values with all aliases written out, found more; shorten the schema.` })
  const weigh = (node: unknown): number => {
    if (wrong || !isNode(node)) return 0
    if (isAlias(node)) {
      const size = anchors.get(node.source)
      const offset = node.range?.[0] ?? 0
      if (size === undefined) wrong = { offset, message: `expected an alias of what stands before it, found ${shown(`*${node.source}`)}; write the values out.` }
      else if (size > limit.nodes) wrong = tooMany(offset)
      return size ?? 0
    }
    // Until it is whole, an anchor is nothing that an alias could stand for.
    if (node.anchor) anchors.delete(node.anchor)
    let size = 1
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (isCollection(key)) wrong ??= { offset: key.range?.[0] ?? 0, message: 'expected a word as key, found a map or a list; write a word.' }
        size += weigh(key) + weigh(value)
      }
    }
    if (isSeq(node)) for (const item of node.items) size += weigh(item)
    if (node.anchor) anchors.set(node.anchor, size)
    return size
  }
  const size = weigh(document.contents)
  return wrong ?? (size > limit.nodes ? tooMany(0) : undefined)
}
