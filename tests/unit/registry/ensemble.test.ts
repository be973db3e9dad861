import { expect, test } from 'vitest'
import { membersOf } from '../../../src/registry/ensemble.ts'
import type { Version } from '../../../src/registry/registry.ts'

const ref = { uri: 'cas:a', sha256: 'a'.repeat(64), bytes: 1, kind: 'x' }
const version = (number: number, schema: string): Version => ({ version: number, created: '', report: ref, dataset: ref, sft: ref, dpo: ref, schema, base: 'scratch', quant: 'q8_0', seed: 1, scores: {}, verdict: 'v' })
const registry = { name: 'notes', champion: 3, versions: [version(1, 'a'), version(2, 'a'), version(3, 'a'), version(4, 'b'), version(5, 'b')] }
const members = (...wanted: number[]) => membersOf(registry, wanted).map((each) => each.version)

test('the champion comes first where it votes, the others as they are named', () => {
  expect(members(2, 1, 3)).toEqual([3, 2, 1])
  expect(members(2, 1)).toEqual([2, 1])
})

test('a version that there is not is told with those that there are', () => {
  expect(() => members(1, 7)).toThrow('Expected --ensemble to name versions that `clitron runs notes` shows, found 7. There are: 1, 2, 3, 4, 5.')
  expect(() => membersOf({ name: 'notes', versions: [] }, [1, 2])).toThrow('notes was never trained here: `clitron train notes`.')
})

test('versions of different schemas do not vote together', () => {
  expect(() => members(3, 4)).toThrow(/^Versions 3 and 4 of notes were trained on different schemas, .* Versions with the schema of version 3: 1, 2, 3; with that of version 4: 4, 5\.$/)
})
