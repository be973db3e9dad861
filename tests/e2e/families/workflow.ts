import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { layOut, trained, workspace } from './workspace.ts'

describe('a language of workflows to a model that writes them', () => {
  let document: any
  beforeAll(async () => {
    layOut('tamarind', (rows) => rows.slice(0, 8))
    document = await trained('tamarind', { examples: 150, pairs: 20 })
  })

  test('passes every stage, and its report has the figures of workflows', () => {
    expect(document).toMatchObject({ name: 'tamarind', promoted: true })
    const report = JSON.parse(readFileSync(workspace.path('training/models/tamarind/report.json'), 'utf8'))
    // The rules are a phase of their own; the training goes on from its weights, and its curve goes on too.
    expect(report.losses.sft.at(-1).step).toBe(40)
    expect(Object.keys(report.scores.golden.metrics)).toEqual(['syntax validity', 'rule validity', 'execution validity', 'structural accuracy', 'executes the same', 'BLEU', 'ROUGE-L'])
    expect(report.scores.golden.metrics['executes the same'].served).toBeCloseTo(report.scores.golden.equivalent)
    expect(readFileSync(workspace.path('training/models/tamarind/report.html'), 'utf8')).toContain('Figures of this kind of task (workflow)')
  })

  test('a request gets an answer in the language, with its confidence', async () => {
    const { document } = await workspace.json(['ask', 'tamarind', 'sort by price'])
    expect(document.output.steps ?? document.output.response).toBeDefined()
    expect(document.line).toBeNull()
  })

  test('triplets are imported as they stand, others with their reasons', async () => {
    const rows = [{ input: 'sort by price', metadata: {}, expected_workflow: { steps: [{ action: 'sort', parameters: { by: 'price' } }] } }, { input: 'group by a', metadata: {}, expected_workflow: { steps: [{ action: 'group', parameters: { by: ['a'] } }] } }]
    writeFileSync(workspace.path('rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const { document } = await workspace.json(['import', 'tamarind', 'rows.jsonl'])
    expect(document).toMatchObject({ accepted: 1, rejected: [{ line: 2 }] })
    expect(document.rejected[0].problems[0].message).toContain('rule 8')
    expect(existsSync(workspace.path('training/data/tamarind/imported.jsonl'))).toBe(true)
  })
})
