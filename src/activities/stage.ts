import { hostname } from 'node:os'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { activityInfo, Context } from '@temporalio/activity'
import { packageRoot, stateDir } from '../paths.ts'
import { fault, inActivity } from '../process/fault.ts'
import type { ChildEvent, ProgressEvent } from '../process/protocol.ts'
import { runChild } from '../process/run.ts'
import { redact, redactError } from '../redact.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { clearWork, takeLease } from '../store/lease.ts'
import { inputsKey, recall, record, type StageOutput } from '../store/memo.ts'
import { nodeCommand, pythonCommand, trainerEnvironment } from './commands.ts'
import { asFailure, countErrors } from './failures.ts'
import { timeLeft } from './time-left.ts'

/** What the screen shows of a running activity; the whole object goes out with every heartbeat. */
export type LiveProgress = Partial<Pick<ProgressEvent, 'message' | 'step' | 'steps' | 'loss' | 'tokens_per_second' | 'eta_seconds' | 'dollars' | 'note'>> & {
  stage: string
  host: string
  started: string
}

export interface StageContext {
  store: ArtifactStore
  /** Work folder of exactly these inputs: an attempt finds what the one before left. */
  work: string
  key: string
  signal: AbortSignal
  progress: (figures: Partial<LiveProgress>) => void
  /** @throws when another attempt took this one's place; asked before the store is changed. */
  check: () => Promise<void>
  child: (options: { program: 'python' | 'node'; script: string; spec: Record<string, unknown>; stallSeconds?: number; onEvent?: (event: ChildEvent) => void; env?: Record<string, string>; /** Stops it for a reason of the stage's own. */ stop?: AbortSignal }) => Promise<Record<string, unknown>>
}

/**
 * The frame of every stage: found in the memo, it is skipped; else made under a lease with heartbeats, then recorded.
 * `inputs` is everything the output depends on; what takes time to find out is found out under the heartbeat.
 */
export async function stage(name: string, training: string, inputs: object | ((context: Pick<StageContext, 'progress' | 'signal'>) => Promise<object>), make: (context: StageContext) => Promise<StageOutput>): Promise<StageOutput & { upToDate: boolean; seconds: number }> {
  return activity(name, async (progress, signal) => {
    const store = new ArtifactStore()
    const key = inputsKey(typeof inputs === 'function' ? await inputs({ progress, signal }) : inputs)
    const work = stateDir('work', training, `${name}-${key.slice(0, 16)}`)
    const known = await recall(store, name, key)
    if (known) {
      await clearWork(work)
      return { ...known, upToDate: true, seconds: 0 }
    }

    await mkdir(work, { recursive: true })
    const lease = await takeLease(store, name, key, work, signal)
    const started = performance.now()
    try {
      const child: StageContext['child'] = async (options) => {
        const specFile = join(work, `${options.script.replace(/\W+/g, '-')}.json`)
        await writeFile(specFile, JSON.stringify(options.spec, null, 2))
        const { command, args } = options.program === 'python' ? await pythonCommand(options.script) : nodeCommand(options.script)
        // A worker that was frozen for a while finds another attempt in its folder: before it writes there, and before it publishes.
        await lease.check()
        fault('before_call')
        const result = await countErrors(work, () => runChild({
          command,
          args: [...args, specFile],
          cwd: packageRoot,
          env: { ...trainerEnvironment(), ...options.env },
          signal: options.stop ? AbortSignal.any([signal, options.stop]) : signal,
          stallSeconds: options.stallSeconds ?? 600,
          onStart: (pid) => lease.child(pid),
          onEvent: (event) => {
            if (event.event === 'progress') progress({ ...event })
            options.onEvent?.(event)
          },
        }))
        await lease.check()
        return result
      }
      const made = await make({ store, work, key, signal, progress, check: lease.check, child })
      await lease.check()
      fault('after_call_before_record')
      // An attempt on another host, of which no lease here tells, may have been faster: then its output is the stage's.
      const output = (await recall(store, name, key)) ?? made
      if (output === made) await record(store, name, key, output)
      await clearWork(work)
      return { ...output, upToDate: false, seconds: (performance.now() - started) / 1000 }
    } finally {
      await lease.release()
    }
  })
}

/** Heartbeats with the whole progress object every 2 s, and failures in Temporal's own terms. */
export async function activity<T>(stageName: string, work: (progress: StageContext['progress'], signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current()
  return inActivity(activityInfo().activityType, async () => {
    const began = performance.now()
    // The details of the attempt before go out first, so that the screen does not fall back to nothing.
    let live: LiveProgress = { ...(activityInfo().heartbeatDetails as LiveProgress | undefined), stage: stageName, host: hostname(), started: new Date().toISOString() }
    const left = timeLeft()
    const beat = () => {
      fault('before_heartbeat')
      context.heartbeat(live)
    }
    beat()
    const timer = setInterval(beat, 2_000)
    try {
      const result = await work((figures) => {
        live = { ...live, ...shown(figures) }
        // Trainers tell it themselves: they know what a step is.
        const seconds = left(live)
        live.eta_seconds ??= seconds
      }, context.cancellationSignal)
      fault('after_record_before_ack')
      return result
    } catch (error) {
      // Temporal takes only its own cancellation for a cancellation; anything else would count as a failure to retry.
      if (context.cancellationSignal.aborted) throw context.cancellationSignal.reason
      throw asFailure(redactError(error), performance.now() - began)
    } finally {
      clearInterval(timer)
    }
  })
}

/** Only what the screen shows: a heartbeat is kept by the server, so it stays small whatever a trainer says. */
function shown({ message, step, steps, loss, tokens_per_second, eta_seconds, dollars, note }: Partial<LiveProgress>): Partial<LiveProgress> {
  return { step, steps, loss, tokens_per_second, eta_seconds, ...(message !== undefined && { message: redact(message).slice(0, 300) }), ...(dollars !== undefined && { dollars }), ...(note !== undefined && { note: ends(redact(note)) }) }
}

/** A long text's beginning and end: of an example both tell whether it is masked as it should be. */
const ends = (text: string) => (text.length <= 800 ? text : `${text.slice(0, 400)} … ${text.slice(-400)}`)
