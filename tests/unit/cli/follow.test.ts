import type { WorkflowHandle } from '@temporalio/client'
import { defaultDataConverter, defaultPayloadConverter } from '@temporalio/common'
import { beforeEach, expect, test } from 'vitest'
import { follow } from '../../../src/cli/follow.ts'

/** A run that says one thing after the other, a look each, and is done then. */
function saying(...beats: object[]): WorkflowHandle {
  let looks = 0
  return {
    client: { options: { loadedDataConverter: defaultDataConverter }, withDeadline: (_: number, call: () => unknown) => call() },
    describe: async () => ({
      workflowId: 'train-gh', runId: '1', historyLength: 1, status: { name: looks < beats.length ? 'RUNNING' : 'COMPLETED' },
      raw: { pendingActivities: [{ attempt: 1, heartbeatDetails: { payloads: [defaultPayloadConverter.toPayload(beats[looks++] ?? {})] } }] },
    }),
    query: async () => ({ name: 'gh', paused: false, dollars: 0, stages: [{ stage: 'plan', title: 'Plan', state: 'done' }, { stage: 'check', title: 'Check host', state: 'waiting' }] }),
  } as unknown as WorkflowHandle
}

let written: string
const streamOf = (isTTY: boolean) => ({ isTTY, columns: 100, write: (text: string) => ((written += text), true) }) as unknown as NodeJS.WriteStream
beforeEach(() => {
  written = ''
})

const places: [string, boolean][] = [['a terminal', true], ['a file', false]]
const waitingRun = () => saying({ stage: 'lock', host: 'here', started: '', message: 'waiting for train-gh-2026-11-21T18:00:00Z, which trains gh' })

test.each(places)('a run that waits for another one says so on %s', async (_where, isTTY) => {
  expect(await follow(waitingRun(), 'gh', streamOf(isTTY))).toEqual({ ended: true })
  expect(written.match(/waiting for train-gh-2026-11-21T18:00:00Z, which trains gh/g)).toHaveLength(1)
})

test.each(places)('what is to be looked at once stands on %s once', async (_where, isTTY) => {
  const live = { stage: 'sft', host: 'here', started: '', message: 'training', steps: 9, note: "masked (-100): '<s>pr 7<sep>' | learned: '{}</s>'" }
  expect(await follow(saying({ ...live, step: 1 }, { ...live, step: 2 }), 'gh', streamOf(isTTY))).toEqual({ ended: true })
  expect(written.match(/masked \(-100\): '<s>pr 7<sep>' \| learned: '\{\}<\/s>'/g)).toHaveLength(1)
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
