/** Named places where a test may kill this process; off unless the environment names one. */
export const faultPoints = ['before_call', 'after_call_before_record', 'after_record_before_ack', 'mid_write', 'before_rename', 'after_rename', 'before_heartbeat'] as const
export type FaultPoint = (typeof faultPoints)[number]

let hits = 0

/**
 * Kills this process (SIGKILL) at the n-th passing of the point named by CLITRON_FAULT ("before_rename" or "before_rename:3").
 * Only the environment of the worker can turn it on: a training's YAML cannot.
 */
export async function fault(point: FaultPoint): Promise<void> {
  const wanted = process.env.CLITRON_FAULT
  if (!wanted) return
  const [name, nth = '1'] = wanted.split(':')
  if (name !== point) return
  hits += 1
  if (hits === Number(nth)) process.kill(process.pid, 'SIGKILL')
}
