import { readFileSync } from 'node:fs'
import { stateDir } from '../paths.ts'
import { writeAtomically } from '../store/atomic.ts'
import type { SetupProgress } from './types.ts'

/** What each part of the set-up took the last time it had to be done: `.clitron/setup.json`. */
export type Timings = Partial<Record<SetupProgress['part'], { seconds: number; at: string }>>

export function setupTimings(): Timings {
  try {
    return JSON.parse(readFileSync(stateDir('setup.json'), 'utf8')) as Timings
  } catch {
    return {}
  }
}

/** Runs one part; `task` says whether there was anything to do. Only then its time is worth remembering. */
export async function timed(part: SetupProgress['part'], onProgress: ((progress: SetupProgress) => void) | undefined, task: () => Promise<boolean>): Promise<void> {
  const start = performance.now()
  const worked = await task()
  const seconds = worked ? Math.round((performance.now() - start) / 100) / 10 : 0
  if (worked) await remember(part, seconds)
  onProgress?.({ part, message: worked ? `ready after ${seconds} s` : 'ready', ready: true, seconds })
}

// Parts end side by side; one after the other they rewrite the file.
let writing: Promise<void> = Promise.resolve()

function remember(part: SetupProgress['part'], seconds: number): Promise<void> {
  // A folder that cannot be written to must not stop a set-up that went well.
  writing = writing.then(() => writeAtomically(stateDir('setup.json'), `${JSON.stringify({ ...setupTimings(), [part]: { seconds, at: new Date().toISOString() } }, null, 2)}\n`)).catch(() => {})
  return writing
}
