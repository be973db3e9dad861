import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Random } from '../../src/teacher/random.ts'
import { until } from '../e2e/workspace.ts'
import type { Clock } from './clock.ts'
import { type Chaos, send } from './harness.ts'

export const kinds = ['worker', 'server', 'trainer', 'all', 'freeze', 'checkpoint', 'clock', 'cancel'] as const
export type Kind = (typeof kinds)[number]

/** How often each is drawn. A frozen worker takes half a minute, a cancelled run begins again. */
export const weights: Record<Kind, number> = { worker: 4, server: 3, trainer: 4, all: 2, freeze: 0.5, checkpoint: 3, clock: 1, cancel: 1 }

/** Longer than the heartbeat timeout of 20 s (src/workflows/train.ts). */
const frozenMs = 25_000

/** Does one fault to a running train. @returns false when there was nothing to do it to, e.g. no trainer */
export async function strike(kind: Kind, chaos: Chaos, random: Random, clock: Clock | string): Promise<boolean> {
  const { server, worker } = chaos.up()
  switch (kind) {
    case 'worker':
      return send(worker.pid, 'SIGKILL')
    case 'server':
      return send(server.pid, 'SIGKILL')
    case 'trainer':
      return (await chaos.children()).map((pid) => send(pid, 'SIGKILL')).some(Boolean)
    case 'all':
      for (const pid of [...(await chaos.children()), server.pid]) send(pid, 'SIGKILL')
      return send(worker.pid, 'SIGKILL')
    case 'freeze':
      if (!send(worker.pid, 'SIGSTOP')) return false
      await wait(frozenMs)
      return send(worker.pid, 'SIGCONT')
    case 'checkpoint':
      return damageNewest(chaos, random)
    case 'clock':
      if (typeof clock === 'string') return false
      clock.move(random.pick([-3600, 0, 3600].filter((seconds) => seconds !== clock.seconds())))
      return true
    case 'cancel': {
      const client = await chaos.client()
      let running = false
      for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus = 'Running'` })) {
        running = true
        await client.workflow.getHandle(workflowId).cancel()
      }
      await client.connection.close()
      return running
    }
  }
}

/** Harms one file of the newest checkpoint while no trainer writes; one that is whole must be left to fall back on. */
async function damageNewest(chaos: Chaos, random: Random): Promise<boolean> {
  const folders = () => [...new Set(chaos.files('.clitron/work').map((file) => /^.*\/checkpoint-\d+(?=\/)/.exec(file)?.[0]).filter((folder) => folder !== undefined))].sort()
  // Only a training has them, some seconds of a run's minute.
  if (!(await until('a second checkpoint', 20, () => folders().length > 1).catch(() => false))) return false
  const { worker } = chaos.up()
  // Worker first, so that no new trainer begins between the kill and the damage.
  send(worker.pid, 'SIGKILL')
  const trainers = await chaos.children()
  for (const pid of trainers) send(pid, 'SIGKILL')
  await until('no trainer writes', 20, async () => (await chaos.children()).every((pid) => !trainers.includes(pid)))
  const newest = folders()
  if (newest.length < 2) return false
  const folder = chaos.path(newest.at(-1)!)
  const file = join(folder, random.pick(readdirSync(folder).filter((name) => !name.startsWith('.'))))
  const content = readFileSync(file)
  const how = random.pick(['flip', 'cut', 'empty', 'remove'])
  if (how === 'flip' && content.length) {
    const at = random.int(0, content.length - 1)
    content[at]! ^= 1
    writeFileSync(file, content)
  } else if (how === 'remove') rmSync(file)
  else truncateSync(file, how === 'empty' ? 0 : Math.floor(content.length * random.next()))
  return true
}
