import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { diskFullInRun, freeBytes, isDiskFull } from '../setup/disk.ts'
import { ChildExit, type ChildEvent } from './protocol.ts'

export interface ChildHooks {
  onProgress: (progress: { step: number; steps: number; message?: string; [figure: string]: unknown }) => void
  signal: AbortSignal
}

/**
 * The main function of every Node child: reads the spec file named by the only argument, runs the station, prints its result.
 * Exits when the parent is gone (end of stdin) or asks for it (SIGTERM).
 */
export async function serveChild<S extends z.ZodType>(spec: S, handler: (spec: z.infer<S>, hooks: ChildHooks) => Promise<Record<string, unknown>>): Promise<void> {
  const stop = new AbortController()
  process.on('SIGTERM', () => {
    stop.abort()
    process.exit(ChildExit.interrupted)
  })
  process.stdin.on('end', () => process.exit(ChildExit.interrupted)).resume()

  const file = process.argv[2]
  const parsed = spec.safeParse(file ? JSON.parse(await readFile(file, 'utf8')) : undefined)
  if (!parsed.success) {
    await emit({ event: 'error', type: 'BadInput', message: `The spec file ${file ?? '(none given)'} is not as expected: ${z.prettifyError(parsed.error)}` })
    process.exit(ChildExit.badSpec)
  }
  try {
    let last = -Infinity
    const result = await handler(parsed.data, {
      signal: stop.signal,
      onProgress: ({ step, steps, ...figures }) => {
        const now = performance.now()
        if (now - last < 200 && step !== steps) return
        last = now
        void emit({ event: 'progress', step, steps, ...figures })
      },
    })
    await emit({ event: 'result', ...result })
    process.exit(ChildExit.done)
  } catch (error) {
    const { type = 'TrainerError', message, stack, path } = error as NodeJS.ErrnoException & { type?: string }
    if (type === 'TrainerError') process.stderr.write(`${stack}\n`)
    // The work folder is the spec file's.
    const place = dirname(path ?? file!)
    if (isDiskFull(error)) await emit({ event: 'error', type: 'Unavailable', message: diskFullInRun(`${place} has ${await freeBytes(place)} bytes free (${message})`) })
    else await emit({ event: 'error', type, message })
    process.exit(type === 'BadInput' || type === 'GateNotPassed' ? ChildExit.badData : 1)
  }
}

function emit(event: ChildEvent): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(event)}\n`, () => resolve()))
}
