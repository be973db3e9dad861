import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EntryReader, jsonEntries, type JsonEntry } from '../../../src/dataset/json-entries.ts'

/** In pieces of so many characters: no cut may matter, nor how much of an object's beginning is looked at. */
function read(text: string, size: number, head = 100): JsonEntry[] {
  const reader = new EntryReader({ head })
  const found: JsonEntry[] = []
  for (let at = 0; at < text.length; at += size) found.push(...reader.read(text.slice(at, at + size)))
  return [...found, ...reader.end()]
}

const values = [{ a: 1, b: ['x', { c: '}]"\\' }] }, { a: 2, list: [[{ deep: true }]] }, { a: 3, text: 'line\nfeed [' }]

describe.each([1, 2, 7, 10_000])('in pieces of %i characters', (size) => {
  test.each([
    ['a list', JSON.stringify(values)],
    ['a list over lines', JSON.stringify(values, null, 2)],
    ['an object a line', `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]`],
    ['JSON Lines', values.map((value) => JSON.stringify(value)).join('\n')],
    ['JSON Lines with an end', `${values.map((value) => JSON.stringify(value)).join('\r\n')}\r\n`],
    ['objects over lines, one after the other', values.map((value) => JSON.stringify(value, null, 1)).join('\n')],
  ])('%s gives its entries', (_what, text) => expect(read(text, size).map(({ value }) => value)).toEqual(values))

  test.each([0, 2])('a list under a key gives its entries, others around it, indented by %i', (indent) => {
    const text = JSON.stringify({ version: 2, tags: ['x'], meta: { of: { these: 1 } }, analyses: values, more: { of: { it: [] } } }, null, indent)
    expect(read(text, size, 1e6).map(({ value }) => value)).toEqual(values)
  })

  test.each([0, 1, 2])('an object of entries gives them with their keys, and one under a key, indented by %i', (indent) => {
    const keyed = Object.fromEntries(values.map((value, i) => [`batch "${i}" {`, value]))
    const entries = Object.entries(keyed).map(([key, value]) => ({ key, value }))
    const written = (value: unknown, head?: number) => read(JSON.stringify(value, null, indent), size, head).map(({ key, value: found }) => ({ key, value: found }))
    expect(written(keyed)).toEqual(entries)
    expect(written({ note: 'x: {', tags: ['{'], ...keyed, done: true })).toEqual(entries)
    expect(written({ version: { number: 1 }, 'all "of" them': keyed, more: ['x'] }, 1e6)).toEqual(entries)
  })

  test.each([
    ['a string that is never closed', '"b":"two"', '"b":"two'],
    ['a missing bracket', '"c":[1]}', '"c":[1}'],
    ['a missing brace', '"c":[1]}', '"c":[1]'],
    ['a brace too many', '"c":[1]}', '"c":[1]}}'],
    ['something else', '"b":"two"', 'b:two'],
  ])('%s in the middle is named with its line, and the entries around it are kept', (_what, found, instead) => {
    const lines = ['one', 'two', 'three', 'four'].map((b) => JSON.stringify({ b, c: [1] }))
    lines[1] = lines[1]!.replace(found, () => instead)
    const entries = read(`[\n  ${lines.join(',\n  ')}\n]`, size)
    const kept = entries.flatMap(({ value }) => (value as { b: string } | undefined)?.b ?? [])
    expect(kept.filter((b) => b !== 'two')).toEqual(['one', 'three', 'four'])
    if (instead !== '"c":[1]}}') expect(entries.find(({ problem }) => problem)).toMatchObject({ line: 3, problem: { line: expect.any(Number), message: expect.stringContaining('stops being JSON') } })
  })

  test.each([
    ['JSON Lines', (rows: [string, string][]) => rows.map(([, text]) => text).join('\n')],
    ['an object of entries', (rows: [string, string][]) => `{\n  ${rows.map(([key, text]) => `"${key}": ${text}`).join(',\n  ')}\n}`],
  ])('a broken entry of %s is named with its line, and the entries around it are kept', (_what, written) => {
    for (const [found, instead] of [['"b":"two"', '"b":"two'], ['"c":[1]}', '"c":[1}'], ['"c":[1]}', '"c":[1]'], ['"c":[1]}', '"c":[1]}}']] as const) {
      const rows = ['one', 'two', 'three', 'four', 'five'].map((b): [string, string] => [b, JSON.stringify({ b, c: [1] })])
      rows[1]![1] = rows[1]![1].replace(found, () => instead)
      const entries = read(written(rows), size)
      expect(entries.flatMap(({ value }) => (value as { b: string } | undefined)?.b ?? []).filter((b) => b !== 'two')).toEqual(['one', 'three', 'four', 'five'])
      const line = written(rows).split('\n').findIndex((each) => each.includes('two')) + 1
      if (instead !== '"c":[1]}}') expect(entries.find(({ problem }) => problem)).toMatchObject({ line, problem: { line: expect.any(Number), message: expect.stringContaining('stops being JSON') } })
    }
  })

  test('what has neither a list of objects nor objects has no entries', () => expect(read('{"a": 1, "b": [1, "{", null]}', size)).toEqual([]))
})

test('a file is read as it comes, and tells how far', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'entries-')), 'list.json')
  writeFileSync(file, JSON.stringify(Array.from({ length: 20_000 }, (_, i) => ({ i, text: 'x'.repeat(30) }))))
  let bytes = 0
  let sum = 0
  for await (const { value } of jsonEntries(file, (more) => (bytes += more))) sum += (value as { i: number }).i
  expect(sum).toBe(199_990_000)
  expect(bytes).toBeGreaterThan(800_000)
})
