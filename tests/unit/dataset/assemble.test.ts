import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { assembleDataset } from '../../../src/dataset/assemble.ts'
import type { AssembleOptions } from '../../../src/dataset/assemble.ts'
import { TrainingRow, type Row } from '../../../src/dataset/row.ts'
import { DatasetReport, distributionOf } from '../../../src/dataset/statistics.ts'
import { hash53 } from '../../../src/dataset/text.ts'
import { cli } from '../../../src/tasks/cli/index.ts'
import type { Companion } from '../../../src/tasks/family.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'
import { small } from '../tasks/cli/fixtures.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assemble-'))
})

const word = (seed: number) => hash53('word', seed).toString(36).slice(0, 9)
const lines = (count: number) => Array.from({ length: count }, (_, index) => {
  const verb = fakeSchema.verbs[index % 4]!
  return JSON.stringify({
    instruction: `${verb} ${word(index)} ${word(index + 5000)} ${index}`, context: index % 5 ? { pr: index } : null, output: JSON.stringify({ do: verb, n: index, confidence: 0.9 }),
    id: `offline-${index}`, intent: `i${index >> 1}`, source: 'offline', slice: { command: verb, case: verb === 'ask' ? 'ambiguous' : 'positive', context: index % 5 ? 'full' : 'none' },
  })
})

async function assemble(content: string[], options: Partial<AssembleOptions> = {}, out = 'out') {
  const batch = join(folder, 'batch.jsonl')
  await writeFile(batch, `${content.join('\n')}\n`)
  return assembleDataset({ name: 'fake', family: fakeFamily, schema: fakeSchema, batches: [batch], outDir: join(folder, out), seed: 1, ...options })
}
const readRows = async (file: string) => (await readFile(join(folder, 'out', file), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, any>)

test('every file is written and dataset.json tells what is in them', async () => {
  const report = await assemble(lines(200))
  expect((await readdir(join(folder, 'out'))).sort()).toEqual(['DATASET.md', 'dataset.json', 'pieces.json', 'rejected.jsonl', 'sft.train.jsonl', 'sft.validation.jsonl', 'system.txt', 'train.jsonl', 'train_calibration.jsonl', 'train_test.jsonl', 'train_val.jsonl'])
  expect(DatasetReport.parse(JSON.parse(await readFile(join(folder, 'out', 'dataset.json'), 'utf8')))).toEqual(report)
  expect((await readRows('train.jsonl')).length).toBe(report.splits.train)
  expect(report.rows).toBe(200)
  expect(report.distribution!.negative.share).toBe(0.25)
  expect(report.leakage.passed).toBe(true)
  const [first] = await readRows('sft.train.jsonl')
  expect(TrainingRow.parse(first).completion).not.toContain('confidence')
  expect(await readFile(join(folder, 'out', 'DATASET.md'), 'utf8')).toContain('| ambiguous | 50 |')
})

test('the card says how rows are annotated and varied, where the kind of task has rules for it', async () => {
  await assemble(lines(200), { family: { ...fakeFamily, guidelines: ({ verbs }) => ({ annotation: [`do: one of ${verbs.length} verbs`], augmentation: ['Every number is another.'] }) } })
  expect(await readFile(join(folder, 'out', 'DATASET.md'), 'utf8')).toContain('## How rows are annotated\n\n- do: one of 4 verbs\n\n## How rows are varied\n\n- Every number is another.\n\n## Examples')
  await assemble(lines(200), {}, 'plain')
  expect(await readFile(join(folder, 'plain', 'DATASET.md'), 'utf8')).not.toContain('How rows are')
})

test('another bound for the model makes no other data', async () => {
  const plain = await assemble(lines(200))
  expect((await assemble(lines(200), { schema: { ...fakeSchema, gates: { target: 0.9 } } })).hashes).toEqual(plain.hashes)
  expect((await assemble(lines(200), { schema: { ...fakeSchema, verbs: [...fakeSchema.verbs].reverse() } })).hashes.schema).not.toBe(plain.hashes.schema)
})

test('a phase gets the training rows that it takes, and none of another split', async () => {
  const family = (verb: string, elseAll?: boolean) => ({ ...fakeFamily, phases: () => [{ name: 'first', title: 'Phase 1', share: 0.1, takes: (row: Row) => row.slice?.command === verb, ...(elseAll && { elseAll }) }] })
  await assemble(lines(200), { family: family('open') })
  const taken = (await readRows('train.jsonl')).filter((row) => row.slice.command === 'open').map(({ id }) => id)
  expect(taken.length).toBeGreaterThan(10)
  expect((await readRows('sft.first.jsonl')).map(({ id }) => id)).toEqual(taken)
  await expect(assemble(lines(200), { family: family('nothing') })).rejects.toThrow('The phase "Phase 1" of "fake" has no training rows')
  const report = await assemble(lines(200), { family: family('nothing', true) })
  expect(report.warnings).toContain('No training row is made for "Phase 1": that phase learns from all of them.')
  expect(await readRows('sft.first.jsonl')).toEqual(await readRows('sft.train.jsonl'))
})

test('a model beside the first one learns from the same rows in a folder of its own', async () => {
  const companion: Companion = { name: 'verb', title: 'Verbs', labels: ['open', 'close', 'merge'], labelOf: (output) => { const { do: verb } = JSON.parse(output); return verb === 'ask' ? null : verb }, systemText: 'Tell the verb.', phases: [{ name: 'opening', title: 'Phase A', share: 1, takes: (row) => row.slice?.command === 'open' }] }
  const report = await assemble(lines(200), { family: { ...fakeFamily, companion: () => companion } })
  expect((await readdir(join(folder, 'out', 'verb'))).sort()).toEqual(['pieces.json', 'sft.opening.jsonl', 'sft.train.jsonl', 'sft.validation.jsonl', 'system.txt'])
  expect(report.hashes).toHaveProperty('verb/sft.opening.jsonl')
  const [own, first] = [await readRows('verb/sft.train.jsonl'), await readRows('sft.train.jsonl')]
  expect(own.map(({ id, text }) => [id, text])).toEqual(first.map(({ id, text }) => [id, text]))
  expect(new Set(own.map(({ completion }) => completion))).toEqual(new Set(['{"verb":"open"}', '{"verb":"close"}', '{"verb":"merge"}', '{"verb":null}']))
  expect(new Set((await readRows('verb/sft.opening.jsonl')).map(({ completion }) => completion))).toEqual(new Set(['{"verb":"open"}']))
  expect(JSON.parse(await readFile(join(folder, 'out', 'verb', 'pieces.json'), 'utf8'))).toContain('{"verb":null}')
})

test('a row counts as one with context when it has some, whatever it was planned with', () => {
  const row = (context: Row['context']): Row => ({ instruction: 'x', context, output: '{}', slice: { case: 'positive', context: 'full' } })
  const distribution = distributionOf([row({ git: { pr: 1 } }), row({ git: { dirty: false } }), row(null), row({ git: { pr: null } }), row({})])!
  expect([distribution.positive_with_context.rows, distribution.positive_without_context.rows]).toEqual([2, 3])
})

test('added rows join the training split alone, and none that a held-out or hand-written row, or a question that is there, could be known from', async () => {
  const content = lines(200)
  const golden = join(folder, 'golden.jsonl')
  const more = join(folder, 'more.jsonl')
  const write = (rows: object[]) => writeFile(more, rows.map((row) => `${JSON.stringify({ context: null, source: 'offline', ...row })}\n`).join(''))
  await writeFile(golden, JSON.stringify({ instruction: 'open the door of the very last room 7', output: '{"do":"open","n":7}' }))
  const before = await assemble(content, { golden })
  const splits = async () => Promise.all(['train_val.jsonl', 'train_calibration.jsonl', 'train_test.jsonl'].map((file) => readFile(join(folder, 'out', file), 'utf8')))
  const [heldOut, trained] = [await splits(), await readRows('train.jsonl')]
  const [test] = await readRows('train_test.jsonl')
  await write([
    { id: 'new', intent: 'new', instruction: 'close the window over the sea 41', output: '{"do":"close","n":41}' },
    { id: 'again', intent: 'again', instruction: 'close the window over the sea 41', output: '{"do":"close","n":41}' },
    { id: 'same intent', intent: test!.intent, instruction: 'merge all of the branches into one 42', output: '{"do":"merge","n":42}' },
    { id: 'like held-out', intent: 'a', instruction: `${test!.instruction}!`, output: test!.output },
    { id: 'like golden', intent: 'b', instruction: 'open the door of the very last room 8', output: '{"do":"open","n":8}' },
    { id: 'contradicts', intent: 'c', context: trained[0]!.context, instruction: trained[0]!.instruction, output: '{"do":"ask"}' },
    { id: 'wrong', intent: 'd', instruction: 'fly over the sea 44', output: '{"do":"fly"}' },
  ])
  const report = await assemble(content, { golden, added: [more] })
  expect(await splits()).toEqual(heldOut)
  expect((await readRows('train.jsonl')).map(({ id }) => id)).toEqual([...trained.map(({ id }) => id), 'new'])
  expect((await readRows('sft.train.jsonl')).at(-1)!.id).toBe('new')
  expect(report).toMatchObject({ added: { read: 7, rows: 1 }, rows: before.rows + 1, leakage: { passed: true } })
  const reasons = Object.fromEntries((await readRows('rejected.jsonl')).map(({ row, problems }) => [row.id, problems[0].message]))
  expect(reasons).toMatchObject({
    again: 'exact duplicate of another added row', 'same intent': 'has the intent of a held-out row', 'like held-out': expect.stringContaining('reads like a held-out row'),
    'like golden': expect.stringContaining('reads like a hand-written test row'), contradicts: 'is asked already', wrong: 'there is no verb "fly"',
  })
})

test('the same rows give the same bytes', async () => {
  const first = await assemble(lines(120))
  const second = await assemble(lines(120), {}, 'again')
  expect(second.hashes).toEqual(first.hashes)
  for (const file of ['dataset.json', 'DATASET.md', 'rejected.jsonl']) expect(await readFile(join(folder, 'again', file), 'utf8')).toBe(await readFile(join(folder, 'out', file), 'utf8'))
})

test('rejected rows are kept with file, line and reason', async () => {
  const report = await assemble([...lines(100), '{"instruction":"fly","context":null,"output":"{\\"do\\":\\"fly\\"}"}', '{broken', '{"instruction":5}', lines(1)[0]!])
  expect(report.rejected).toMatchObject({ rows: 3, by_rule: { schema: 1, json: 1, shape: 1 } })
  expect(report.removed.exact_duplicates).toBe(1)
  const rejected = await readRows('rejected.jsonl')
  expect(rejected.map(({ line, problems }) => [line, problems[0].rule])).toEqual([[102, 'json'], [103, 'shape'], [101, 'schema'], [undefined, 'diversity']])
})

test('too many rejected rows stop the dataset and name the commonest reasons', async () => {
  const bad = Array.from({ length: 60 }, (_, index) => JSON.stringify({ instruction: `fly ${index}`, context: null, output: '{"do":"fly"}' }))
  await expect(assemble([...lines(100), ...bad])).rejects.toThrow(/60 of 160 rows for "fake" were rejected, more than 30%: schema 60× \(there is no verb "fly"\)/)
})

test('an empty split is refused with the counts that led to it', async () => {
  await expect(assemble(lines(2))).rejects.toThrow(/split of "fake" is empty: 2 rows were read/)
})

test('no rows at all are refused', async () => {
  await expect(assembleDataset({ name: 'fake', family: fakeFamily, schema: fakeSchema, batches: [], outDir: join(folder, 'out'), seed: 1 })).rejects.toThrow(/There are no rows/)
})

test('hand-written rows keep their neighbours out of all splits', async () => {
  const golden = join(folder, 'golden.jsonl')
  const content = lines(100)
  await writeFile(golden, content[10]!)
  const report = await assemble(content, { golden })
  expect(report.removed.near_golden).toBe(1)
  expect(report.leakage.near_duplicates.golden).toBe(0)
})

test('a hand-written row in another form keeps its neighbours out too', async () => {
  const golden = join(folder, 'golden.jsonl')
  const content = lines(100)
  const { instruction, output } = JSON.parse(content[10]!) as { instruction: string; output: string }
  await writeFile(golden, JSON.stringify({ instruction, answer: output }))
  expect((await assemble(content, { golden })).removed.near_golden).toBe(1)
  await writeFile(golden, '{"ask":"it"}')
  await expect(assemble(content, { golden })).rejects.toThrow(/golden\.jsonl:1:1: this golden row cannot be read: expected "instruction", a string/)
})

test('dataset.json and the card tell how many held-out questions differ from training questions only by values', async () => {
  const golden = join(folder, 'golden.jsonl')
  const { instruction, ...row } = JSON.parse(lines(200)[12]!) as { instruction: string }
  // Longer numbers, so that the two are no near-doubles.
  await writeFile(golden, JSON.stringify({ ...row, instruction: instruction.replace(/\d+$/, '90817263544536271809') }))
  const { leakage, removed } = await assemble(lines(200), { golden })
  expect(removed.near_golden).toBe(0)
  expect(leakage).toMatchObject({ passed: true, same_wording: { golden: 1, test: 0 } })
  expect(await readFile(join(folder, 'out', 'DATASET.md'), 'utf8')).toContain('1 held-out questions have the wording of a training question, with other values')
})

test('a test split of few intents is warned of, but not where few rows were asked for', async () => {
  const few = expect.stringMatching(/^The test split has \d+ intents;/)
  expect((await assemble(lines(1200))).warnings).toContainEqual(few)
  expect((await assemble(lines(200))).warnings).not.toContainEqual(few)
  expect((await assemble(lines(6500))).warnings).not.toContainEqual(few)
})

test('dataset.json and the card name the parts of the schema that no training row exercises', async () => {
  const rows = cli.plan(small, { count: 120, seed: 1 }).map((brief) => cli.writeOffline(small, brief, 1)).filter(({ output }) => !output.includes('"draft"'))
  const { coverage, warnings } = await assemble(rows.map((row) => JSON.stringify(row)), { family: cli, schema: small })
  expect(coverage.counts['subcommand pr list']).toBeGreaterThan(0)
  expect(coverage.counts['context git.current_pr']).toBeGreaterThan(0)
  expect(coverage.uncovered).toContain('flag pr list --draft')
  expect(warnings).toContainEqual(expect.stringMatching(/^No training example exercises \d+ of the 16 parts of the schema: .*flag pr list --draft/))
  expect(await readFile(join(folder, 'out', 'DATASET.md'), 'utf8')).toMatch(/parts of the schema are exercised\. Without an example: .*``flag pr list --draft``/)
})

test('a family may bring split shares of its own', async () => {
  const { splits } = await assemble(lines(400), { family: { ...fakeFamily, ratios: { train: 0.6, validation: 0.1, calibration: 0.1, test: 0.2 } } })
  expect(splits.test).toBeGreaterThan(60)
  expect(splits.train).toBeLessThan(270)
})

test('added rows that miss a quality check are left out with its reason, and end nothing', async () => {
  const quality = (_schema: unknown, rows: readonly Row[]) => [{ name: 'semantic_validity', method: 'expert_rules', value: rows.some(({ id }) => id === 'weak') ? 0.5 : 1, least: 0.9, example: 'row 1 breaks rule 3' }]
  const more = join(folder, 'more.jsonl')
  const added = (id: string) => writeFile(more, `${JSON.stringify({ id, instruction: 'open quite another thing 77123', context: null, output: '{"do":"open","n":77123}', intent: 'new', slice: { command: 'open' } })}\n`)
  await added('good')
  expect(await assemble(lines(200), { family: { ...fakeFamily, quality }, added: [more] })).toMatchObject({ added: { read: 1, rows: 1 } })
  await added('weak')
  const report = await assemble(lines(200), { family: { ...fakeFamily, quality }, added: [more] })
  expect(report).toMatchObject({ rows: 200, added: { read: 1, rows: 0 }, quality: [{ value: 1 }] })
  expect(report.warnings).toContainEqual(expect.stringMatching(/^No added example was taken: they miss the quality check semantic_validity \(expert rules\): 0\.5000/))
  expect(await readRows('rejected.jsonl')).toContainEqual(expect.objectContaining({ row: expect.objectContaining({ id: 'weak' }), problems: [{ rule: 'schema', message: expect.stringContaining('miss the quality check semantic_validity') }] }))
  expect((await readRows('train.jsonl')).map(({ id }) => id)).not.toContain('weak')
})

test('a quality check of the family that is missed ends the run with its name, figure and a row; one that is passed stands in the report', async () => {
  const checking = (value: number) => ({ ...fakeFamily, quality: (_schema: unknown, rows: readonly Row[]) => [{ name: 'semantic_validity', method: 'expert_rules', value, least: 0.9, example: `row 1 of ${rows.length} breaks rule 3` }] })
  await expect(assemble(lines(200), { family: checking(0.85) })).rejects.toThrow(/quality check semantic_validity \(expert rules\): 0\.8500, at least 0\.9 is needed; row 1 of 200 breaks rule 3/)
  const report = await assemble(lines(200), { family: checking(0.9) })
  expect(report.quality).toEqual([{ name: 'semantic_validity', method: 'expert_rules', value: 0.9, least: 0.9 }])
  expect(await readFile(join(folder, 'out', 'DATASET.md'), 'utf8')).toContain('at least 0.9 is needed')
})
