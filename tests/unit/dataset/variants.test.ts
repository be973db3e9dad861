import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { assembleDataset } from '../../../src/dataset/assemble.ts'
import type { AssembleOptions } from '../../../src/dataset/assemble.ts'
import type { Row } from '../../../src/dataset/row.ts'
import { hash53 } from '../../../src/dataset/text.ts'
import type { Augmentation } from '../../../src/tasks/augment/section.ts'
import type { Variations } from '../../../src/tasks/augment/variation.ts'
import type { TaskFamily } from '../../../src/tasks/family.ts'
import { workflow } from '../../../src/tasks/workflow/index.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'
import { tamarind } from '../tasks/workflow/fixtures.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'variants-'))
})

const word = (seed: number) => hash53('word', seed).toString(36).slice(0, 9)
const heldOut = ['train_val.jsonl', 'train_calibration.jsonl', 'train_test.jsonl']
const written = (from: number, count: number, source: Row['source']): Row[] => Array.from({ length: count }, (_, i) => {
  const index = from + i
  const verb = fakeSchema.verbs[index % 3]!
  return { instruction: `${verb} ${word(index)} ${word(index + 5000)} ${1000 + index}`, context: null, output: JSON.stringify({ do: verb, n: 1000 + index }), id: `${source}-${index}`, intent: `i${index}`, source, slice: { command: verb } }
})

const asking = (wanted: Partial<Augmentation>, variations: Variations): TaskFamily => ({ ...fakeFamily, variations, augmentation: () => ({ variants: 2, ways: ['phrasing', 'values', 'metadata'], ...wanted }) })
const frames: Variations = {
  frame: { way: 'phrasing', vary: (_schema, row, r) => ({ ...row, instruction: `${r.pick(['please go on and', 'would you be so good to', 'the next thing is to'])} ${row.instruction}` }) },
  number: { way: 'values', vary: (_schema, row, r) => { const n = String(r.int(10_000, 99_999)); return { ...row, instruction: row.instruction.replace(/\d+$/, n), output: row.output.replace(/\d+(?=})/, n) } } },
}

const file = async (name: string, rows: readonly object[]) => {
  await writeFile(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return join(folder, name)
}
async function assemble(family: TaskFamily, imported: readonly object[], options: Partial<AssembleOptions> = {}, out = 'out') {
  return assembleDataset({ name: 'fake', family, schema: fakeSchema, imported: [await file('imported.jsonl', imported)], batches: [await file('batch.jsonl', written(500, 100, 'offline'))], outDir: join(folder, out), seed: 1, ...options })
}
const rowsOf = async (name: string, out = 'out') => (await readFile(join(folder, out, name), 'utf8')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as Row & { problems: { message: string }[]; row: Row })

test('imported training rows get their variants, and nothing else is another', async () => {
  const imported = written(0, 100, 'import')
  const before = await assemble(fakeFamily, imported, {}, 'before')
  const report = await assemble(asking({}, frames), imported)
  for (const name of heldOut) expect(await readFile(join(folder, 'out', name), 'utf8')).toBe(await readFile(join(folder, 'before', name), 'utf8'))
  const train = await rowsOf('train.jsonl')
  const trained = await rowsOf('train.jsonl', 'before')
  expect(train.slice(0, trained.length)).toEqual(trained)
  const origins = trained.filter(({ source }) => source === 'import')
  const variants = train.slice(trained.length)
  expect(variants.length).toBe(2 * origins.length)
  for (const { id, intent, slice, source } of variants) {
    const origin = origins.find((each) => id!.startsWith(`${each.id}/`))!
    expect({ intent, source, command: slice!.command }).toEqual({ intent: origin.intent, source: 'variant', command: origin.slice!.command })
  }
  // The ways in turn: one of each.
  expect(report.augmented).toEqual({ variants: 2, ways: ['phrasing', 'values', 'metadata'], origins: origins.length, rows: variants.length, by_augmentation: { frame: origins.length, number: origins.length }, rejected: { rows: 0, by_reason: {} } })
  expect(report).toMatchObject({ rows: before.rows + variants.length, leakage: { passed: true, shared_intents: 0 }, sources: { variant: variants.length }, slices_by_split: { train: { augmentation: { frame: origins.length } } } })
  for (const split of ['validation', 'calibration', 'test']) expect(report.slices_by_split[split]).not.toHaveProperty('augmentation')
  expect(before).not.toHaveProperty('augmented')
  const card = await readFile(join(folder, 'out', 'DATASET.md'), 'utf8')
  expect(card).toContain(`6. ${variants.length} variants of ${origins.length} imported training rows joined the training split, at most 2 of each (phrasing, values, metadata); none stands in another split. 0 more were made and not taken.`)
  expect(card).toContain(`| frame | ${origins.length} | ${origins.length} | 0 | 0 | 0 |`)
})

test('nothing is varied unless the schema asks for it', async () => {
  const imported = written(0, 60, 'import')
  const plain = await assemble(fakeFamily, imported)
  expect((await assemble({ ...asking({ variants: 0 }, frames) }, imported)).hashes).toEqual(plain.hashes)
  expect((await assemble({ ...asking({}, frames), augmentation: () => undefined }, imported)).hashes).toEqual(plain.hashes)
  const phrased = await assemble(asking({ ways: ['phrasing'] }, frames), imported)
  expect(Object.keys(phrased.augmented!.by_augmentation)).toEqual(['frame'])
})

test('the same rows give the same variants, another seed others', async () => {
  const imported = written(0, 60, 'import')
  const first = await assemble(asking({}, frames), imported)
  expect((await assemble(asking({}, frames), imported, {}, 'again')).hashes).toEqual(first.hashes)
  expect((await assemble(asking({}, frames), imported, { seed: 2 }, 'other')).hashes['train.jsonl']).not.toBe(first.hashes['train.jsonl'])
})

test('a variant that is wrong, doubled, answered otherwise or like a held-out or hand-written row is not taken, and counted with its reason', async () => {
  const imported = written(0, 60, 'import')
  await assemble(fakeFamily, imported, {}, 'before')
  const [test] = await rowsOf('train_test.jsonl', 'before')
  const other = (await rowsOf('train.jsonl', 'before')).find(({ source }) => source === 'offline')!
  const golden = await file('golden.jsonl', [{ instruction: 'open the door of the very last room 7', output: '{"do":"open","n":7}' }])
  const always = (change: (row: Row) => Partial<Row>): Variations[string] => ({ way: 'phrasing', vary: (_schema, row) => ({ ...row, ...change(row) }) })
  const wrong: Variations = {
    wrong: always(({ instruction }) => ({ instruction: `fly ${instruction}`, output: '{"do":"fly"}' })),
    shouted: always(({ instruction }) => ({ instruction: instruction.toUpperCase() })),
    punctuated: always(({ instruction }) => ({ instruction: `${instruction}!` })),
    contradicting: always(() => ({ instruction: other.instruction, output: '{"do":"ask"}' })),
    leaking: always(({ output }) => ({ instruction: `${test!.instruction}!`, output })),
    known: always(({ output }) => ({ instruction: 'open the door of the very last room 8', output })),
    nothing: { way: 'phrasing', vary: () => undefined },
  }
  const report = await assemble(asking({ variants: 6 }, wrong), imported, { golden })
  const { origins, rows, rejected } = report.augmented!
  expect(rows).toBe(0)
  expect(rejected.by_reason).toEqual(Object.fromEntries(['validation: schema', 'exact duplicate', 'near duplicate', 'contradiction', 'near a held-out row', 'near a hand-written row'].map((reason) => [reason, expect.any(Number)])))
  expect(Object.values(rejected.by_reason).reduce((sum, count) => sum + count, 0)).toBe(rejected.rows)
  const refused = (await rowsOf('rejected.jsonl')).filter(({ row }) => row.source === 'variant')
  expect(refused).toHaveLength(rejected.rows)
  expect(refused.find(({ row }) => row.slice!.augmentation === 'wrong')!.problems).toEqual([{ rule: 'schema', message: 'there is no verb "fly"' }])
  expect(refused.find(({ row }) => row.slice!.augmentation === 'punctuated')!.problems[0]!.message).toMatch(/^as a variant of import-\d+ it is a near duplicate$/)
  expect(report.leakage.passed).toBe(true)
  expect(report.warnings.some((warning) => warning.startsWith(`Only 0 of the ${6 * origins} variants of imported rows that "augmentation" asks for could be made: `))).toBe(true)
})

test('a correction is varied without what the model had said, a row with further right answers in its words alone', async () => {
  const isCorrection = ({ intent }: Row) => Number(intent!.slice(1)) % 2 === 1
  const imported = written(0, 60, 'import').map((row) => ({ ...row, ...(isCorrection(row) ? { rejected: '{"do":"ask"}', bookkeeping: { success: true } } : { accepted: ['{"do":"ask"}'] }) }))
  await assemble(asking({}, frames), imported)
  const variants = (await rowsOf('train.jsonl')).filter(({ source }) => source === 'variant')
  for (const variant of variants) {
    expect(variant).not.toHaveProperty('rejected')
    expect(variant).not.toHaveProperty('bookkeeping')
  }
  const waysOf = (of: Row[]) => new Set(of.map(({ slice }) => slice!.augmentation))
  expect(waysOf(variants.filter(isCorrection))).toEqual(new Set(['frame', 'number']))
  expect(waysOf(variants.filter((row) => !isCorrection(row)))).toEqual(new Set(['frame']))
})

test('a round adds to them and changes none', async () => {
  const imported = written(0, 60, 'import')
  const before = await assemble(asking({}, frames), imported, {}, 'before')
  const report = await assemble(asking({}, frames), imported, { added: [await file('added.jsonl', written(900, 5, 'offline'))] })
  const train = await rowsOf('train.jsonl')
  expect(train.slice(0, before.splits.train)).toEqual(await rowsOf('train.jsonl', 'before'))
  expect(train.slice(before.splits.train).map(({ id }) => id)).toEqual(written(900, 5, 'offline').map(({ id }) => id))
  expect(report).toMatchObject({ added: { read: 5, rows: 5 }, augmented: before.augmented! })
})

test('workflows that people wrote are varied and nothing leaks', async () => {
  const schema = { ...tamarind, augmentation: { variants: 3, ways: ['phrasing' as const, 'values' as const, 'metadata' as const] } }
  const rows = workflow.plan(schema, { count: 160, seed: 3 }).map((brief, i): Row => ({ ...workflow.writeOffline(schema, brief, 3), id: `row-${i}`, source: i % 2 ? 'import' : 'offline' }))
  const imported = await file('imported.jsonl', rows.filter(({ source }) => source === 'import'))
  const batch = await file('batch.jsonl', rows.filter(({ source }) => source === 'offline'))
  const report = await assembleDataset({ name: 'tamarind', family: workflow, schema, imported: [imported], batches: [batch], outDir: join(folder, 'out'), seed: 1 })
  const { origins, rows: made, by_augmentation } = report.augmented!
  expect(report.leakage.passed).toBe(true)
  expect(origins).toBeGreaterThan(50)
  expect(made).toBeGreaterThan(1.8 * origins)
  expect(Object.keys(by_augmentation)).toEqual(expect.arrayContaining(['metadata_added', 'style_transformation', 'synonym_replacement', 'typing', 'value_substitution']))
  const train = await rowsOf('train.jsonl')
  const importedTrain = new Map(train.filter(({ source }) => source === 'import').map((row) => [row.id, row]))
  for (const variant of train.filter(({ source }) => source === 'variant')) {
    const origin = importedTrain.get(variant.id!.split('/')[0])!
    expect(variant.intent).toBe(origin.intent)
    expect(workflow.validate(schema, variant)).toEqual([])
    if (workflow.copiedValues(schema, origin).length === 0) expect(variant.slice!.augmentation).not.toBe('value_substitution')
  }
})
