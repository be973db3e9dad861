import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Engine } from '../../../../src/inference/engine.ts'
import { analysis as family } from '../../../../src/tasks/analysis/index.ts'
import { randomModel } from '../../inference/random-model.ts'
import { acceptor as acceptorOf } from '../acceptor.ts'
import { golden, order, orderText, schema, taught } from './fixtures.ts'

let engine: Engine
beforeAll(async () => {
  engine = await Engine.load({ gguf: randomModel() })
}, 60_000)
afterAll(() => engine?.close())

const acceptor = (gbnf: string) => acceptorOf(engine, gbnf)
const rows = [...golden.map((record) => family.fromForeign(schema, record)), ...taught(300)]

describe('the grammar', () => {
  test('accepts every target', async () => {
    const accepts = await acceptor(family.grammar(schema))
    for (const row of rows) {
      const target = family.target(schema, row.output)
      expect(accepts(target), target).toBe(true)
    }
    expect(accepts(JSON.stringify({ ...order, summary: 'A sentence of one\'s own.' }))).toBe(true)
  }, 60_000)

  test.each([
    ['an unknown state', { ...order, state: 'orders/begun' }],
    ['an unknown type', { ...order, entities: { colour: ['red'] } }],
    ['types out of order', { ...order, entities: { part: ['MX-220'], order: ['PO-4471'] } }],
    ['an empty list', { ...order, entities: { order: [] } }],
    ['an unknown kind of action', { ...order, actions: [{ kind: 'dance' }] }],
    ['half of the parts', { state: 'orders/start', priority: 'low' }],
    ['something else', { answer: 42 }],
  ])('refuses %s', async (_what, document) => expect((await acceptor(family.grammar(schema)))(JSON.stringify(document))).toBe(false))

  test('narrowed to the mails it still accepts the right answer, and refuses values that stand nowhere', async () => {
    const accepts = await acceptor(family.copyingGrammar!(schema, family.grammar(schema), orderText)!)
    expect(accepts(JSON.stringify(order))).toBe(true)
    expect(accepts(JSON.stringify({ ...order, entities: { order: ['PO-4472'] } }))).toBe(false)
  })
})

test('pieces are never cut in two ways', () => {
  const pieces = family.pieces(schema)
  expect(new Set(pieces).size).toBe(pieces.length)
  for (const row of rows.slice(0, 300)) {
    const target = family.target(schema, row.output)
    expect(longestFirst(target, pieces), target).toEqual(fromTheLeft(target, pieces))
  }
})

/** Cut as llama.cpp does. */
function longestFirst(text: string, pieces: readonly string[]): string[] {
  let parts: (string | { piece: string })[] = [text]
  for (const piece of [...pieces].sort((a, b) => b.length - a.length)) parts = parts.flatMap((part) => (typeof part === 'string' ? part.split(piece).flatMap((rest, i) => (i === 0 ? [rest] : [{ piece }, rest])) : [part]))
  return parts.map((part) => (typeof part === 'string' ? part : part.piece)).filter(Boolean)
}

function fromTheLeft(text: string, pieces: readonly string[]): string[] {
  const sorted = [...pieces].sort((a, b) => b.length - a.length)
  const parts: string[] = []
  let free = ''
  for (let at = 0; at < text.length;) {
    const piece = sorted.find((each) => text.startsWith(each, at))
    if (piece === undefined) free += text[at++]
    else {
      if (free) parts.push(free)
      parts.push(piece)
      free = ''
      at += piece.length
    }
  }
  return free ? [...parts, free] : parts
}
