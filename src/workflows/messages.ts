import { defineQuery, defineUpdate } from '@temporalio/workflow'
import type { Plan } from '../plan.ts'

export type StageState = 'waiting' | 'running' | 'done' | 'up to date' | 'skipped' | 'failed'

/** What the `progress` query answers: stages; live figures come from the pending activity's heartbeat. */
export interface Progress {
  name: string
  stages: { stage: string; title: string; state: StageState; seconds?: number; facts?: Record<string, unknown> }[]
  /** Set while the run waits for a person. */
  waiting?: string
  paused: boolean
  dollars: number
}

export const progressQuery = defineQuery<Progress>('progress')
export const planQuery = defineQuery<Plan | undefined>('plan')
/** Stops the running stage at a checkpoint and waits. */
export const pauseUpdate = defineUpdate<string, []>('pause')
/** Goes on, with a raised budget if one is given. */
export const resumeUpdate = defineUpdate<string, [{ budget?: number }]>('resume')
/** A new hard limit in dollars. */
export const budgetUpdate = defineUpdate<string, [number]>('budget')
