import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { TaskFamily } from '../../../src/tasks/family.ts'
import { loadSchema } from '../../../src/tasks/index.ts'
import { countBriefs, planBriefs } from '../../../src/teacher/briefs.ts'

const { family, schema } = loadSchema({ name: 'notes', file: 'notes.yaml', text: readFileSync('tests/fixtures/notes.yaml', 'utf8') })
const usual = family.usualCount(schema)

test.each([
  ['a model from scratch and rows that cost nothing: as many as a small schema has to say', { teacher: 'offline', base: 'scratch' }, 60 * usual],
  ['a model that knows English: as many as the family says', { teacher: 'offline', base: 'qwen3-0.6b' }, usual],
  ['rows that cost money: as many as the family says', { teacher: 'anthropic', base: 'scratch' }, usual],
  ['as many as asked for', { teacher: 'offline', base: 'scratch', num: 37 }, 37],
  ['none where rows are imported', { teacher: 'import', base: 'scratch', num: 37 }, 0],
] as const)('%s', (_, options, count) => {
  expect(countBriefs(family, schema, options)).toBe(count)
  expect(planBriefs(family, schema, { ...options, seed: 1 })).toHaveLength(count)
})

test.each<[string, Pick<TaskFamily, 'usualCount' | 'rowLength'>, number]>([
  ['so many that it hardly reads one twice', { usualCount: () => 2_000 }, 72_000],
  ['fewer where rows are longer', { usualCount: () => 2_000, rowLength: 2 }, 36_000],
  ['more where the schema has more to say', { usualCount: () => 7_000 }, 84_000],
])('a model from scratch gets %s', (_, sizes, count) => {
  expect(countBriefs({ ...family, ...sizes }, schema, { teacher: 'offline', base: 'scratch' })).toBe(count)
})
