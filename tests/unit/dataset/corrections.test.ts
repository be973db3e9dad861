import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importRows } from '../../../src/dataset/import.ts'
import { packageRoot } from '../../../src/paths.ts'
import { gatherSchema, loadSchema } from '../../../src/tasks/index.ts'

async function importRecord(name: string, record: object) {
  const folder = join(packageRoot, 'schemas')
  const source = { name, file: `schemas/${name}.yaml`, text: await readFile(join(folder, `${name}.yaml`), 'utf8') }
  const file = join(await mkdtemp(join(tmpdir(), 'corrections-')), 'rows.jsonl')
  await writeFile(file, JSON.stringify(record))
  return importRows({ ...loadSchema({ ...source, text: gatherSchema(source, folder) }), file })
}

const failed = { failed_command: { command_type: 'run_task', parameters: { task: 't', timeout: 5 } }, error_message: 'it takes 9' }
const recovery = { root_cause: 'limit_too_short', correction: { timeout: 9 }, recovery_steps: ['stop_leftovers', 'apply_correction'] }
const workflow = (condition: string) => ({ steps: [{ action: 'read_csv', parameters: { file: 'a.csv' } }, { action: 'filter', parameters: { condition } }] })
const command = (subcommand: string) => ({ command: 'pr', subcommand })
const light = (state: string) => ({ name: 'set_light', arguments: { room: 'kitchen', state } })
const start = (name: string) => ({ command_type: 'start_session', parameters: { name } })
const stateOf = (state: string) => ({ state, priority: 'high', summary: { pattern: 'order_placed' }, entities: {}, actions: [] })
const mails = { emails: [{ from: 'Dana Whitfield <dana@norvik.example>', subject: 'PO-4471', body: 'Hi Tom, please book it.' }] }

describe('a wrong answer beside the right one is read as the right one is', () => {
  test.each<[string, string, object, unknown, unknown]>([
    ['a command', 'gh', { instruction: 'show me the pull requests', output: { ...command('list') } }, command('status'), { type: 'command', ...command('status'), args: {}, flags: [] }],
    ['a shell line', 'gh', { instruction: 'show me the pull requests', command: 'gh pr list' }, 'gh pr status', { type: 'command', ...command('status'), args: {}, flags: [], confidence: 0.95 }],
    ['a call as APIs have it', 'home', { question: 'turn the kitchen light off', answer: light('off') }, light('on'), { name: 'set_light', parameters: { room: 'kitchen', state: 'on' } }],
    ['a workflow', 'tamarind', { input: 'read a.csv and keep the rows whose status is active', metadata: {}, expected_workflow: workflow("status == 'active'") }, workflow("status == 'open'"), workflow("status == 'open'")],
    ['a response in words', 'tamarind', { input: 'what does filter need', expected_response: 'A condition.' }, 'A file.', { response: 'A file.' }],
    ['an analysis', 'email-batches', { batch: mails, analysis: stateOf('orders/start') }, stateOf('quotes/start'), stateOf('quotes/start')],
    ['a command of the dataset', 'claude-control', { raw_input: 'start a session called blue', intent_labels: ['start'], ...start('blue') }, start('green'), { command: { ...start('green'), intent: 'start' } }],
    ['a recovery of the dataset', 'claude-control', { ...failed, ...recovery }, { ...recovery, correction: { timeout: 6 } }, { recovery: { error_type: expect.any(String), root_cause: 'limit_too_short', correction: { command_type: 'run_task', parameters: { task: 't', timeout: 6 } }, recovery_steps: [{ step: 'stop_leftovers' }, { step: 'apply_correction' }] } }],
    ['passages', 'starweave', { question: 'what is a pattern', answer: { quotes: ['docs/patterns/pattern/what'] } }, { quotes: ['docs/patterns/pattern/limit'] }, { quotes: ['docs/patterns/pattern/limit'] }],
  ])('%s', async (_what, name, record, rejected, stored) => {
    const result = await importRecord(name, { ...record, rejected })
    expect(result.rejected.map(({ problems }) => problems)).toEqual([])
    expect(JSON.parse(result.accepted[0]!.rejected!)).toEqual(stored)
  })

  test('words that a passage says', async () => {
    const starweave = join(packageRoot, 'schemas/starweave/docs/memory.md')
    expect(await readFile(starweave, 'utf8')).toContain('To turn it off, set `memory.decay` to `false`.')
    const { accepted } = await importRecord('starweave', { question: 'what is a pattern', answer: { quotes: ['docs/patterns/pattern/what'] }, rejected: 'To turn it off, set `memory.decay` to `false`.' })
    expect(accepted.map((row) => row.rejected)).toEqual(['{"quotes":["docs/memory/memory-decay/off"]}'])
  })
})

test('a wrong answer that cannot be read is wrong as it stands', async () => {
  const torn = { name: 'set_light', arguments: '{"room":' }
  expect((await importRecord('home', { question: 'turn the kitchen light off', answer: light('off'), rejected: torn })).accepted.map((row) => row.rejected)).toEqual(['{"name":"set_light","parameters":"{\\"room\\":"}'])
  const { accepted } = await importRecord('gh', { instruction: 'show me the pull requests', command: 'gh pr list', rejected: 'I do not know.' })
  expect(accepted.map((row) => row.rejected)).toEqual(['I do not know.'])
})

test.each([
  ['home', { question: 'turn the kitchen light off', answer: light('off'), rejected: light('off') }],
  ['gh', { instruction: 'show me the pull requests', command: 'gh pr list', rejected: 'gh pr list' }],
])('%s: what is right, said in another way, is no correction', async (name, record) => {
  const { accepted, rejected } = await importRecord(name, record)
  expect(accepted).toEqual([])
  expect(rejected.map(({ problems }) => problems[0]!.message)).toEqual([expect.stringContaining('"rejected" is as right as the answer')])
})
