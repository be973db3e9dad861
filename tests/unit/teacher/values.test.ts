import { expect, test } from 'vitest'
import { Random } from '../../../src/teacher/random.ts'
import { kindOf, likeExample, valueKinds, writeValue } from '../../../src/teacher/values.ts'
import { valueFormats } from '../../../src/tasks/cli/schema.ts'

test('every format of a schema has values of its own', () => {
  expect(valueFormats.filter((format) => !valueKinds.includes(format))).toEqual([])
})

test('free kinds hardly ever repeat a value', () => {
  for (const kind of ['title', 'text', 'path', 'url', 'repo', 'branch', 'sha', 'name']) {
    const r = new Random(kind)
    const values = Array.from({ length: 1000 }, () => writeValue(kind, r))
    expect(new Set(values).size, kind).toBeGreaterThan(kind === 'branch' ? 700 : 600)
  }
})

test('values are plain text without the marks that protect them', () => {
  const r = new Random(1)
  for (const kind of valueKinds) for (let i = 0; i < 200; i++) expect(writeValue(kind, r)).toMatch(/^[\x20-\x7e]+$/)
})

test('an argument without a format gets the kind its name tells of', () => {
  expect(kindOf('base')).toBe('branch')
  expect(kindOf('body-file')).toBe('filename')
  expect(kindOf('xyzzy')).toBe('word')
  expect(kindOf('xyzzy', 'sha')).toBe('sha')
})

test('a value like an example keeps its punctuation', () => {
  expect(likeExample('owner/name:1.2', new Random(3))).toMatch(/^[^/:]+\/[^/:]+:\d+\.\d+$/)
})
