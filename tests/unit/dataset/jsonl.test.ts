import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { jsonErrorOffset } from '../../../src/dataset/json-error.ts'
import { maxLineBytes, readJsonl, writeAtomic, writeJsonl } from '../../../src/dataset/jsonl.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jsonl-'))
})

async function read(content: string | Buffer, tolerant = false) {
  const file = join(folder, 'rows.jsonl')
  await writeFile(file, content)
  const errors: string[] = []
  const records = []
  for await (const record of readJsonl(file, tolerant ? { onBadLine: (error) => errors.push(error.message) } : {})) records.push(record)
  return { records, errors }
}

test('a byte-order mark, CRLF, blank lines and a missing last newline are read', async () => {
  const { records } = await read('\ufeff{"a":1}\r\n\r\n{"b":"é"}')
  expect(records).toEqual([{ line: 1, value: { a: 1 } }, { line: 3, value: { b: 'é' } }])
})

test.each([
  ['{"a":1}\n{"a" 1}\n', /rows\.jsonl:2:6: .*stops being JSON at "1}"/],
  ['{"a":1', /rows\.jsonl:1:7: .*the end of the line/],
  ['[1]\n', /rows\.jsonl:1:1: expected a JSON object.*found a list/],
  ['"text"\n', /found a string/],
  ['{"a":"\\ud800"}\n', /rows\.jsonl:1:7: found half of a surrogate pair/],
])('a bad line is named with file, line and column: %j', async (content, message) => {
  await expect(read(content)).rejects.toThrow(message)
})

test('an escaped pair of surrogates is text', async () => {
  expect((await read('{"a":"\\ud83d\\ude00"}')).records[0]!.value).toEqual({ a: '😀' })
})

test('bytes that are not UTF-8 are refused', async () => {
  await expect(read(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]))).rejects.toThrow(/rows\.jsonl:1:1: expected UTF-8/)
})

test('a missing file and a folder are named', async () => {
  const drain = async (file: string) => {
    for await (const _ of readJsonl(file));
  }
  await expect(drain(join(folder, 'none.jsonl'))).rejects.toThrow(/there is no such file/)
  await expect(drain(folder)).rejects.toThrow(/found a folder/)
})

test('with a callback bad lines are skipped, a line over 10 MB too, and the rest is kept', async () => {
  const { records, errors } = await read(`{"a":1}\n{bad\n{"long":"${'x'.repeat(maxLineBytes)}"}\n{"a":4}\n`, true)
  expect(records.map(({ line }) => line)).toEqual([1, 4])
  expect(errors[0]).toMatch(/:2:2:/)
  expect(errors[1]).toMatch(/:3:1: a line may be at most 10 MB/)
})

test('what is written is read again, byte for byte', async () => {
  const rows = [{ text: 'two\nlines "quoted" 😀' }, { n: 1 }]
  const file = join(folder, 'out.jsonl')
  const written = await writeJsonl(file, rows)
  expect(written.rows).toBe(2)
  const back = []
  for await (const { value } of readJsonl(file)) back.push(value)
  expect(back).toEqual(rows)
})

test('a write that fails leaves the old file and nothing beside it', async () => {
  const file = join(folder, 'out.jsonl')
  await writeAtomic(file, ['old'])
  const broken = (function* () {
    yield 'new'
    throw new Error('teacher gone')
  })()
  await expect(writeAtomic(file, broken)).rejects.toThrow('teacher gone')
  expect(await readFile(file, 'utf8')).toBe('old')
  expect(await readdir(folder)).toEqual(['out.jsonl'])
})

test('the offset of an error is never inside what is right: every JSON text is read to its end', () => {
  fc.assert(fc.property(fc.json(), (text) => {
    expect(jsonErrorOffset(text)).toBe(text.length)
  }))
})

test.each([['{"a":}', 5], ['[1,]', 3], ['{,}', 1], ['nul', 0], ['{"a":1}}', 7], ['01', 1], ['{"a":"\n"}', 6], ['{"a":"\\x"}', 6]])('%j stops being JSON at %i', (text, offset) => {
  expect(jsonErrorOffset(text)).toBe(offset)
})
