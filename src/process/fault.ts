import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Named places where a test may kill this process; off unless the environment names one. */
export const faultPoints = ['before_call', 'after_call_before_record', 'after_record_before_ack', 'mid_write', 'before_rename', 'after_rename', 'before_heartbeat'] as const
export type FaultPoint = (typeof faultPoints)[number]

const activityOf = new AsyncLocalStorage<string>()
const passed = new Map<string, number>()

/** Names the activity that `work` belongs to, so that a fault can be meant for it alone. */
export const inActivity = <T>(name: string, work: () => T): T => activityOf.run(name, work)

/**
 * Kills this process (SIGKILL) where CLITRON_FAULT says so: a list like "mid_write,sft@before_call,publish@after_rename:3" of points,
 * each meant for one activity or for all, at its n-th passing. With CLITRON_FAULT_FIRED, a folder, an entry kills once, and leaves the
 * next process alone. Only the environment of the worker can turn it on: a training's YAML cannot.
 */
export function fault(point: FaultPoint): void {
  const wanted = process.env.CLITRON_FAULT
  if (!wanted) return
  const here = [point, `${activityOf.getStore()}@${point}`]
  for (const entry of wanted.split(',')) {
    const [where, nth = '1'] = entry.split(':')
    if (!here.includes(where!)) continue
    const count = (passed.get(entry) ?? 0) + 1
    passed.set(entry, count)
    if (count === Number(nth) && isFirst(entry)) process.kill(process.pid, 'SIGKILL')
  }
}

function isFirst(entry: string): boolean {
  const folder = process.env.CLITRON_FAULT_FIRED
  if (!folder) return true
  mkdirSync(folder, { recursive: true })
  try {
    writeFileSync(join(folder, entry), new Date().toISOString(), { flag: 'wx' })
    return true
  } catch {
    return false
  }
}
