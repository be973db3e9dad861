import type { WorkflowHandle } from '@temporalio/client'
import { defaultDataConverter, defaultPayloadConverter } from '@temporalio/common'
import { beforeEach, expect, test } from 'vitest'
import { follow } from '../../../src/cli/follow.ts'

/** A run that waits for another's lock at the first look, and is done at the second. */
function waitingRun(): WorkflowHandle {
  const beat = { stage: 'lock', host: 'here', started: '', message: 'waiting for train-gh-2026-11-21T18:00:00Z, which trains gh' }
  let looks = 0
  return {
    client: { options: { loadedDataConverter: defaultDataConverter }, withDeadline: (_: number, call: () => unknown) => call() },
    describe: async () => ({
      workflowId: 'train-gh', runId: '1', historyLength: 1, status: { name: looks++ ? 'COMPLETED' : 'RUNNING' },
      raw: { pendingActivities: [{ attempt: 1, heartbeatDetails: { payloads: [defaultPayloadConverter.toPayload(beat)] } }] },
    }),
    query: async () => ({ name: 'gh', paused: false, dollars: 0, stages: [{ stage: 'plan', title: 'Plan', state: 'done' }, { stage: 'check', title: 'Check host', state: 'waiting' }] }),
  } as unknown as WorkflowHandle
}

let written: string
const streamOf = (isTTY: boolean) => ({ isTTY, columns: 100, write: (text: string) => ((written += text), true) }) as unknown as NodeJS.WriteStream
beforeEach(() => {
  written = ''
})

test.each([['a terminal', true], ['a file', false]])('a run that waits for another one says so on %s', async (_where, isTTY) => {
  expect(await follow(waitingRun(), 'gh', streamOf(isTTY))).toEqual({ ended: true })
  expect(written.match(/waiting for train-gh-2026-11-21T18:00:00Z, which trains gh/g)).toHaveLength(1)
})

test("the terminal's bell rings when a run ends or waits for a person, and not when the person leaves", async () => {
  await follow(waitingRun(), 'gh', streamOf(true))
  expect(written.endsWith('\x07')).toBe(true)
  const asks = { ...waitingRun(), query: async () => ({ name: 'gh', paused: true, dollars: 0, stages: [], waiting: 'The budget is spent.' }) } as unknown as WorkflowHandle
  expect(await follow(asks, 'gh', streamOf(true))).toEqual({ waiting: 'The budget is spent.' })
  expect(written.match(/\x07/g)).toHaveLength(2)
  await follow(waitingRun(), 'gh', streamOf(false))
  const left = follow({ ...waitingRun(), describe: async () => process.emit('SIGINT') && (await waitingRun().describe()) } as unknown as WorkflowHandle, 'gh', streamOf(true))
  expect(await left).toEqual({ detached: true })
  expect(written.match(/\x07/g)).toHaveLength(2)
})
