import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { inspectionPage } from '../../../../src/evaluation/inspection-page.ts'
import { analysis as family } from '../../../../src/tasks/analysis/index.ts'
import { inspectFolder } from '../../../../src/tasks/analysis/inspect/index.ts'
import { pearson, spearman } from '../../../../src/tasks/analysis/inspect/counting.ts'
import { mail, schema } from './fixtures.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inspect-'))
})
const write = (name: string, value: unknown) => writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value))
const inspected = async (): Promise<{ documents: any; unreadable: string[]; notes: string[] }> => inspectFolder(schema, { folder })

describe('made-up batches with known truth', () => {
  test('are found as they were made: states, no gap, no value that stands nowhere', async () => {
    for (const { file, content } of family.makeFolder!(schema, { count: 120, seed: 5 })) write(file, content)
    expect(readdirSync(folder)).toHaveLength(121)
    const { documents: { data_analysis_report: report, quality_metrics: quality, pattern_library: patterns, curriculum_config: curriculum }, unreadable } = await inspected()
    expect(unreadable).toEqual([])
    expect(report.files.batches).toBe(120)
    expect(Object.values<number>(report.workflows.states).reduce((sum, count) => sum + count)).toBe(120)
    expect(quality.analysed).toBe(120)
    expect(quality.inconsistencies).toEqual([])
    expect(quality.score.mean).toBeGreaterThan(0.97)
    expect(patterns.entities.quote.found_by_declared_patterns).toBeGreaterThan(0.3)
    expect(curriculum.levels.map(({ name }: { name: string }) => name)).toEqual(['simple', 'moderate', 'hard'])
  })

  test('the same for the same seed', () => {
    const made = (seed: number) => [...family.makeFolder!(schema, { count: 5, seed })]
    expect(made(1)).toEqual(made(1))
    expect(made(1)).not.toEqual(made(2))
  })
})

describe('what cannot be read is named, and the rest kept', () => {
  test('a batch that stops being JSON, one without mails, and an entry that is broken', async () => {
    write('batch_1.json', { id: '1', emails: [mail('Please cancel PO-4471.')] })
    write('batch_2.json', '{"id": "2",\n "emails": [{"from": "x" "y"}]}')
    write('batch_3.json', { id: '3', note: 'nothing' })
    write('batch_4.json', { id: '4', emails: [mail('PO-4471 has been cancelled.')] })
    write('analysis.json', `[\n{"batch_id": 1, "state": "orders/cancelled", "entities": {"order": ["PO-4471"]}},\n{"batch_id": 4, "state: 1},\n{"batch_id": 9, "state": "orders/start"}\n]`)
    const { documents, unreadable } = await inspected()
    expect(documents.data_analysis_report.files).toMatchObject({ batches: 2, unreadable: 3 })
    expect(unreadable.join('\n')).toMatch(/batch_2\.json:2:\d+: expected JSON/)
    expect(unreadable.join('\n')).toMatch(/batch_3\.json:1:1: expected \{"emails": \[…\]\}/)
    expect(unreadable.join('\n')).toMatch(/analysis\.json:3: the entry stops being JSON/)
    expect(documents.data_analysis_report.workflows.analyses).toBe(2)
    expect(documents.quality_metrics.counts).toMatchObject({ 'no batch': 1, 'no analysis': 1 })
  })

  test.each([
    ['a folder that is not there', () => inspectFolder(schema, { folder: join(folder, 'none') }), /cannot be read; --data takes a folder/],
    ['a folder without batches', () => inspectFolder(schema, { folder }), /holds no batch files/],
    ['a file of analyses without a list', () => {
      write('batch_1.json', { emails: [] })
      write('analysis.json', { a: 1 })
      return inspectFolder(schema, { folder })
    }, /expected a list of analyses/],
    ['nothing but broken files', () => {
      write('batch_1.json', '{')
      return inspectFolder(schema, { folder })
    }, /None of the 1 files .*batch_1\.json:1:2/s],
  ])('%s is an error with what to do', async (_what, inspect, message) => expect(inspect()).rejects.toThrow(message))
})

test('analyses in other words are understood, and judged', async () => {
  write('batch_1.json', { id: '1', messages: [{ sender: 'Dana Whitfield <d@norvik.example>', title: 'PO-4471', text: 'Please cancel PO-4471, it is urgent. Call (555) 014-2200.' }] })
  write('batch_2.json', { id: '2', emails: [mail('PO-4471 has been cancelled.')] })
  write('analysis.json', { version: 1, analyses: [
    { batch: 'batch_1.json', workflow_state: { workflow: 'Orders', state: 'Cancelled' }, priority_level: 'Urgent', entities: [{ type: 'order', value: 'PO-4471' }, { type: 'order', value: 'PO-9999' }], action_items: ['cancel it'], summary: 'Dana cancels; her number is (555) 014-2200.' },
    { batch: 2, state: 'somewhere', priority: 'low', summary: 'x', entities: {}, actions: [] },
    { batch: 2, state: 'orders/cancelled', priority: 'low', summary: 'x', entities: { order: 'PO-4471' }, actions: [] },
  ] })
  const { documents } = await inspected()
  expect(documents.data_analysis_report.workflows).toMatchObject({ states: { 'orders/cancelled': 2, somewhere: 1 }, priorities: { urgent: 1, low: 2 } })
  expect(documents.quality_metrics.counts).toMatchObject({ 'a value that stands nowhere in the mails': 1, 'a state that the schema lacks': 1, 'analysed twice, differently': 1, 'an entity is left out': 1 })
  expect(documents.data_analysis_report.personal_data_replaced).toEqual({ 'e-mail address': 2, 'phone number': 1 })
  expect(JSON.stringify(documents)).not.toMatch(/norvik|2200/)
})

test('the page escapes what stands in the files', async () => {
  write('batch_1.json', { id: '1', emails: [mail('x', { subject: '<script>alert(1)</script> order' })], '<img src=x>': 1 })
  const found = await inspectFolder(schema, { folder })
  const page = inspectionPage('email-batches', found)
  expect(page).toContain('&lt;img src=x&gt;: number')
  expect(page).not.toMatch(/<script|<img/)
  expect(page).toContain('no file of analyses was found')
  rmSync(folder, { recursive: true })
})

describe('correlations', () => {
  test.each([
    ['a line', [[1, 2], [2, 4], [3, 6]], 1, 1],
    ['a curve that rises', [[1, 1], [2, 2], [3, 30]], 0.8805, 1],
    ['a fall', [[1, 3], [2, 2], [3, 1]], -1, -1],
    ['no change', [[1, 1], [2, 1], [3, 1]], null, null],
  ] as const)('of %s', (_what, pairs, p, s) => {
    expect(pearson(pairs)).toEqual(p === null ? null : expect.closeTo(p, 3))
    expect(spearman(pairs)).toEqual(s)
  })
})
