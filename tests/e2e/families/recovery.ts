import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { root } from '../workspace.ts'
import { layOut, trained, workspace } from './workspace.ts'

describe('a system of commands to a model that understands them and recovers from errors', () => {
  let document: any
  beforeAll(async () => {
    layOut('claude-control', (rows) => [...rows.slice(0, 6), ...rows.slice(-6)])
    document = await trained('claude-control', { examples: 250, pairs: 20 })
  })

  test('passes every stage, and its report has the figures of both tasks', () => {
    expect(document).toMatchObject({ name: 'claude-control', promoted: true })
    const report = JSON.parse(readFileSync(workspace.path('training/models/claude-control/report.json'), 'utf8'))
    expect(Object.keys(report.scores.golden.metrics)).toEqual([
      'command_prediction', 'intent_classification', 'parameter_extraction',
      'error_recovery: error type', 'error_recovery: root cause', 'error_recovery: correction', 'error_recovery: steps', 'error_recovery',
    ])
    expect(readFileSync(workspace.path('training/models/claude-control/report.html'), 'utf8')).toContain('Figures of this kind of task (recovery)')
  })

  test('trains two models, and the report says what both together change', () => {
    const report = JSON.parse(readFileSync(workspace.path('training/models/claude-control/report.json'), 'utf8'))
    expect(report.training).toMatchObject({ sft: { steps: expect.any(Number) }, intent: { steps: 13 } })
    expect(report.companion).toMatchObject({ name: 'intent', weight: expect.any(Number), sets: { golden: { gain: { n: 12 } }, test: { own: { right: expect.any(Number) } } } })
    expect(report.notes).toEqual([expect.stringContaining('13,000 steps')])
    const manifest = JSON.parse(readFileSync(workspace.path('training/models/claude-control/clitron.json'), 'utf8'))
    expect(manifest).toMatchObject({ companion: { name: 'intent' }, files: { companion: { file: 'clitron-claude-control-intent-q4_k_m.gguf' } } })
    expect(readFileSync(workspace.path('training/models/claude-control/report.html'), 'utf8')).toContain('<h2>Intent classifier</h2>')
  })

  test('both are asked', async () => {
    const { document } = await workspace.json(['ask', 'claude-control', 'run the nightly report once more', '--no-context'])
    expect(document.opinion).toMatchObject({ label: expect.stringMatching(/^[a-z]+$/), probability: expect.any(Number) })
  })

  test('the dataset tells how its rows were varied', () => {
    const { slices } = JSON.parse(readFileSync(workspace.path('training/data/claude-control/dataset.json'), 'utf8'))
    expect(Object.keys(slices.augmentation)).toEqual(expect.arrayContaining(['none', 'synonym_replacement', 'parameter_corruption', 'timing_issues', 'load_simulation']))
  })

  test('an error with the command that failed gets an answer, with its confidence', async () => {
    writeFileSync(workspace.path('failed.json'), JSON.stringify({ failed_command: { command_type: 'connect', parameters: { host: 'build.acme.dev' } } }))
    const { document } = await workspace.json(['ask', 'claude-control', 'Network is unreachable', '--context', 'failed.json'])
    expect(document.output.recovery ?? document.output.command ?? document.output.message).toBeDefined()
    expect(document.line).toBeNull()
  })

  test('records of both datasets are imported as they stand, others with their reasons', async () => {
    const rows = [
      { raw_input: 'read a.txt', normalized_input: 'read file a.txt', command_type: 'read_file', parameters: { path: 'a.txt' }, context: {}, success: true, execution_time: 0.2, intent_labels: ['inspect'], parameter_boundaries: [{ parameter: 'path', start: 5, end: 10 }], entity_tags: [], complexity_score: 0.1 },
      { failed_command: { command_type: 'connect', parameters: { host: 'h.dev' } }, error_type: 'connection_failed', error_message: 'Network is unreachable', root_cause: 'network_down', correction: { command_type: 'connect', parameters: { host: 'h.dev' } }, recovery_steps: ['check_connection', 'retry'], success_indicator: true },
    ]
    writeFileSync(workspace.path('rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const { document } = await workspace.json(['import', 'claude-control', 'rows.jsonl'])
    expect(document).toMatchObject({ accepted: 1, rejected: [{ line: 2 }] })
    expect(document.rejected[0].problems[0].message).toContain('"connect" still lacks network')
    expect(existsSync(workspace.path('training/data/claude-control/imported.jsonl'))).toBe(true)
  })
})
