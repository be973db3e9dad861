import type { Client } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import { expect, test } from 'vitest'
import { newestRun } from '../../../src/cli/run-state.ts'
import { trainingAttribute } from '../../../src/temporal/names.ts'

interface Known {
  id: string
  status?: 'RUNNING' | 'COMPLETED'
  started?: number
  /** The search attribute, where the cluster stores it and the run has its plan. */
  training?: string
}

/** A server that finds these runs, whatever is asked. */
function cluster(...runs: Known[]): Client {
  const list = async function* () {
    for (const { id, status = 'RUNNING', started = 0, training } of runs) {
      yield { workflowId: id, runId: id, startTime: new Date(started), status: { name: status }, typedSearchAttributes: new TypedSearchAttributes(training ? [{ key: trainingAttribute, value: training }] : []) }
    }
  }
  return { workflow: { list, getHandle: (workflowId: string) => ({ workflowId }) } } as unknown as Client
}

const newest = async (...runs: Known[]) => (await newestRun(cluster(...runs), 'gh'))?.workflowId

test('a running train of gh-work is no run of gh', async () => {
  expect(await newest({ id: 'train-gh-work' }, { id: 'train-gh-work-2026-11-21T18:00:00Z' })).toBeUndefined()
  expect(await newest({ id: 'train-gh-work' }, { id: 'train-gh', status: 'COMPLETED' })).toBe('train-gh')
})

test("a schedule's run is one of gh, and what runs comes before what is over", async () => {
  expect(await newest({ id: 'train-gh', status: 'COMPLETED', started: 2 }, { id: 'train-gh-2026-11-21T18:00:00Z', started: 1 })).toBe('train-gh-2026-11-21T18:00:00Z')
  expect(await newest({ id: 'train-gh', started: 1 }, { id: 'sft-gh', started: 2 })).toBe('sft-gh')
})

test('a run that is marked with its training is known by that, whatever its id', async () => {
  expect(await newest({ id: 'train-gh-work', training: 'gh-work' }, { id: 'train-gh-by-hand', training: 'gh', started: 1 })).toBe('train-gh-by-hand')
  expect(await newest({ id: 'train-gh', training: 'kubectl' })).toBeUndefined()
})
