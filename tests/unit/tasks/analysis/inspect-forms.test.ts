import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { inspectionPage } from '../../../../src/evaluation/inspection-page.ts'
import { analysis as family } from '../../../../src/tasks/analysis/index.ts'
import { inspectFolder } from '../../../../src/tasks/analysis/inspect/index.ts'
import { mail, schema } from './fixtures.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inspect-forms-'))
})
const write = (name: string, value: unknown) => writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value))
const inspected = async (analysis?: string): Promise<{ documents: any; unreadable: string[]; notes: string[] }> => {
  const found = await inspectFolder(schema, { folder, analysis })
  inspectionPage('email-batches', found)
  return found
}
const cancelled = { state: 'orders/cancelled', priority: 'normal', summary: 'Cancelled.', entities: { order: ['PO-4471'] }, actions: [] }
const batch = (...emails: unknown[]) => ({ emails: emails.length ? emails : [mail('PO-4471 has been cancelled.')] })

describe('dates', () => {
  const days = { seconds: 1_772_409_600, milliseconds: 1_772_409_600_000, microseconds: 1_772_409_600_000_000, nanoseconds: 1_772_409_600_000_000_000 }
  test.each(Object.entries(days))('in %s since 1970 are understood, as numbers and as texts', async (_unit, date) => {
    write('batch_1.json', batch(mail('One.', { date }), mail('Two.', { date: String(date) })))
    const { documents: { data_analysis_report: report } } = await inspected()
    expect([report.mails.from, report.mails.to]).toEqual(['2026-03-02T00:00:00.000Z', '2026-03-02T00:00:00.000Z'])
    expect(report.structure.gaps).toEqual({})
  })

  test.each([['beyond every calendar', 9e30], ['infinite', '1e999'], ['a text that is none', '"soon"'], ['an object', '{}']])('%s are counted, and end nothing', async (_what, date) => {
    write('batch_1.json', `{"emails": [{"from": "Dana", "subject": "x", "body": "PO-4471 is cancelled.", "date": ${date}}]}`)
    write('batch_2.json', batch(mail('Two.', { date: '2026-03-02' })))
    const { documents: { data_analysis_report: report } } = await inspected()
    expect(report.files.batches).toBe(2)
    expect(report.structure.gaps).toEqual({ 'a mail has a date that cannot be read': 1 })
    expect(report.mails.to).toBe('2026-03-02T00:00:00.000Z')
  })
})

describe('nothing ends the inspection', () => {
  test('neither a folder named like a batch, nor an analysis or a batch whose names are those of objects', async () => {
    mkdirSync(join(folder, 'batch_0.json'))
    write('batch_1.json', '{"emails": [{"from": "Dana", "subject": "PO-4471", "body": "It is cancelled.", "thread": {"toString": 1}}], "constructor": 1, "__proto__": 2}')
    write('analysis.json', `[{"batch_id": 1, "state": "orders/cancelled", "entities": {"constructor": ["PO-4471"], "__proto__": ["x1"]}}, {"batch_id": 1, "summary": ${'['.repeat(60_000)}${']'.repeat(60_000)}}]`)
    const { documents, unreadable } = await inspected()
    expect(unreadable[0]).toMatch(/batch_0\.json: expected a file/)
    expect(documents.data_analysis_report.files.batches).toBe(1)
    expect(documents.data_analysis_report.workflows.states['orders/cancelled']).toBe(1)
  })
})

describe('which batch an analysis is about', () => {
  const counts = async () => (await inspected()).documents.quality_metrics
  test("is told by the batch's own id before its file's name", async () => {
    write('batch_1.json', { id: 'b7', ...batch() })
    write('batch_2.json', { batch_id: 1, ...batch(mail('Please quote 40 MX-220.')) })
    write('analysis.json', [{ batch_id: 'b7', ...cancelled }, { batch_id: 1, ...cancelled, entities: { part: ['MX-220'] } }])
    expect(await counts()).toMatchObject({ analysed: 2, factual: { mean: 1 } })
  })

  test.each([
    ['dates', ['2024-01-15_orders', '2024-01-16_orders', '2024-02-01']],
    ['hashes', ['a3f9-77', 'b3e1', 'b3e2']],
    ['numbers behind a word', ['batch_0001', 'batch_0012', 'batch_0120']],
    ['numbers and dates', ['batch_0001_2024-01-15', 'batch_0002_2024-01-15', 'batch_0003_2024-01-15']],
  ])('is told by the whole name where names are %s', async (_what, names) => {
    for (const name of names) write(`${name}.json`, batch(mail(`Order PO-${name.length}${names.indexOf(name)}7 has been cancelled.`, { subject: '' })))
    write('analysis.json', names.map((name, i) => ({ batch_id: i === 0 ? `${name}.json` : name, ...cancelled, entities: { order: [`PO-${name.length}${i}7`] } })))
    const quality = await counts()
    expect(quality).toMatchObject({ analysed: 3, factual: { mean: 1 } })
    expect(quality.counts).toEqual({})
  })

  test.each([['a number', 12], ['a number as text', '0012'], ['a word and a number', 'Batch 12']])('is told by %s where only one batch has it', async (_what, id) => {
    write('email_batch_0012.json', batch())
    write('email_batch_0013.json', batch())
    write('analysis.json', [{ batch_id: id, ...cancelled }])
    expect((await counts()).counts).toEqual({ 'no analysis': 1 })
  })

  test('is not guessed where two batches have the number, nor by digits inside of a name', async () => {
    write('orders_12.json', batch())
    write('quotes_12.json', batch())
    write('a3f.json', batch())
    write('analysis.json', [{ batch_id: 12, ...cancelled }, { batch_id: 3, ...cancelled }])
    expect((await counts()).counts).toEqual({ 'no batch': 2 })
  })

  test('numbers of batches are those of their ids, for the correlation', async () => {
    for (const id of [3, 5, 9]) write(`2024-01-0${id}.json`, { id, ...batch() })
    write('analysis.json', [3, 5, 9].map((id) => ({ batch_id: id, ...cancelled, actions: Array.from({ length: id }, () => ({ kind: 'confirm_order' })) })))
    const { documents } = await inspected()
    expect(documents.data_analysis_report.correlation_of_number_and_complexity.values_and_actions).toEqual({ pearson: 1, spearman: 1, n: 3 })
  })
})

describe('values of an analysis', () => {
  test('are held against all mails of the batch, however many and long', async () => {
    const orders = Array.from({ length: 6 }, (_, i) => `PO-44${i}1`)
    write('batch_1.json', batch(...orders.map((order) => mail(`${order} has been cancelled. ${'We talked about it at length. '.repeat(20)}`, { subject: order }))))
    write('analysis.json', [{ batch_id: 1, ...cancelled, entities: { order: orders } }])
    const { documents: { quality_metrics: quality } } = await inspected()
    expect(quality).toMatchObject({ factual: { mean: 1 }, entity_recall: { mean: 1 }, inconsistencies: [] })
  })

  test('left out of older mails are missed, too', async () => {
    write('batch_1.json', batch(...Array.from({ length: 6 }, (_, i) => mail(`PO-44${i}1 has been cancelled.`, { subject: '' }))))
    write('analysis.json', [{ batch_id: 1, ...cancelled, entities: { order: ['PO-4431', 'PO-4441', 'PO-4451'] } }])
    expect((await inspected()).documents.quality_metrics).toMatchObject({ entity_recall: { mean: 0.5 }, counts: { 'an entity is left out': 3 } })
  })

  test('may be addresses and numbers of people: right ones count as right, made-up ones as made up, and none is kept', async () => {
    write('batch_1.json', batch(mail('PO-4471 has been cancelled. Call (555) 014-2200.')))
    write('analysis.json', [{ batch_id: 1, ...cancelled, entities: { order: ['PO-4471'], email: ['dana@norvik.example', 'made@up.example'], phone: ['(555) 014-2200'] } }])
    const { documents } = await inspected()
    expect(documents.quality_metrics).toMatchObject({ factual: { mean: 0.75 }, inconsistencies: [{ kind: 'a value that stands nowhere in the mails', what: '[e-mail]' }] })
    expect(JSON.stringify(documents)).not.toMatch(/norvik|up\.example|2200/)
  })

  test('nothing personal is kept in names either', async () => {
    write('batch_1.json', { 'dana@norvik.example': 1, ...batch() })
    write('analysis.json', `[\n{"batch_id": 1, "state": "waiting for dana@norvik.example", "priority": "ask dana@norvik.example", "entities": {"dana@norvik.example": ["PO-4471"]}, "actions": ["call dana@norvik.example"], "dana@norvik.example": 1},\n{"batch_id": 2, "summary": "dana@norvik.example" 1}\n]`)
    const found = await inspected()
    expect(JSON.stringify(found)).not.toContain('norvik')
  })
})

test.each([
  ['next_steps', 'extracted'], ['todo', 'key_entities'], ['action_items', 'entities'], ['nextSteps', 'Key Entities'],
])('what is read under %s and %s is not missing', async (actions, entities) => {
  write('batch_1.json', batch())
  write('analysis.json', [{ batch_id: 1, state: 'orders/cancelled', priority: 'low', overview: 'x', [actions]: ['confirm_order'], [entities]: { order: 'PO-4471' } }])
  const { documents } = await inspected()
  expect(documents.quality_metrics).toMatchObject({ completeness: { mean: 1 }, counts: {} })
})

test('a field that only sounds like one is none', async () => {
  write('batch_1.json', batch())
  write('analysis.json', [{ batch_id: 1, state: 'orders/cancelled', priority: 'low', summary: 'x', entities_checked: true, transactions: [] }])
  expect((await inspected()).documents.quality_metrics.counts).toMatchObject({ 'no entities': 1, 'no actions': 1 })
})

describe('the mails of a batch', () => {
  const fields = async () => (await inspected()).documents.data_analysis_report.structure.mail_fields
  const mails = [{ from: 'Dana', subject: 'PO-4471', body: 'It is cancelled.' }]
  test.each([
    ['the list with their name', { participants: [{ name: 'Dana', role: 'buyer' }], emails: mails }],
    ['a thread', { participants: [{ name: 'Dana' }], thread: mails }],
    ['the list that looks like mails', { items: [{ sku: 'MX-220' }], participants: [{ name: 'Dana' }], correspondence: mails }],
    ['the one that is a list', { emails: 1, messages: mails }],
    ['the file, where it is a list itself', mails],
  ])('are %s', async (_what, value) => {
    write('batch_1.json', value)
    expect(await fields()).toEqual({ 'from: string': 1, 'subject: string': 1, 'body: string': 1 })
  })
})

describe('a file of analyses', () => {
  beforeEach(() => {
    for (const id of [1, 2, 3]) write(`batch_${id}.json`, { id: String(id), ...batch() })
  })
  const keyed = { batch_1: cancelled, batch_2: { analysis: cancelled }, batch_3: cancelled }
  const all = [1, 2, 3].map((id) => ({ batch_id: id, ...cancelled }))
  test.each([
    ['an object keyed by batch', 'analysis.json', JSON.stringify(keyed)],
    ['the same over lines', 'analysis.json', JSON.stringify(keyed, null, 2)],
    ['one under a key', 'analysis.json', JSON.stringify({ metadata: { model: 'm' }, analyses: keyed }, null, 2)],
    ['JSON Lines', 'analysis.jsonl', all.map((each) => JSON.stringify(each)).join('\n')],
    ['JSON Lines in a file of another name', 'analysis.json', all.map((each) => JSON.stringify(each)).join('\n')],
    ['a list in analysis_results.json', 'analysis_results.json', JSON.stringify(all)],
    ['a list in claude-analyses.json', 'claude-analyses.json', JSON.stringify(all)],
  ])('may be %s', async (_what, name, text) => {
    write(name, text)
    const { documents, unreadable } = await inspected()
    expect(unreadable).toEqual([])
    expect(documents.data_analysis_report.files.batches).toBe(3)
    expect(documents.quality_metrics).toMatchObject({ analysed: 3, counts: {} })
  })

  test('beside entries by batch may have others: they are named', async () => {
    write('analysis.json', { metadata: { model: 'm' }, ...keyed })
    const { documents, unreadable } = await inspected()
    expect(documents.quality_metrics).toMatchObject({ analysed: 3, counts: {} })
    expect(unreadable).toEqual([expect.stringMatching(/analysis\.json:1: .*"metadata".*left out/)])
  })

  test('that was named is no batch, whatever its name', async () => {
    write('claude.json', all)
    const { documents, unreadable } = await inspected(join(folder, 'claude.json'))
    expect(unreadable).toEqual([])
    expect(documents.quality_metrics.analysed).toBe(3)
  })

  test('is none where it holds mails', async () => {
    write('analysis_4.json', batch())
    const { documents, notes } = await inspected()
    expect(documents.data_analysis_report.files.batches).toBe(4)
    expect(notes.join()).toContain('no file of analyses')
  })
})

describe('features by what they tell', () => {
  test('are ranked for all five tasks, each over the analyses that have it', async () => {
    for (const { file, content } of family.makeFolder!(schema, { count: 150, seed: 4 })) write(file, content)
    const path = join(folder, 'analysis.json')
    const [first, ...rest] = JSON.parse(readFileSync(path, 'utf8'))
    delete first.analysis.priority
    delete first.analysis.workflow_state
    write('analysis.json', [first, ...rest])
    const found = await inspectFolder(schema, { folder })
    const { features } = (found.documents as any).pattern_library
    expect(features).toMatchObject({ state: { batches: 149 }, priority: { batches: 149 }, summary: { batches: 150, labels: 3 } })
    expect(features.entities.order.features[0]).toMatchObject({ feature: 'entities order' })
    expect(features.state.features[0].bits).toBeGreaterThan(features.state.chance_bits)
    expect(Object.keys(features.actions)).toContain('any')
    expect(features.summary.classes.map(({ name }: { name: string }) => name)).toEqual(['short', 'medium', 'long'])
    const page = inspectionPage('email-batches', found)
    for (const title of ['the state', 'the priority', 'entities', 'action items', 'the length of the summary']) expect(page).toContain(`Features that tell ${title}`)
  })

  test('are not ranked where there is nothing to tell', async () => {
    for (const id of [1, 2, 3]) write(`batch_${id}.json`, batch())
    write('analysis.json', [1, 2, 3].map((id) => ({ batch_id: id, state: 'orders/cancelled' })))
    const { documents: { pattern_library: { features } } } = await inspected()
    expect(features).toMatchObject({ state: { batches: 3, labels: 1, features: [] }, summary: { batches: 0, labels: 0, features: [] }, entities: {}, actions: {} })
  })
})

test('a page of names without end stays readable', async () => {
  for (let id = 1; id <= 90; id++) write(`batch_${id}.json`, batch())
  write('analysis.json', Array.from({ length: 90 }, (_, i) => ({ batch_id: i + 1, state: `state ${i} ${'x'.repeat(3000)}`, priority: `p${i}`, entities: { [`type ${i}`]: ['PO-4471'] } })))
  const page = inspectionPage('email-batches', await inspectFolder(schema, { folder }))
  expect(page.length).toBeLessThan(100_000)
  expect(page).toContain('the commonest 40 of 90')
})
