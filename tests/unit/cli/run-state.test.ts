import { type Client, QueryNotRegisteredError, type WorkflowHandle } from '@temporalio/client'
import { ApplicationFailure, TypedSearchAttributes } from '@temporalio/common'
import { encodeErrorToFailure, encodeToPayload, loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js'
import { afterEach, expect, test, vi } from 'vitest'
import { look, runOf } from '../../../src/cli/run-state.ts'
import { dataConverter } from '../../../src/temporal/data-converter.ts'
import { trainingAttribute } from '../../../src/temporal/names.ts'

interface Known {
  id: string
  status?: 'RUNNING' | 'COMPLETED'
  started?: number
  /** The search attribute, where the cluster stores it and the run has its plan. */
  training?: string
  /** The activity that the run is at. */
  at?: string
}

/** A server that finds these runs, whatever is asked. */
function cluster(...runs: Known[]): Client {
  const list = async function* () {
    for (const { id, status = 'RUNNING', started = 0, training } of runs) {
      yield { workflowId: id, runId: id, startTime: new Date(started), status: { name: status }, typedSearchAttributes: new TypedSearchAttributes(training ? [{ key: trainingAttribute, value: training }] : []) }
    }
  }
  const getHandle = (workflowId: string) => {
    const { status = 'RUNNING', at } = runs.find(({ id }) => id === workflowId)!
    return { workflowId, describe: async () => ({ status: { name: status }, raw: { pendingActivities: at ? [{ activityType: { name: at } }] : [] } }) }
  }
  return { workflow: { list, getHandle } } as unknown as Client
}

const chosen = async (...runs: Known[]) => (await runOf(cluster(...runs), 'gh'))?.workflowId

test('a running train of gh-work is no run of gh', async () => {
  expect(await chosen({ id: 'train-gh-work' }, { id: 'train-gh-work-2026-11-21T18:00:00Z' })).toBeUndefined()
  expect(await chosen({ id: 'train-gh-work' }, { id: 'train-gh', status: 'COMPLETED' })).toBe('train-gh')
})

test("a schedule's run is one of gh, and what runs comes before what is over", async () => {
  expect(await chosen({ id: 'train-gh', status: 'COMPLETED', started: 2 }, { id: 'train-gh-2026-11-21T18:00:00Z', started: 1 })).toBe('train-gh-2026-11-21T18:00:00Z')
  expect(await chosen({ id: 'train-gh', status: 'COMPLETED', started: 1 }, { id: 'sft-gh', status: 'COMPLETED', started: 2 })).toBe('sft-gh')
})

test('of several running runs it is the one that holds the lock of the training, also while it is paused', async () => {
  const [old, young] = [{ id: 'train-gh', started: 1 }, { id: 'sft-gh', started: 2 }]
  expect(await chosen({ ...young, at: 'acquireTraining' }, { ...old, at: 'generateBatch' })).toBe('train-gh')
  expect(await chosen({ ...young, at: 'sft' }, { ...old, at: 'acquireTraining' })).toBe('sft-gh')
  expect(await chosen({ ...young, at: 'freezePlan' }, old)).toBe('train-gh')
  expect(await chosen({ ...young, at: 'acquireTraining' }, { ...old, at: 'acquireTraining' })).toBe('train-gh')
})

test('a run that is marked with its training is known by that, whatever its id', async () => {
  expect(await chosen({ id: 'train-gh-work', training: 'gh-work' }, { id: 'train-gh-by-hand', training: 'gh', started: 1 })).toBe('train-gh-by-hand')
  expect(await chosen({ id: 'train-gh', training: 'kubectl' })).toBeUndefined()
})

/** A running workflow as the server describes it: with a pending activity, or a step that fails. */
function described(raw: object, failure?: object, query: () => unknown = () => undefined, polled: string[] = []): WorkflowHandle {
  const describeTaskQueue = async ({ taskQueue, taskQueueType }: { taskQueue: { name: string }; taskQueueType: number }) => ({ pollers: polled.includes(`${taskQueue.name} ${taskQueueType}`) ? [{}] : [] })
  const workflowService = { describeTaskQueue, getWorkflowExecutionHistoryReverse: async () => ({ history: { events: [{}, { workflowTaskFailedEventAttributes: { failure } }] } }) }
  return {
    workflowId: 'train-gh',
    client: { options: { namespace: 'default', loadedDataConverter: loadDataConverter(dataConverter()) }, workflowService, withDeadline: (_: number, call: () => unknown) => call() },
    describe: async () => ({ workflowId: 'train-gh', runId: '1', historyLength: 1, status: { name: 'RUNNING' }, raw }),
    query: async () => query(),
  } as unknown as WorkflowHandle
}
afterEach(() => vi.unstubAllEnvs())

test('live figures and the reason of a retry are read where they are encoded', async () => {
  vi.stubEnv('CLITRON_CODEC_KEY', '00'.repeat(32))
  const converter = loadDataConverter(dataConverter())
  const heartbeat = await encodeToPayload(converter, { stage: 'sft', step: 7 })
  const lastFailure = await encodeErrorToFailure(converter, ApplicationFailure.retryable('out of memory'))
  expect(JSON.stringify([heartbeat, lastFailure])).not.toContain('memory')
  expect(await look(described({ pendingActivities: [{ attempt: 3, heartbeatDetails: { payloads: [heartbeat] }, lastFailure }] }))).toMatchObject({ live: [{ stage: 'sft', step: 7 }], retrying: [{ attempt: 3, reason: 'out of memory' }] })
})

test('a workflow that cannot take its next step, or answer, says why', async () => {
  expect((await look(described({ pendingWorkflowTask: { attempt: 4 } }, { message: 'no such key' }))).retrying).toEqual([{ attempt: 4, reason: 'no such key' }])
  const mute = () => {
    throw new QueryNotRegisteredError('no such key', 3)
  }
  expect(await look(described({}, undefined, mute))).toMatchObject({ progress: undefined, retrying: [{ attempt: 1, reason: 'no such key' }] })
})

test('a step that waits for a worker which nobody started says of which role; one at work asks for none', async () => {
  const missing = async (polled: string[], activity: object, query: () => unknown = () => ({})) => (await look(described({ pendingActivities: [activity] }, undefined, query, polled))).noWorker
  const [sft, generate] = [{ state: 1, activityType: { name: 'sft' } }, { state: 1, activityType: { name: 'generateBatch' } }]
  expect(await missing(['clitron 1'], sft)).toBe('gpu')
  expect(await missing(['clitron 1', 'clitron-gpu 2'], sft)).toBeUndefined()
  expect(await missing(['clitron 1'], generate)).toBeUndefined()
  expect(await missing([], generate)).toBe('pipeline')
  expect(await missing([], { ...sft, state: 2 })).toBeUndefined()
  const nobody = () => {
    throw new Error('no answer in time')
  }
  expect(await missing([], { ...sft, state: 2 }, nobody)).toBe('pipeline')
})
