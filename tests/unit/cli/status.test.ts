import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { WorkflowFailedError } from '@temporalio/client'
import { ApplicationFailure, defaultDataConverter, defaultPayloadConverter, TypedSearchAttributes } from '@temporalio/common'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { status } from '../../../src/cli/commands/status.ts'
import { ownIdentity } from '../../../src/process/identity.ts'
import { addVersion } from '../../../src/registry/registry.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { upFile, writeUpFile, type Child } from '../../../src/temporal/up-file.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

const connect = vi.hoisted(() => vi.fn())
vi.mock('../../../src/temporal/connection.ts', () => ({ connect }))

inOwnFolder('status-')
let written: string
beforeEach(() => {
  mkdirSync('schemas')
  copyFileSync(join(import.meta.dirname, '../../fixtures/notes.yaml'), join('schemas', 'notes.yaml'))
  for (const name of ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE']) vi.stubEnv(name, '')
  vi.stubEnv('CLITRON_HOME', join(process.cwd(), 'state'))
  written = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((written += String(text))))
  connect.mockResolvedValue(server([]))
})
afterEach(() => vi.restoreAllMocks())

/** A server that knows runs of this type, all failed. */
function server(types: string[], input?: object) {
  const list = async function* () {
    for (const type of types) yield { workflowId: `${type}-notes`, runId: '1', startTime: new Date(0), status: { name: 'FAILED' }, typedSearchAttributes: new TypedSearchAttributes([]) }
  }
  const payloads = input ? [defaultPayloadConverter.toPayload(input)] : []
  const client = {
    options: { namespace: 'default', loadedDataConverter: defaultDataConverter },
    withDeadline: (_: number, call: () => unknown) => call(),
    workflowService: { getWorkflowExecutionHistory: async () => ({ history: { events: [{ workflowExecutionStartedEventAttributes: { input: { payloads } } }] } }) },
  }
  const getHandle = (workflowId: string) => ({
    workflowId,
    client,
    describe: async () => ({ workflowId, runId: '1', type: types[0], historyLength: 9, status: { name: 'FAILED' }, raw: {} }),
    query: async () => undefined,
    result: async () => Promise.reject(new WorkflowFailedError('Workflow execution failed', ApplicationFailure.nonRetryable('The test split is empty; make more examples.', 'BadInput'), 'NON_RETRYABLE_FAILURE')),
  })
  return { workflow: { list, getHandle }, connection: { close: async () => {} } }
}

const up = (worker?: Partial<Child>) => writeUpFile(upFile(), { state: 'running', version: '', code: '', folder: process.cwd(), since: '', supervisor: ownIdentity(), address: '127.0.0.1:7233', uiAddress: 'http://127.0.0.1:8233', worker: { ...ownIdentity(), restarts: 0, log: '/logs/worker.log', ...worker } })

test('a failed run says why, and the command that goes on', async () => {
  up()
  connect.mockResolvedValue(server(['sft'], { name: 'notes', options: { num: 500, quant: 'q8_0', force: true } }))
  await status('notes', {})
  expect(written).toMatch(/last run: sft-notes failed: The test split is empty; make more examples\.\n  safe: .*\n  to do: (npx )?clitron sft notes --num 500 --quant q8_0\n/)
  connect.mockResolvedValue(server(['sft']))
  await status('notes', {})
  expect(written).toMatch(/to do: (npx )?clitron train notes\n$/)
})

test('a worker that is not up, or is started again and again, is said with its log', async () => {
  const said = async (worker?: Partial<Child>) => {
    up(worker)
    written = ''
    await status('notes', {})
    return written
  }
  expect(await said()).toMatch(/Server \(127\.0\.0\.1:7233\) and worker are up/)
  expect(await said({ restarts: 1 })).not.toContain('worker.log')
  expect(await said({ restarts: 7 })).toMatch(/started again 7 times\. Its log says why: \/logs\/worker\.log/)
  expect(await said({ pid: 2 ** 22 + 1, start: '1', restarts: 7 })).toMatch(/Server \(127\.0\.0\.1:7233\) is up; .*\nThe worker is not running; .* \(restarts so far: 7\)\. .*\/logs\/worker\.log/)
})

test('a server that is gone is said, with what is safe and what to do', async () => {
  await status('notes', {})
  expect(written).toMatch(/^Server and worker are not running here\. What is done is safe; .* go on with `(npx )?clitron up`/)
  up()
  written = ''
  connect.mockRejectedValue(new Error('No Temporal server answers at 127.0.0.1:7233 (refused). Start this folder\'s own with `clitron up`.'))
  await status('notes', {})
  expect(written).toMatch(/^No Temporal server answers .* What is done is safe, and its supervisor restarts it; if this stays, see `(npx )?clitron doctor`/)
})

test('the gates that the model does not pass are named', async () => {
  const ref = { uri: 'store:a', sha256: 'a'.repeat(64), bytes: 1, kind: 'report' }
  const failed = { state: 'accuracy (state) is 88.4%, above 90.0% is demanded' }
  await addVersion(new ArtifactStore(), 'notes', { report: ref, dataset: ref, sft: ref, dpo: ref, schema: 's', base: 'scratch', quant: 'q8_0', seed: 1, scores: {}, verdict: 'v', failed }, true)
  await status('notes', {})
  expect(written).toContain('  fails a gate: accuracy (state) is 88.4%, above 90.0% is demanded\n')
  written = ''
  await status('notes', { json: true })
  expect(JSON.parse(written).trainings[0].model.failed).toEqual(failed)
})
