import { setTimeout as wait } from 'node:timers/promises'
import type { Chaos } from './harness.ts'
import type { Kind } from './faults.ts'

export interface Recovery {
  of: 'worker' | 'server' | 'trainer'
  /** From the new process's start, and from the fault, until the run was at work again. */
  seconds: number
  sinceFault: number
}

const patienceMs = 180_000

/** Waits until a run is at work again after `kind`. Undefined when there is nothing to wait for, or the run ended meanwhile. */
export async function recovery(kind: Kind, chaos: Chaos, before: { worker: number; server: number; children: number[] }, workflowId: string): Promise<Recovery | undefined> {
  const of = kind === 'server' || kind === 'trainer' ? kind : ['freeze', 'clock', 'cancel'].includes(kind) ? undefined : 'worker'
  if (!of) return undefined
  const fault = Date.now()
  let started: number | undefined
  for (;;) {
    if (Date.now() - fault > patienceMs) throw new Error(`Not at work again ${patienceMs / 1000} s after a fault of kind ${kind}.`)
    await wait(100)
    const { worker, server } = chaos.up()
    if (of === 'worker' ? worker && worker.pid !== before.worker : of === 'server' ? server && server.pid !== before.server : true) started ??= Date.now()
    if (started === undefined) continue
    const state = await lookAt(chaos, workflowId)
    if (state === undefined) continue
    if (state === 'ended') return undefined
    const isBack = of === 'server' || (of === 'worker' ? state.workers.some((identity) => identity.startsWith(`${worker.pid}@`)) : (await chaos.children()).some((pid) => !before.children.includes(pid)))
    if (isBack) return { of, seconds: (Date.now() - started) / 1000, sinceFault: (Date.now() - fault) / 1000 }
  }
}

/** Who works at the run's activities, by the server; undefined while it does not answer. */
async function lookAt(chaos: Chaos, workflowId: string): Promise<'ended' | { workers: string[] } | undefined> {
  try {
    const client = await chaos.client()
    try {
      const { status, raw } = await client.withDeadline(Date.now() + 3000, () => client.workflow.getHandle(workflowId).describe())
      if (status.name !== 'RUNNING') return 'ended'
      return { workers: (raw.pendingActivities ?? []).filter(({ state }) => state === 2).map(({ lastWorkerIdentity }) => lastWorkerIdentity ?? '') }
    } finally {
      await client.connection.close()
    }
  } catch {
    return undefined
  }
}
