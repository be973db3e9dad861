import { createInterface } from 'node:readline'
import { execa } from 'execa'

export type RunOptions = {
  cwd?: string
  env?: Record<string, string>
  /** Called with each line of stdout and stderr. */
  onLine?: (line: string) => void
  signal?: AbortSignal
  timeoutMs?: number
}

/** A set-up command ended badly; `tail` is what it said last. */
export class CommandFailed extends Error {
  override name = 'CommandFailed'
  readonly tail: string
  constructor(message: string, tail: string) {
    super(message)
    this.tail = tail
  }
}

/** Runs a set-up command to its end and returns its stdout. Aborting stops it and everything it started. */
export async function run(command: string, args: string[], { cwd, env, onLine, signal, timeoutMs }: RunOptions = {}): Promise<string> {
  signal?.throwIfAborted()
  const child = execa(command, args, {
    cwd, env, stdin: 'ignore', buffer: false, reject: false, killDescendants: true,
    ...(signal && { cancelSignal: signal }), ...(timeoutMs && { timeout: timeoutMs }),
  })
  const out: string[] = []
  const tail: string[] = []
  const read = async (stream: NodeJS.ReadableStream, keep: boolean) => {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      if (keep) out.push(line)
      tail.push(line.slice(0, 400))
      if (tail.length > 15) tail.shift()
      onLine?.(line)
    }
  }
  const lines = Promise.all([read(child.stdout, true), read(child.stderr, false)])
  const ended = await child
  await lines.catch(() => {})
  signal?.throwIfAborted()
  if (ended.failed) throw new CommandFailed(`${command} ${args.slice(0, 3).join(' ')} ${ended.exitCode === undefined ? ended.shortMessage?.split('\n')[0] : `ended with exit code ${ended.exitCode}`}`, tail.join('\n'))
  return out.join('\n')
}

/** What `command` prints, trimmed, or undefined when it is not there, fails or takes longer than `timeoutMs`. */
export async function tryRun(command: string, args: string[], timeoutMs = 10_000): Promise<string | undefined> {
  try {
    return (await run(command, args, { timeoutMs })).trim()
  } catch {
    return undefined
  }
}
