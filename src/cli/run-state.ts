import { type Client, QueryNotRegisteredError, type WorkflowHandle } from '@temporalio/client'
import { defaultPayloadConverter, type Payload, type ProtoFailure } from '@temporalio/common'
import type * as gpu from '../activities/gpu.ts'
import type { LiveProgress } from '../activities/stage.ts'
import { typedOptions } from '../earlier-options.ts'
import { stages, TrainInput } from '../plan.ts'
import { gpuQueue, pipelineQueue, trainingAttribute, workflowId } from '../temporal/names.ts'
import type { Progress } from '../workflows/messages.ts'

/** One look at a run: stages from the query, live figures from the pending activities' heartbeats. */
export interface RunState {
  workflowId: string
  runId: string
  status: string
  progress: Progress | undefined
  live: LiveProgress[]
  /** Why an activity, or the workflow itself, is being tried again, if one is. */
  retrying: { attempt: number; reason: string }[]
  /** The role of which no worker has polled for minutes while a step waits for one. */
  noWorker?: 'pipeline' | 'gpu'
  historyEvents: number
}

export async function look(handle: WorkflowHandle): Promise<RunState> {
  const description = await handle.describe()
  const pending = description.raw.pendingActivities ?? []
  const running = description.status.name === 'RUNNING'
  const stuck = await stuckStep(handle, description)
  // A query needs a worker; one that is just restarting answers a moment later, so a look does without.
  // By its own deadline and not by a race: gRPC's retries would go on after the connection is closed, and throw there.
  const progress = await handle.client.withDeadline(Date.now() + 3000, () => handle.query<Progress>('progress')).catch((error: Error) => {
    // The worker's own word, which tells more than silence: it may lack the key of the run's payloads.
    if (running && error instanceof QueryNotRegisteredError && stuck.length === 0) stuck.push({ attempt: 1, reason: error.message })
    return undefined
  })
  const noWorker = running ? await missingWorker(handle.client, progress !== undefined, pending) : undefined
  return {
    workflowId: description.workflowId,
    runId: description.runId,
    status: description.status.name,
    progress,
    live: running ? await Promise.all(pending.flatMap(({ heartbeatDetails }) => heartbeatDetails?.payloads?.[0] ?? []).map((payload) => read<LiveProgress>(handle, payload))) : [],
    retrying: [...stuck, ...(await Promise.all(pending.filter(({ attempt }) => (attempt ?? 1) > 1).map(async ({ attempt, lastFailure }) => ({ attempt: attempt ?? 1, reason: await messageOf(handle, lastFailure) }))))],
    ...(noWorker && { noWorker }),
    historyEvents: Number(description.historyLength),
  }
}

/** PENDING_ACTIVITY_STATE_SCHEDULED, TASK_QUEUE_TYPE_WORKFLOW and TASK_QUEUE_TYPE_ACTIVITY of Temporal's API. */
const scheduled = 1
const [workflowTasks, activityTasks] = [1, 2]
/** What waits in the trainers' queue; pending activities do not name theirs. */
const onGpu: Record<keyof typeof gpu, true> = { checkHost: true, sft: true, merge: true, quantize: true, preferences: true, dpo: true, evaluate: true, trial: true }

/** Asked only where a step waits that a worker would have taken. The server lists who polled in the last five minutes: a full GPU worker does not poll. */
async function missingWorker({ workflowService, options: { namespace } }: WorkflowHandle['client'], answered: boolean, pending: { state?: number | null; activityType?: { name?: string | null } | null }[]): Promise<RunState['noWorker']> {
  const waiting = pending.filter(({ state }) => state === scheduled)
  const isPolled = async (name: string, taskQueueType: number) => (await workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType }).catch(() => undefined))?.pollers?.length !== 0
  if ((!answered || waiting.length) && !(await isPolled(pipelineQueue, workflowTasks))) return 'pipeline'
  return waiting.some(({ activityType }) => (activityType?.name ?? '') in onGpu) && !(await isPolled(gpuQueue, activityTasks)) ? 'gpu' : undefined
}

async function read<T>(handle: WorkflowHandle, payload: Payload): Promise<T> {
  let payloads = [payload]
  for (const codec of handle.client.options.loadedDataConverter.payloadCodecs) payloads = await codec.decode(payloads)
  return defaultPayloadConverter.fromPayload<T>(payloads[0]!)
}

/** With the codec on, a failure's own words are a payload. */
const messageOf = async (handle: WorkflowHandle, failure: ProtoFailure | null | undefined): Promise<string> =>
  (failure?.encodedAttributes ? (await read<{ message?: string }>(handle, failure.encodedAttributes)).message : failure?.message) ?? ''

/** A worker without the key of a payload, or with other code, cannot take the workflow's next step; the server keeps the first such failure among the newest events. */
async function stuckStep(handle: WorkflowHandle, { raw, runId }: Awaited<ReturnType<WorkflowHandle['describe']>>): Promise<RunState['retrying']> {
  const attempt = raw.pendingWorkflowTask?.attempt ?? 1
  if (attempt < 2) return []
  const { workflowService, options: { namespace } } = handle.client
  const { history } = await workflowService.getWorkflowExecutionHistoryReverse({ namespace, execution: { workflowId: handle.workflowId, runId }, maximumPageSize: 10 })
  const failed = history?.events?.find(({ workflowTaskFailedEventAttributes: of }) => of?.failure)
  return failed ? [{ attempt, reason: await messageOf(handle, failed.workflowTaskFailedEventAttributes!.failure) }] : []
}

/** The command by which a run that ended goes on, as a person types it. `force` is left out: it would make anew what is there. */
export async function commandOf(handle: WorkflowHandle, name: string): Promise<string> {
  const { workflowService, options: { namespace } } = handle.client
  const { runId, type } = await handle.describe()
  const { history } = await workflowService.getWorkflowExecutionHistory({ namespace, execution: { workflowId: handle.workflowId, runId }, maximumPageSize: 1 })
  const payload = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]
  // An input that is not right may be why it failed, and the key of an old one may be gone.
  const input = payload && TrainInput.safeParse(await read(handle, payload).catch(() => undefined)).data
  const { force: _, ...options } = input?.options ?? {}
  return ['clitron', input ? type : 'train', name, typedOptions(options), input?.retrain ? '--retrain' : ''].filter(Boolean).join(' ')
}

/** What a schedule appends to the id of each of its runs. */
const scheduledAt = /-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

/**
 * The run that trains `name`, whatever started it: of several the one that works, else the newest. A run that is not marked with
 * its training (the cluster has no search attributes of ours, or its plan is not settled yet) is known by its id: `train-gh-work` is no run of gh.
 */
export async function runOf(client: Client, name: string): Promise<WorkflowHandle | undefined> {
  const ids = ['train', 'search', ...stages].map((type) => workflowId(type, name))
  const found: { id: string; runId: string; started: number; running: boolean }[] = []
  for await (const run of client.workflow.list({ query: `WorkflowId IN (${ids.map((id) => `'${id}'`).join(',')}) OR WorkflowId STARTS_WITH '${workflowId('train', name)}-'` })) {
    const marked = run.typedSearchAttributes.get(trainingAttribute)
    if (marked === undefined ? !ids.includes(run.workflowId.replace(scheduledAt, '')) : marked !== name) continue
    found.push({ id: run.workflowId, runId: run.runId, started: run.startTime.getTime(), running: run.status.name === 'RUNNING' })
    if (found.length >= 50) break
  }
  found.sort((a, b) => b.started - a.started)
  const handles = (runs: typeof found) => runs.map(({ id, runId }) => client.workflow.getHandle(id, runId))
  const running = handles(found.filter((run) => run.running))
  return running.length > 1 ? working(running.reverse()) : (running[0] ?? handles(found)[0])
}

/** Before these are done a run does not hold its training's lock (workflows/train.ts). The lock's file is only where the store is. */
const beforeTheLock = ['freezePlan', 'acquireTraining']

/** Of running runs, oldest first, the one that the others wait for. */
async function working(runs: WorkflowHandle[]): Promise<WorkflowHandle | undefined> {
  for (const run of runs) {
    const { status, raw } = await run.describe()
    if (status.name === 'RUNNING' && !raw.pendingActivities?.some(({ activityType }) => beforeTheLock.includes(activityType?.name ?? ''))) return run
  }
  return runs[0]
}
