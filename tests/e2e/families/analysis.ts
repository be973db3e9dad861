import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { layOut, trained, workspace } from './workspace.ts'

const mail = { from: 'Dana Whitfield <dana@norvik.example>', subject: 'PO-4471', body: 'Hi Tom,\n\nplease book 40 MX-220 and confirm it by Friday.\n\nBest regards\nDana\nTel. (555) 014-2200' }

describe('batches of mails to a model that analyses them', () => {
  let document: any
  beforeAll(async () => {
    layOut('email-batches', (rows) => rows.slice(0, 6))
    document = await trained('email-batches', { examples: 150, pairs: 20 })
  })

  test('passes every stage, and its report has the figures of analyses', () => {
    expect(document).toMatchObject({ name: 'email-batches', promoted: true })
    const report = JSON.parse(readFileSync(workspace.path('training/models/email-batches/report.json'), 'utf8'))
    expect(Object.keys(report.scores.golden.metrics)).toEqual(expect.arrayContaining(['accuracy (state)', 'completeness (recall of key entities)', 'precision of entities', 'relevance', 'coherence', 'factual correctness']))
    expect(readFileSync(workspace.path('training/models/email-batches/report.html'), 'utf8')).toContain('Figures of this kind of task (analysis)')
  })

  test('tells the validation loss of each of the five tasks, and which state was taken for which', () => {
    const [metrics, errors] = ['training_metrics.json', 'error_analysis_report.json'].map((file) => JSON.parse(readFileSync(workspace.path('training/models/email-batches', file), 'utf8')))
    expect(Object.keys(metrics.curves.sft.at(-1).validation_loss_by_part).sort()).toEqual(['actions', 'entities', 'priority', 'state', 'summary'])
    expect(errors.sets[0]).toMatchObject({ rows: 'test split', confusion: { of: 'state' } })
  })

  test('no personal data of the mails stands in what is stored', () => {
    const rows = readFileSync(workspace.path('training/data/email-batches/train.jsonl'), 'utf8')
    expect(rows).not.toMatch(/@[a-z]+\.example|\(555\)/)
  })

  test('a batch file is asked about, whole and for one task; one that is cut is told with its place', async () => {
    writeFileSync(workspace.path('batch.json'), JSON.stringify({ id: 'b1', emails: [mail] }))
    const { document } = await workspace.json(['ask', 'email-batches', '--data', 'batch.json'])
    expect(Object.keys(document.output ?? {}).length === 0 || document.output.confidence !== undefined).toBe(true)
    expect(document.line).toBeNull()
    expect((await workspace.json(['ask', 'email-batches', 'what', 'is', 'the', 'state', '--data', 'batch.json'])).exitCode).toBe(0)
    writeFileSync(workspace.path('cut.json'), '{"id": "b1",\n "emails": [{"from"')
    const cut = await workspace.run(['ask', 'email-batches', '--data', 'cut.json'])
    expect(cut.exitCode).toBe(2)
    expect(String(cut.stderr)).toMatch(/cut\.json:2:\d+: expected JSON, a batch of mails/)
  })

  test('made-up batches are found as they were made, a broken one is named, and nothing is written over', async () => {
    expect((await workspace.json(['inspect', 'email-batches', '--make', '60', '--data', 'made'])).document).toMatchObject({ files: 61 })
    expect(String((await workspace.run(['inspect', 'email-batches', '--make', '5', '--data', 'made'])).stderr)).toContain('made is not empty')
    writeFileSync(workspace.path('made/batch_0031.json'), '{"emails": [')
    const { document } = await workspace.json(['inspect', 'email-batches', '--data', 'made'])
    expect(document).toMatchObject({ title: '59 batches, 60 analyses', unreadable: 1, reasons: [expect.stringContaining('batch_0031.json:1:13')] })
    for (const file of ['data_analysis_report.json', 'pattern_library.json', 'quality_metrics.json', 'curriculum_config.json', 'data_analysis_report.html']) expect(existsSync(workspace.path('training/data/email-batches/inspect', file)), file).toBe(true)
  })

  test('analysed batches are imported, others with their reasons', async () => {
    const analysis = { state: 'orders/start', priority: 'high', summary: 'Dana Whitfield ordered 40 MX-220 under PO-4471.', entities: { order: ['PO-4471'], part: ['MX-220'], quantity: ['40'], date: ['Friday'] }, actions: [{ kind: 'confirm_order', who: 'Tom', what: 'PO-4471', when: 'Friday' }] }
    const rows = [{ batch: { emails: [mail] }, analysis }, { batch: { emails: [mail] }, analysis: { ...analysis, entities: { order: ['PO-9999'] } } }]
    writeFileSync(workspace.path('rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const { document } = await workspace.json(['import', 'email-batches', 'rows.jsonl'])
    expect(document).toMatchObject({ accepted: 1, rejected: [{ line: 2 }] })
    expect(document.rejected[0].problems.map(({ message }: { message: string }) => message).join()).toContain('"po-9999" in the mails')
    expect(existsSync(workspace.path('training/data/email-batches/imported.jsonl'))).toBe(true)
    expect(readFileSync(workspace.path('training/data/email-batches/imported.jsonl'), 'utf8')).not.toContain('norvik')
  })
})
