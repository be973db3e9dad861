import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Engine } from '../../../../src/inference/engine.ts'
import { workflow as family } from '../../../../src/tasks/workflow/index.ts'
import { toldAbout } from '../../../../src/tasks/workflow/told.ts'
import { randomModel } from '../../inference/random-model.ts'
import { acceptor as acceptorOf } from '../acceptor.ts'
import { golden, step, tamarind } from './fixtures.ts'

let engine: Engine
beforeAll(async () => {
  engine = await Engine.load({ gguf: randomModel() })
}, 60_000)
afterAll(() => engine?.close())

const acceptor = (gbnf: string) => acceptorOf(engine, gbnf)

const rows = [
  ...golden.map((record) => family.fromForeign(tamarind, record)),
  ...family.plan(tamarind, { count: 400, seed: 3 }).map((brief) => family.writeOffline(tamarind, brief, 3)).filter((row) => family.validate(tamarind, row).length === 0),
]

describe('the grammar', () => {
  test('accepts every target', async () => {
    const accepts = await acceptor(family.grammar(tamarind))
    for (const row of rows) {
      const target = family.target(tamarind, row.output)
      expect(accepts(target), target).toBe(true)
    }
  }, 60_000)

  test.each([
    ['an unknown action', { steps: [step('fliter', { condition: 'a > 5' })] }],
    ['a parameter of another action', { steps: [step('filter', { by: 'a' })] }],
    ['a missing parameter', { steps: [step('join', { file: 'a.csv' })] }],
    ['a condition that cannot be read', { steps: [step('filter', { condition: 'a is 5' })] }],
    ['no step', { steps: [] }],
    ['a value of another type', { steps: [step('limit', { count: 'ten' })] }],
    ['an enum that is not there', { steps: [step('sort', { by: 'a', order: 'up' })] }],
    ['something else', { answer: 42 }],
  ])('refuses %s', async (_what, document) => expect((await acceptor(family.grammar(tamarind)))(JSON.stringify(document))).toBe(false))

  test('narrowed to a request it still accepts the answer whose values stand there, and refuses others', async () => {
    const text = family.userText(tamarind, "read orders.csv and keep status = 'on hold' over 15", null)
    const accepts = await acceptor(family.copyingGrammar!(tamarind, family.grammar(tamarind), text)!)
    const answer = (file: string, condition: string) => JSON.stringify({ steps: [step('read_csv', { file }), step('filter', { condition })] })
    expect(accepts(answer('orders.csv', "status == 'on hold'"))).toBe(true)
    expect(accepts(answer('@var:file_path', 'status > 15'))).toBe(true)
    expect(accepts(answer('users.csv', "status == 'on hold'"))).toBe(false)
    expect(accepts(answer('orders.csv', "state == 'on hold'"))).toBe(false)
  })

  test('narrowed to a question it still accepts what is told about the action that stands there', async () => {
    const accepts = await acceptor(family.copyingGrammar!(tamarind, family.grammar(tamarind), family.userText(tamarind, 'what does split require?', null))!)
    for (const { text } of toldAbout(tamarind, 'split')) expect(accepts(JSON.stringify({ response: text })), text).toBe(true)
    expect(accepts(JSON.stringify({ response: toldAbout(tamarind, 'join')[0]!.text }))).toBe(false)
  })
})

test('pieces are never cut in two ways', () => {
  const pieces = family.pieces(tamarind)
  expect(new Set(pieces).size).toBe(pieces.length)
  for (const row of rows.slice(0, 200)) {
    const target = family.target(tamarind, row.output)
    expect(longestFirst(target, pieces), target).toEqual(fromTheLeft(target, pieces))
  }
})

function fromTheLeft(text: string, pieces: readonly string[]): string[] {
  const found: string[] = []
  for (let at = 0; at < text.length; ) {
    const piece = pieces.filter((each) => text.startsWith(each, at)).sort((a, b) => b.length - a.length)[0]
    if (piece) found.push(piece)
    at += piece?.length ?? 1
  }
  return found
}

function longestFirst(text: string, pieces: readonly string[]): string[] {
  let parts: { text: string; piece: boolean }[] = [{ text, piece: false }]
  for (const piece of pieces.toSorted((a, b) => b.length - a.length)) {
    parts = parts.flatMap((part) => (part.piece ? [part] : part.text.split(piece).flatMap((rest, i) => [...(i > 0 ? [{ text: piece, piece: true }] : []), ...(rest ? [{ text: rest, piece: false }] : [])])))
  }
  return parts.filter(({ piece }) => piece).map((part) => part.text)
}
