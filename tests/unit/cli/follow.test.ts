import type { WorkflowHandle } from '@temporalio/client'
import { defaultDataConverter, defaultPayloadConverter } from '@temporalio/common'
import { expect, test } from 'vitest'
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

const places: [string, boolean][] = [['a terminal', true], ['a file', false]]

async function followed(run: WorkflowHandle, isTTY: boolean): Promise<string> {
  let written = ''
  const stream = { isTTY, columns: 100, write: (text: string) => ((written += text), true) } as unknown as NodeJS.WriteStream
  expect(await follow(run, 'gh', stream)).toEqual({ ended: true })
  return written
}

test.each(places)('a run that waits for another one says so on %s', async (_where, isTTY) => {
  const written = await followed(saying({ stage: 'lock', host: 'here', started: '', message: 'waiting for train-gh-2026-11-21T18:00:00Z, which trains gh' }), isTTY)
  expect(written.match(/waiting for train-gh-2026-11-21T18:00:00Z, which trains gh/g)).toHaveLength(1)
})

test.each(places)('what is to be looked at once stands on %s once', async (_where, isTTY) => {
  const live = { stage: 'sft', host: 'here', started: '', message: 'training', steps: 9, note: "masked (-100): '<s>pr 7<sep>' | learned: '{}</s>'" }
  const written = await followed(saying({ ...live, step: 1 }, { ...live, step: 2 }), isTTY)
  expect(written.match(/masked \(-100\): '<s>pr 7<sep>' \| learned: '\{\}<\/s>'/g)).toHaveLength(1)
})
