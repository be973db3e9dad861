import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { problemsOf } from '../../../src/dataset/validate.ts'
import type { Row } from '../../../src/dataset/row.ts'
import type { Variation } from '../../../src/tasks/augment/variation.ts'
import { placeOf } from '../../../src/tasks/claimed.ts'
import { cli } from '../../../src/tasks/cli/index.ts'
import type { TaskFamily } from '../../../src/tasks/family.ts'
import { families, gatherSchema, loadSchema } from '../../../src/tasks/index.ts'
import { occurrences } from '../../../src/tasks/replaceable.ts'
import { executesTheSame } from '../../../src/tasks/workflow/dry-run.ts'
import { workflow as family } from '../../../src/tasks/workflow/index.ts'
import { Random } from '../../../src/teacher/random.ts'
import { escapeRegExp } from '../../../src/text.ts'
import { mistakeOf } from './mistake.ts'
import { golden, parsed, row, step, tamarind, text, workflow } from './workflow/fixtures.ts'

const schemas = resolve(import.meta.dirname, '../../../schemas')
const rows = golden.map((record) => family.fromForeign(tamarind, record)).map(({ part: _, ...each }) => each)

/** What a variation makes of a row, with several seeds. */
const many = (name: string, of: Row, kind: TaskFamily = family, schema: unknown = tamarind) => Array.from({ length: 16 }, (_, seed) => kind.variations![name]!.vary(schema, of, new Random(seed))).filter((each) => each !== undefined)
const instructions = (name: string, of: Row) => [...new Set(many(name, of).map(({ instruction }) => instruction))]

const request = row('read orders.csv, keep the rows where status is active and save them as done.json', workflow(step('read_csv', { file: 'orders.csv' }), step('filter', { condition: "status == 'active'" }), step('write_json', { file: 'done.json' })))
const plain = row('remove the duplicates', workflow(step('deduplicate')))

describe('words', () => {
  test('are replaced by those that the schema has for the same, values never', () => {
    const made = instructions('synonym_replacement', request)
    expect(made.length).toBeGreaterThan(4)
    for (const each of made) expect(each).toMatch(/orders\.csv.*status.*active.*done\.json/)
    expect(made.some((each) => /^(?:load|open|import|get|take|fetch|use|pick up|parse|grab|start with|begin with|start from|bring in|pull in) orders\.csv, keep the rows/.test(each))).toBe(true)
  })
  test('of other actions are none of theirs', () => {
    // "order" sorts, and it is what the table holds.
    for (const each of instructions('synonym_replacement', row('keep the orders where status is open', workflow(step('filter', { condition: "status == 'open'" }))))) expect(each).toMatch(/orders .* status is open$/)
  })
  test('stay in their order where that says what happens first', () => {
    expect(many('word_order_shuffling', request)).toEqual([])
    expect(instructions('word_order_shuffling', row('give me the average of score for every team in scores', workflow(step('aggregate', { function: 'avg', column: 'score' }))))).toEqual([])
    expect(instructions('word_order_shuffling', row('put the message "it is done" in the log for kim', workflow(step('log', { message: 'it is done' }))))).toEqual([])
  })
  test('become polite where they begin with what is to be done', () => {
    expect(instructions('politeness', plain).every((each) => /\bremove the duplicates\??$/.test(each))).toBe(true)
    expect(instructions('politeness', plain).length).toBeGreaterThan(5)
    expect(many('politeness', row('mean salary by department', rows.find(({ instruction }) => instruction === 'mean salary by department')!.output))).toEqual([])
    expect(many('politeness', row('what is a step', { response: tamarind.rules[0]!.text }))).toEqual([])
  })
  test('are typed with slips and small talk', () => expect(instructions('typing', plain).length).toBeGreaterThan(8))
  test('of what nobody understands stay as they are', () => {
    const unclear = row('do the thing', { response: tamarind.replies.unclear!.text })
    for (const name of Object.keys(family.variations!)) expect(many(name, unclear), name).toEqual([])
  })
})

describe('values', () => {
  test('are exchanged in the words, beside them and in the answer', () => {
    const of = row('load this file and keep amount over 50', workflow(step('read_csv', { file: 'old/expenses.csv' }), step('filter', { condition: 'amount > 50' })), { file: 'old/expenses.csv', file_format: 'CSV' })
    const made = many('value_substitution', of)
    expect(made.length).toBeGreaterThan(8)
    for (const { instruction, context, output } of made) {
      const [read, filter] = (JSON.parse(output) as { steps: [{ parameters: { file: string } }, { parameters: { condition: string } }] }).steps
      expect(context).toEqual({ file: read.parameters.file, file_format: 'CSV' })
      expect(instruction).toBe(`load this file and keep ${filter.parameters.condition.replace('>', 'over')}`)
    }
  })
  test('of a row that has none are not made up: it is only said otherwise', () => {
    expect(many('value_substitution', plain)).toEqual([])
    expect(many('value_substitution', row('how many steps may there be', { response: tamarind.rules[0]!.text }))).toEqual([])
  })
  test('that the words have once more than the answer stay', () => {
    const [made] = many('value_substitution', row('count the orders in orders.csv', workflow(step('read_csv', { file: 'orders.csv' }), step('aggregate', { function: 'count' }))))
    expect(made).toBeUndefined()
  })
  test('keep the confidence that a stored answer has', () => {
    for (const { output } of many('value_substitution', row('sort by price', JSON.stringify({ ...workflow(step('sort', { by: 'price' })), confidence: 0.9 })))) expect(JSON.parse(output)).toHaveProperty('confidence', 0.9)
  })

  test('exchanged, put back, give the row that it was', () => {
    fc.assert(fc.property(fc.constantFrom(...rows), fc.integer(), (of, seed) => {
      const made = family.variations!.value_substitution!.vary(tamarind, of, new Random(seed))
      fc.pre(made !== undefined && problemsOf(family, tamarind, made).length === 0)
      const before = family.copiedValues(tamarind, of).map(({ value }) => value)
      const after = family.copiedValues(tamarind, made!).map(({ value }) => value)
      const gone = before.filter((value) => occurrences(`${made!.instruction}\n${made!.output}`, value) === 0)
      expect(gone.length).toBeGreaterThan(0)
      const at = (value: string) => placeOf(family.userText(tamarind, of.instruction, of.context), value)
      const place = (value: string) => placeOf(family.userText(tamarind, made!.instruction, made!.context), value)
      const fresh = after.filter((value) => occurrences(`${of.instruction}\n${of.output}`, value) === 0).sort((a, b) => place(a) - place(b))
      const old = gone.sort((a, b) => at(a) - at(b))
      expect(fresh).toHaveLength(old.length)
      const back = (said: string) => said.replace(new RegExp(`(?<![\\p{L}\\p{N}_])(?:${[...fresh].sort((a, b) => b.length - a.length).map(escapeRegExp).join('|')})(?![\\p{L}\\p{N}_])`, 'gu'), (value) => old[fresh.indexOf(value)]!)
      expect(back(made!.instruction)).toBe(of.instruction)
      expect(family.completion(tamarind, back(made!.output))).toBe(family.completion(tamarind, of.output))
    }), { numRuns: 200 })
  })
})

describe('metadata', () => {
  const read = (context: Row['context'], file = '@var:file_path') => row('read the file and sort it by price', workflow(step('read_csv', { file }), step('sort', { by: 'price' })), context)
  const left = (of: Row) => [...new Set(many('metadata_removed', of).map(({ context }) => JSON.stringify(context)))]

  test('that the answer hangs on stays', () => {
    expect(left(read({ file_format: 'CSV' }))).toEqual([])
    expect(left(read({ file: 'a.csv' }, 'a.csv'))).toEqual([])
    // The file's own name tells the format.
    expect(left(read({ file: 'a.csv', file_format: 'CSV' }, 'a.csv'))).toEqual(['{"file":"a.csv"}'])
    expect(left(row('notify somebody', workflow(step('notify', { channel: '#ops' })), { channel: '#ops' }))).toEqual([])
  })
  test('that nothing is taken from may be missing', () => {
    expect(left({ ...plain, context: { channel: '#ops', file_format: 'JSON' } }).sort()).toEqual(['{"channel":"#ops"}', '{"file_format":"JSON"}'])
    expect(left({ ...plain, context: { channel: '#ops' } })).toEqual(['null'])
  })
  test('that would fill what the answer leaves open is not added', () => {
    const added = many('metadata_added', read(null)).map(({ context }) => context!)
    expect(added.some(({ channel }) => channel !== undefined)).toBe(true)
    for (const context of added) {
      expect(context).not.toHaveProperty('file')
      expect(context.file_format ?? 'CSV').toBe('CSV')
    }
    for (const { context } of many('metadata_added', row('notify somebody', workflow(step('notify', { channel: '@var:channel' }))))) expect(context).not.toHaveProperty('channel')
  })
  test('says in its slice how much of it there is', () => {
    const [made] = many('metadata_added', { ...plain, slice: { kind: 'single', action: 'deduplicate', metadata: 'none' } })
    expect(made!.slice).toEqual({ kind: 'single', action: 'deduplicate', metadata: 'some' })
  })
})

test('every variation of a hand-written workflow may be trained on, and all but those of values do the same', () => {
  for (const [i, of] of rows.entries()) {
    if (problemsOf(family, tamarind, of).length > 0) continue
    for (const [name, { way, vary }] of Object.entries(family.variations!)) {
      const made = vary(tamarind, of, new Random(i))
      if (!made) continue
      expect(problemsOf(family, tamarind, made), `${name}: ${of.instruction} → ${made.instruction}`).toEqual([])
      expect([made.instruction, made.context], name).not.toEqual([of.instruction, of.context])
      const [one, other] = [of, made].map(({ output }) => JSON.parse(output) as { steps?: [] })
      if (way !== 'values' && one!.steps) expect(executesTheSame(tamarind, one as never, other as never), name).toBe(true)
      if (way === 'metadata') expect(made.instruction).toBe(of.instruction)
    }
  }
})

test('what the environment of a command tells is no more and no less than the command needs', () => {
  const source = { name: 'gh', file: 'gh.yaml', text: readFileSync(`${schemas}/gh.yaml`, 'utf8') }
  const { schema } = loadSchema(source)
  const merge = (instruction: string): Row => ({ instruction, context: { git: { current_pr: 12, current_branch: 'main' } }, output: JSON.stringify({ type: 'command', command: 'pr', subcommand: 'merge', args: { number: 12 }, flags: [] }), slice: { context: 'partial' } })
  expect(many('context_removed', merge('merge it'), cli, schema).map(({ context }) => context)).toEqual(Array(16).fill({ git: { current_pr: 12 } }))
  // A number that would fill "merge it" is none that may be added to a question back.
  expect(many('context_added', { ...merge('merge it'), context: null, output: JSON.stringify({ type: 'clarification', message: 'Which number?', suggestions: [{ label: 'x', command: 'pr', subcommand: 'merge' }] }) }, cli, schema)).toEqual([])
  for (const { instruction, context, output } of many('value_substitution', merge('merge it'), cli, schema)) {
    expect(instruction).toBe('merge it')
    expect((context!.git as { current_pr: number }).current_pr).toBe((JSON.parse(output) as { args: { number: number } }).args.number)
  }
})

describe.each(['gh', 'home', 'starweave', 'email-batches', 'claude-control', 'tamarind'])('%s', (name) => {
  const raw = { name, file: `${name}.yaml`, text: readFileSync(`${schemas}/${name}.yaml`, 'utf8') }
  const { family: kind, schema } = loadSchema({ ...raw, text: gatherSchema(raw, schemas) })
  const written = readFileSync(`${schemas}/${name}.golden.jsonl`, 'utf8').split('\n').filter(Boolean).map((line) => kind.fromForeign(schema, JSON.parse(line) as never)).map(({ part: _, ...each }) => each).filter((each) => problemsOf(kind, schema, each).length === 0).slice(0, 60)

  test('asks its teacher for the same, whatever variants are wanted', () => {
    const asking = { ...(schema as object), augmentation: { variants: 3, ways: ['phrasing'] } }
    const briefs = kind.plan(schema, { count: 60, seed: 1 })
    expect(kind.plan(asking, { count: 60, seed: 1 })).toEqual(briefs)
    expect(kind.teacherRequest(asking, briefs.slice(0, 5))).toEqual(kind.teacherRequest(schema, briefs.slice(0, 5)))
  })
  test('varies hand-written rows in all its ways, nearly always into rows that may be trained on', () => {
    const made = Object.entries<Variation>(kind.variations!).map(([way, { vary }]) => [way, written.flatMap((of, i) => vary(schema, of, new Random(i)) ?? [])] as const)
    for (const [way, all] of made) expect(all.length, way).toBeGreaterThan(0)
    const all = made.flatMap(([, each]) => each)
    expect(all.filter((each) => problemsOf(kind, schema, each).length > 0).length).toBeLessThan(all.length / 20)
  })
})

test('a YAML asks for variants in the ways of its kind, and a wrong one is told with its place', () => {
  const asking = (lines: string) => `${text}\naugmentation:${lines}\n`
  expect(family.augmentation!(tamarind)).toBeUndefined()
  expect(family.augmentation!(parsed(asking('\n  variants: 3')))).toEqual({ variants: 3, ways: ['phrasing', 'values', 'metadata'] })
  expect(family.augmentation!(parsed(asking(' {variants: 0, ways: [phrasing]}')))).toEqual({ variants: 0, ways: ['phrasing'] })
  const line = asking('').split('\n').length - 1
  const told = (lines: string) => mistakeOf(family.parse, asking(lines))
  expect(told('\n  variants: 30')).toBe(`schemas/x.yaml:${line + 1}:13: expected "variants" to be at most 10, found 30; lower it.`)
  expect(told('\n  ways: [phrasing]')).toMatch(/expected the key "variants" \(a number\), found none; add it/)
  expect(told('\n  variants: 1\n  ways: [phrasing, value]')).toMatch(new RegExp(`:${line + 2}:20: expected "ways" to be "phrasing", "values" or "metadata", found "value"; did you mean "values"`))
  expect(told('\n  variant: 1\n  variants: 1')).toMatch(/expected one of the keys variants, ways, found "variant"; did you mean "variants"/)
})

test.each(Object.values(families))('what $kind can ask for is what it has variations for', ({ kind, variations }) => {
  const has = new Set(Object.values(variations!).map(({ way }) => way))
  const file = resolve(schemas, kind === 'cli' ? 'schema.json' : `${kind}.schema.json`)
  const asked = (JSON.parse(readFileSync(file, 'utf8')) as { properties: { augmentation: { properties: { ways: { items: { enum: string[] } } } } } }).properties.augmentation.properties.ways.items.enum
  expect(new Set(asked)).toEqual(has)
})
