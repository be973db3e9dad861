import { type ActivityOptions, proxyActivities } from '@temporalio/workflow'
import type * as gpuActivities from '../activities/gpu.ts'
import type * as pipelineActivities from '../activities/pipeline.ts'
import { gpuQueue } from '../temporal/names.ts'

/** Failures that trying again cannot mend. */
const final = ['BadInput', 'GateNotPassed', 'NeedsPerson']

const everywhere = {
  // Activities beat every 2 s; 20 s rides out a garbage collection or a busy disk.
  heartbeatTimeout: '20 seconds',
  // Full disks and restarting servers pass: no limit on attempts, a pause of at most a minute between them. A trainer's own error is
  // tried three times (see activities/failures.ts), each time from the newest checkpoint.
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute', nonRetryableErrorTypes: final },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
} satisfies ActivityOptions

// Only a backstop: a lost worker is noticed by the missing heartbeat.
export const pipeline = proxyActivities<typeof pipelineActivities>({ ...everywhere, startToCloseTimeout: '1 hour' })
// A Message Batch may take a day.
export const { generateBatch } = proxyActivities<typeof pipelineActivities>({ ...everywhere, startToCloseTimeout: '26 hours' })
// A long training takes days; a stuck one is found by its missing progress, not by the clock.
export const gpu = proxyActivities<typeof gpuActivities>({ ...everywhere, taskQueue: gpuQueue, startToCloseTimeout: '14 days' })
