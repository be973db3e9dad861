import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../../../src/paths.ts'
import { tools } from '../../../../src/tasks/tools/index.ts'
import { home, shop } from './fixtures.ts'

const schemas = [['home', home()], ['a schema with every shape and few words', shop]] as const

test.each(schemas)('every row of %s can be trained on', (_, schema) => {
  for (const brief of tools.plan(schema, { count: 600, seed: 1 })) {
    const row = tools.writeOffline(schema, brief, 1)
    expect(tools.validate(schema, row), `${row.instruction} → ${row.output}`).toEqual([])
    expect(row.instruction).not.toMatch(/[\uE000-\uE4FF]|\{\w|undefined/)
  }
})

test('names with the signs of paths are names like others', () => {
  const schema = tools.parse({ name: 'x', file: 'x.yaml', text: 'kind: tools\nname: x\ntools: [{name: go, parameters: {type: object, properties: {"to.city": {type: string}, "a, b": {type: object, properties: {"c.d": {type: integer}}, required: [c.d]}}, required: [to.city, "a, b"]}}]' })
  for (const brief of tools.plan(schema, { count: 40, seed: 1 })) {
    const row = tools.writeOffline(schema, brief, 1)
    expect(tools.validate(schema, row), row.output).toEqual([])
  }
})

test('the same seed writes the same rows, another seed others', () => {
  const schema = home()
  const written = (seed: number) => tools.plan(schema, { count: 200, seed }).map((brief) => tools.writeOffline(schema, brief, seed))
  expect(written(1)).toEqual(written(1))
  expect(written(1).map(({ instruction }) => instruction)).not.toEqual(written(2).map(({ instruction }) => instruction))
})

test('a plan is as long as told, four fifths calls, and holds every tool, parameter and case', () => {
  const schema = home()
  const plan = tools.plan(schema, { count: 1000, seed: 1 })
  expect(plan).toHaveLength(1000)
  expect(plan.filter(({ slice }) => slice.case === 'positive')).toHaveLength(800)
  expect(new Set(plan.map(({ slice }) => slice.case))).toEqual(new Set(['positive', 'missing_required', 'off_topic', 'ambiguous', 'unclear']))
  const covered = new Set(plan.flatMap((brief) => tools.coverage!(schema, tools.writeOffline(schema, brief, 1))))
  expect(tools.coverable!(schema).filter((label) => !covered.has(label))).toEqual([])
})

test('values stand in the request as they stand in the answer, apostrophes included', () => {
  const schema = home()
  const rows = tools.plan(schema, { count: 3000, seed: 4 }).filter(({ slice }) => slice.tool === 'send_message' && slice.case === 'positive').map((brief) => tools.writeOffline(schema, brief, 4))
  expect(rows.length).toBeGreaterThan(100)
  for (const { instruction, output } of rows) expect(instruction).toContain(JSON.parse(output).parameters.text)
})

test('a default is said now and then, and never answered', () => {
  const schema = home()
  const rows = tools.plan(schema, { count: 2000, seed: 1 }).filter(({ slice }) => slice.tool === 'show_list' && slice.case === 'positive').map((brief) => tools.writeOffline(schema, brief, 1))
  const said = rows.filter(({ instruction, output }) => / shopping list/i.test(instruction) && JSON.parse(output).parameters.list === 'shopping')
  expect(said.length).toBeGreaterThan(3)
  for (const { output } of said) expect(tools.completion(schema, output)).toBe('{"name":"show_list","parameters":{}}')
})

test('a brief that no change of the schema touches keeps its key', () => {
  const changed = structuredClone(shop)
  changed.tools[2]!.description = 'Cancel one order'
  const [before, after] = [shop, changed].map((schema) => tools.plan(schema, { count: 400, seed: 1 }).filter(({ slice }) => slice.tool === 'find_items').map(({ key }) => key))
  expect(after).toEqual(before)
})

test('requests beside the topic use none of the tools\' own words', () => {
  const schema = home()
  const texts = tools.plan(schema, { count: 2000, seed: 1 }).filter(({ slice }) => slice.case === 'off_topic').map((brief) => tools.writeOffline(schema, brief, 1).instruction.toLowerCase())
  expect(texts.filter((text) => /\b(lights?|timer|alarm|music|jazz|heating)\b/.test(text))).toEqual([])
})

test('a paid teacher gets every brief, and its answers become rows', () => {
  const briefs = tools.plan(shop, { count: 5, seed: 1 }).filter(({ slice }) => slice.case === 'positive' && slice.tool === 'find_items').slice(0, 1)
  const { system, user } = tools.teacherRequest(shop, briefs)
  expect(system).toContain('find_items - Find items')
  expect(user).toContain('1. tool: find_items; case: positive')
  const example = { brief: 1, input: 'find red shoes', type: 'call', name: 'find_items', parameters: '{"text":"red shoes"}', message: null, suggestions: [], confidence: 0.95 }
  const [good, again, bad] = tools.fromTeacher(shop, briefs, { examples: [example, example, { brief: 2 }] })
  expect(good).toMatchObject({ problems: [], brief: briefs[0], row: { instruction: 'find red shoes', source: 'anthropic' } })
  expect(tools.validate(shop, good!.row!)).toEqual([])
  expect(again!.problems[0]!.message).toMatch(/each item once/)
  expect(bad!.row).toBeUndefined()
  expect(tools.fromTeacher(shop, briefs, { examples: [{ ...example, name: 'open_cart', parameters: '{}' }] })[0]!.problems[0]!.message).toMatch(/asks for "find_items", found "open_cart"/)
})

test('the golden set of home is right, and in other words than the phrases of its schema', () => {
  const schema = home()
  const rows = readFileSync(join(packageRoot, 'schemas/home.golden.jsonl'), 'utf8').trim().split('\n').map((line) => tools.fromForeign(schema, JSON.parse(line)))
  expect(rows.length).toBeGreaterThanOrEqual(100)
  for (const row of rows) expect(tools.validate(schema, row), row.instruction).toEqual([])
  const phrases = new Set(schema.tools.flatMap((tool) => tool.phrases.map(({ say }) => say.toLowerCase())))
  expect(rows.filter(({ instruction }) => phrases.has(instruction.toLowerCase()))).toEqual([])
})
