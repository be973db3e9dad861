import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { ApplicationFailure } from '@temporalio/common'
import type { Client } from '@temporalio/client'
import { isAlive, ownIdentity } from '../process/identity.ts'
import { pipelineQueue } from './names.ts'

/** PENDING_ACTIVITY_STATE_STARTED of Temporal's API. */
const started = 2

/** Where a pid means the same process: a host, and there a container. */
function place(): string {
  try {
    return `${hostname()}/${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/** How the server knows this worker: "4711@host/pid:[4026531836] 123456", so that whoever is started after it can tell whether it still lives. */
export function workerIdentity(): string {
  const { pid, start } = ownIdentity()
  return `${pid}@${place()} ${start}`
}

export function isGone(identity: string): boolean {
  const [, pid, where, start] = /^(\d+)@(\S+) (.*)$/.exec(identity) ?? []
  return where === place() && !isAlive({ pid: Number(pid), start: start! })
}

/**
 * Hands back what a killed worker of this host held, so that it is tried again now and not when its heartbeat has been missed.
 * @returns how many activities that were
 */
export async function giveBackForTheDead(client: Client): Promise<number> {
  const { workflow, activity, workflowService, options: { namespace } } = client
  let count = 0
  for await (const { workflowId, runId } of workflow.list({ query: `TaskQueue = '${pipelineQueue}' AND ExecutionStatus = 'Running'` })) {
    const { raw } = await workflow.getHandle(workflowId, runId).describe()
    const dead = (raw.pendingActivities ?? []).filter(({ state, lastWorkerIdentity }) => state === started && isGone(lastWorkerIdentity ?? ''))
    for (const { activityId } of dead) {
      // Somebody else may have been faster.
      await activity.fail({ workflowId, runId, activityId: activityId! }, ApplicationFailure.create({ message: 'Its worker was killed.', type: 'Interrupted', nextRetryDelay: '100 ms' })).then(() => (count += 1), () => {})
    }
    // What comes next for the run would wait ten seconds for the worker that knew it.
    if (dead.length) await workflowService.resetStickyTaskQueue({ namespace, execution: { workflowId, runId } })
  }
  return count
}
