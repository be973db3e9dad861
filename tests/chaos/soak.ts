import { setTimeout as wait } from 'node:timers/promises'
import { quantile } from '../../src/evaluation/intervals.ts'
import { Random } from '../../src/teacher/random.ts'
import { ExitCode } from '../../src/errors.ts'
import { processes } from '../e2e/workspace.ts'
import { strike } from './faults.ts'
import { Chaos, small } from './harness.ts'
import { megabytes } from './memory.ts'

export interface Soak {
  minutes: number
  trains: number
  kills: number
  /** Of the one worker, after each train. */
  memory: { minute: number; megabytes: number }[]
  problems: string[]
}

/** One worker at work all the time: a train after the other, while a trainer or the server is killed every 30 to 120 s. */
export async function soak({ seed, minutes, say = () => {} }: { seed: number; minutes: number; say?: (line: string) => void }): Promise<Soak> {
  const random = new Random(`soak ${seed}`)
  const chaos = new Chaos({ CLITRON_CHECKPOINT_SECONDS: '5' })
  const outcome: Soak = { minutes, trains: 0, kills: 0, memory: [], problems: [] }
  const over = new AbortController()
  try {
    await chaos.run(['up'])
    const { worker } = chaos.up()
    const began = performance.now()
    const minute = () => (performance.now() - began) / 60_000
    const killing = killNowAndThen().catch((error: Error) => void outcome.problems.push(error.message))
    while (minute() < minutes && !outcome.problems.length) {
      // A seed of its own makes every stage of each train anew.
      const { exitCode, stderr } = await chaos.train('--seed', String(outcome.trains + 1)).catch((error: Error) => ({ exitCode: -1, stderr: error.message }))
      // So small a model may well be no better than the one before: that a gate says so is no loss.
      if (exitCode !== ExitCode.ok && exitCode !== ExitCode.gate) outcome.problems.push(`train ${outcome.trains + 1}: exit code ${exitCode}: ${stderr.trim().split('\n').at(-1)}`)
      outcome.trains += 1
      outcome.memory.push({ minute: minute(), megabytes: megabytes(worker.pid) })
      say(`train ${outcome.trains}, minute ${minute().toFixed(1)}: ${outcome.memory.at(-1)!.megabytes.toFixed(0)} MB, ${outcome.kills} kills`)
    }
    over.abort()
    await killing
    if (chaos.up().worker.pid !== worker.pid) outcome.problems.push('the worker ended although nobody killed it')
    outcome.problems.push(...chaos.strays().map((file) => `${file} is left`))
  } finally {
    over.abort()
    await chaos.remove()
  }
  const left = await processes(new RegExp(chaos.folder))
  if (left.length) outcome.problems.push(`processes ${left.join()} are left`)
  return outcome

  async function killNowAndThen(): Promise<void> {
    for (;;) {
      await wait(1000 * random.int(30, 120), undefined, { signal: over.signal }).catch(() => {})
      if (over.signal.aborted) return
      // Between two trainings there is none to kill.
      while (!over.signal.aborted && !(await strike(random.pick(['trainer', 'server']), chaos, random, ''))) await wait(200)
      outcome.kills += 1
    }
  }
}

/** Minutes that a worker may take to grow to its size. */
const warm = 60
const mostChange = 0.1

/** What a soak does not keep of its promises: no loss, a kill every two minutes, and from the first hour on (in a shorter one: from its half on) the same memory. */
export function judge({ minutes, kills, memory, problems }: Soak): { change: number | undefined; missed: string[] } {
  const later = memory.filter(({ minute }) => minute > Math.min(warm, minutes / 2)).map(({ megabytes }) => megabytes)
  const half = Math.floor(later.length / 2)
  const change = half ? quantile(later.slice(-half), 0.5) / quantile(later.slice(0, half), 0.5) - 1 : undefined
  return {
    change,
    missed: [
      ...problems,
      ...(kills >= Math.max(1, Math.floor(minutes / 2)) ? [] : [`${kills} kills in ${minutes} minutes: one every two minutes is the least`]),
      ...(change === undefined ? ['too few trains to tell whether the memory grows'] : Math.abs(change) <= mostChange ? [] : [`the worker's memory changed by ${(100 * change).toFixed(0)}%, ${100 * mostChange}% are allowed`]),
    ],
  }
}
