import { setTimeout as wait } from 'node:timers/promises'
import { Chaos, send } from './harness.ts'

export interface Effective {
  /** Seconds of training that count in the result, of the seconds from the stage's first start to its end. */
  useful: number
  wall: number
  share: number
  kills: number
}

/** What a killed training does not keep: 0.70 of its time must count, and of the kills that fit into it most must have met a trainer. */
export function judgeEffective({ share, kills, wall }: Effective, every: number): string[] {
  const fit = Math.floor(wall / every)
  // A trainer that is just starting when its turn comes may be missed.
  const least = Math.max(1, Math.ceil(0.8 * fit))
  return [
    ...(share >= 0.7 ? [] : [`${share.toFixed(2)} of the time was training that counts, 0.70 is promised`]),
    ...(kills >= least ? [] : [`${kills} kills in ${wall.toFixed(0)} s: of the ${fit} that fit, ${least} is the least`]),
  ]
}

/** Seconds that a trainer takes to be at its first step: Python and PyTorch, the tokenizer. Only for choosing the number of steps. */
const startSeconds = 10

/** A training whose trainer is killed every so many seconds, with a checkpoint every 15 s, for about so many minutes. */
export async function effectiveTime({ minutes, every, say = () => {} }: { minutes: number; every: number; say?: (line: string) => void }): Promise<Effective> {
  const { seconds, steps } = await train(300)
  const wanted = Math.round((steps / seconds) * (minutes * 60 - startSeconds) * 0.75)
  say(`${(steps / seconds).toFixed(1)} steps a second undisturbed; ${wanted} steps with a kill every ${every} s`)
  const { seconds: useful, wall, kills } = await train(wanted, every)
  return { useful, wall, share: useful / wall, kills }
}

async function train(steps: number, every?: number): Promise<{ seconds: number; steps: number; wall: number; kills: number }> {
  const chaos = new Chaos({ CLITRON_CHECKPOINT_SECONDS: '15' }, { steps })
  let kills = 0
  try {
    let over = false
    const run = chaos.json(['sft', 'notes', '--num', '120']).finally(() => (over = true))
    while (every !== undefined && !over) {
      const began = Date.now()
      while (!over && Date.now() - began < every * 1000) await wait(500)
      if (!over) kills += (await chaos.children('sft.py')).filter((pid) => send(pid, 'SIGKILL')).length
    }
    const { exitCode, stderr } = await run
    if (exitCode !== 0) throw new Error(`The training ended with exit code ${exitCode}: ${stderr.slice(-2000)}`)
    return { ...(await figures(chaos)), kills }
  } finally {
    await chaos.remove()
  }
}

/** What the run's history says of its training. */
async function figures(chaos: Chaos): Promise<{ seconds: number; steps: number; wall: number }> {
  const client = await chaos.client()
  try {
    const { events } = await client.workflow.getHandle('sft-notes').fetchHistory()
    const scheduled = events!.find((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'sft')!
    const done = events!.find((event) => String(event.activityTaskCompletedEventAttributes?.scheduledEventId) === String(scheduled.eventId))!
    const { metrics } = JSON.parse(Buffer.from(done.activityTaskCompletedEventAttributes!.result!.payloads![0]!.data!).toString('utf8')) as { metrics: { seconds: number; steps: number } }
    const at = ({ eventTime }: typeof done) => Number(eventTime!.seconds) + eventTime!.nanos! / 1e9
    return { seconds: metrics.seconds, steps: metrics.steps, wall: at(done) - at(scheduled) }
  } finally {
    await client.connection.close()
  }
}
