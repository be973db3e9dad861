import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, isAlive, type ProcessIdentity } from '../process/identity.ts'
import { closeLog, openLog } from './log-file.ts'

export type KeptOptions = {
  /** Asked again at each start: ports may have changed. */
  command: () => Promise<{ command: string; args: string[] }>
  log: string
  env?: NodeJS.ProcessEnv
  /** Hears of each start. */
  onStart: (child: ProcessIdentity & { restarts: number }) => void
}

const shortestPause = 500
/** Where a test kills the worker on purpose, its ends tell of no fault that a longer pause could ride out. */
const longestPause = process.env.CLITRON_FAULT ? shortestPause : 30_000
/** A child that lived this long was well: the next pause starts short again. */
const wellAfter = 20_000

/** A child that is started again, with growing pauses, for as long as it is wanted. */
export class KeptChild {
  #options: KeptOptions
  #process: ChildProcess | undefined
  #stopping = new AbortController()
  #loop: Promise<void> | undefined
  #restarts = -1

  constructor(options: KeptOptions) {
    this.#options = options
  }

  start(): void {
    this.#loop = this.#keep()
  }

  async #keep(): Promise<void> {
    let pause = shortestPause
    while (!this.#stopping.signal.aborted) {
      const began = performance.now()
      const ended = await this.#once()
      await ended
      pause = performance.now() - began > wellAfter ? shortestPause : Math.min(pause * 2, longestPause)
      await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => {})
    }
  }

  async #once(): Promise<Promise<void>> {
    const { command, args } = await this.#options.command()
    if (this.#stopping.signal.aborted) return Promise.resolve()
    const log = openLog(this.#options.log)
    // A group of its own: a stop reaches what it started, and a closed terminal reaches none of it.
    const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], env: this.#options.env ?? process.env })
    closeLog(log)
    this.#process = child
    this.#restarts += 1
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()))
    if (child.pid) this.#options.onStart({ ...identify(child.pid), restarts: this.#restarts })
    return ended
  }

  /** SIGTERM, `graceMs` for an orderly end, then whatever is left of its group is killed. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort()
    const child = this.#process
    if (child?.pid && child.exitCode === null && child.signalCode === null) await stopGroup(identify(child.pid), graceMs)
    await this.#loop
  }
}

/** Ends a process and its group. Nothing happens to a pid that belongs to somebody else by now. */
export async function stopGroup(process_: ProcessIdentity, graceMs: number): Promise<void> {
  const wasAlive = isAlive(process_)
  if (!wasAlive) return
  signal(process_.pid, 'SIGTERM')
  const until = performance.now() + graceMs
  while (isAlive(process_) && performance.now() < until) await sleep(50)
  if (isAlive(process_)) signal(process_.pid, 'SIGKILL')
  // What it left behind in its group: a trainer that did not hear of the end.
  signal(-process_.pid, 'SIGKILL')
  while (isAlive(process_)) await sleep(20)
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {}
}
