import type { Client, WorkflowHandle } from '@temporalio/client'
import type { LiveProgress } from '../activities/stage.ts'
import { stages } from '../plan.ts'
import { trainingAttribute, workflowId } from '../temporal/names.ts'
import type { Progress } from '../workflows/messages.ts'

/** One look at a run: stages from the query, live figures from the pending activities' heartbeats. */
export interface RunState {
  workflowId: string
  runId: string
  status: string
  progress: Progress | undefined
  live: LiveProgress[]
  /** Why an activity is being tried again, if one is. */
  retrying: { attempt: number; reason: string }[]
  historyEvents: number
}

export async function look(handle: WorkflowHandle): Promise<RunState> {
  const description = await handle.describe()
  const pending = description.raw.pendingActivities ?? []
  const running = description.status.name === 'RUNNING'
  // A query needs a worker; one that is just restarting answers a moment later, so a look does without.
  // By its own deadline and not by a race: gRPC's retries would go on after the connection is closed, and throw there.
  const progress = await handle.client.withDeadline(Date.now() + 3000, () => handle.query<Progress>('progress')).catch(() => undefined)
  return {
    workflowId: description.workflowId,
    runId: description.runId,
    status: description.status.name,
    progress,
    live: running ? pending.flatMap((activity) => decode(activity.heartbeatDetails?.payloads?.[0]?.data)) : [],
    retrying: pending.filter((activity) => (activity.attempt ?? 1) > 1).map((activity) => ({ attempt: activity.attempt ?? 1, reason: activity.lastFailure?.message ?? '' })),
    historyEvents: Number(description.historyLength),
  }
}

function decode(data: Uint8Array | null | undefined): LiveProgress[] {
  if (!data) return []
  try {
    return [JSON.parse(Buffer.from(data).toString('utf8')) as LiveProgress]
  } catch {
    return []
  }
}

/** What a schedule appends to the id of each of its runs. */
const scheduledAt = /-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

/**
 * The newest run that trains `name`, whatever started it. A run that is not marked with its training (the cluster has no
 * search attributes of ours, or its plan is not settled yet) is known by its id: `train-gh-work` is no run of gh.
 */
export async function newestRun(client: Client, name: string): Promise<WorkflowHandle | undefined> {
  const ids = ['train', ...stages].map((type) => workflowId(type, name))
  const found: { id: string; runId: string; started: number; running: boolean }[] = []
  for await (const run of client.workflow.list({ query: `WorkflowId IN (${ids.map((id) => `'${id}'`).join(',')}) OR WorkflowId STARTS_WITH '${workflowId('train', name)}-'` })) {
    const marked = run.typedSearchAttributes.get(trainingAttribute)
    if (marked === undefined ? !ids.includes(run.workflowId.replace(scheduledAt, '')) : marked !== name) continue
    found.push({ id: run.workflowId, runId: run.runId, started: run.startTime.getTime(), running: run.status.name === 'RUNNING' })
    if (found.length >= 50) break
  }
  const [newest] = found.sort((a, b) => Number(b.running) - Number(a.running) || b.started - a.started)
  return newest && client.workflow.getHandle(newest.id, newest.runId)
}
