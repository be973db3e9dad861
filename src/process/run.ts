import { createInterface } from 'node:readline'
import { execa } from 'execa'
import type { FailureType } from '../errors.ts'
import { redact } from '../redact.ts'
import { ChildEvent, ChildExit } from './protocol.ts'

export interface RunChild {
  command: string
  args: string[]
  cwd: string
  env: Record<string, string>
  onEvent: (event: ChildEvent) => void
  onStart?: (pid: number) => void
  /** Aborting it stops the child: SIGTERM, time for a checkpoint, then the whole tree is killed. */
  signal: AbortSignal
  /** Without an event for this long the child counts as stuck and is stopped. */
  stallSeconds: number
}

/** The child ended without a result; `type` says who has to act. */
export class ChildFailed extends Error {
  override name = 'ChildFailed'
  readonly type: FailureType
  constructor(type: FailureType, message: string) {
    super(message)
    this.type = type
  }
}

/** Time between SIGTERM and SIGKILL: a checkpoint of a 1 B model takes longer than execa's 5 s. */
const graceMs = 75_000

/**
 * Runs one heavy stage as a child process (docs/architecture.md, "The children's protocol") and returns its result event.
 * The child's stdin stays open for as long as this process lives: its end tells the child that the parent is gone.
 */
export async function runChild(options: RunChild): Promise<Record<string, unknown>> {
  const stall = new AbortController()
  let timer = setTimeout(() => stall.abort(), options.stallSeconds * 1000)
  const child = execa(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    cancelSignal: AbortSignal.any([options.signal, stall.signal]),
    forceKillAfterDelay: graceMs,
    killDescendants: true,
  })
  if (child.pid) options.onStart?.(child.pid)
  const log = tail(child.stderr, 40)
  let result: Record<string, unknown> | undefined
  let failure: { type: string; message: string } | undefined
  const lines = (async () => {
    for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity })) {
      const event = readEvent(line)
      if (!event) continue
      clearTimeout(timer)
      timer = setTimeout(() => stall.abort(), options.stallSeconds * 1000)
      if (event.event === 'result') result = event
      if (event.event === 'error') failure = event
      options.onEvent(event)
    }
  })()
  const ended = await child
  await lines
  clearTimeout(timer)

  if (options.signal.aborted) throw options.signal.reason
  if (stall.signal.aborted) throw new ChildFailed('Interrupted', `No progress for ${options.stallSeconds} s; the stage was stopped and goes on from its last checkpoint. Its last words: ${log()}`)
  if (ended.exitCode === ChildExit.done && result) return result
  if (ended.exitCode === ChildExit.interrupted) throw new ChildFailed('Interrupted', 'The stage was interrupted after a checkpoint; it goes on from there.')
  if (failure) throw new ChildFailed(failure.type as FailureType, failure.message)
  if (ended.exitCode === ChildExit.badSpec || ended.exitCode === ChildExit.badData) throw new ChildFailed('BadInput', `The stage refused its input: ${log()}`)
  const how = ended.signal ? `was killed by ${ended.signal}` : ended.exitCode === undefined ? `could not start (${ended.shortMessage})` : `ended with exit code ${ended.exitCode}`
  throw new ChildFailed(ended.signal ? 'Interrupted' : 'TrainerError', `The stage ${how}. Its last words: ${log() || '(none)'}`)
}

function readEvent(line: string): ChildEvent | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return ChildEvent.parse(JSON.parse(line))
  } catch {
    return undefined
  }
}

/** Keeps the last lines of a stream, for messages; a key that was cut would not be known any more, so the masks come first. */
function tail(stream: NodeJS.ReadableStream, count: number): () => string {
  const kept: string[] = []
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
    kept.push(redact(line).slice(0, 400))
    if (kept.length > count) kept.shift()
  })
  return () => kept.slice(-12).join(' | ').slice(-1500)
}
