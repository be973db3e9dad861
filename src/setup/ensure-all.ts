import { ensureLlamaSources } from './llama-cpp.ts'
import { ensurePython } from './python.ts'
import { ensureTemporal } from './temporal-cli.ts'
import type { SetupProgress } from './types.ts'

export type Part = 'python' | 'temporal' | 'llama'

export type EnsureAllOptions = {
  /** Gets a line for a person: few enough that a log stays readable. */
  onProgress?: (line: string) => void
  signal?: AbortSignal
  only?: Part[]
}

const labels: Record<SetupProgress['part'], string> = { python: 'Python packages', temporal: 'Temporal', 'llama.cpp': 'llama.cpp', server: 'Server' }

/**
 * Sets up what is missing, everything at the same time: the Python environment, the Temporal CLI, llama.cpp's converter.
 * Milliseconds when all is there. The first failure stops the others; what they had done is kept for the next time.
 */
export async function ensureAll({ onProgress, signal, only = ['python', 'temporal', 'llama'] }: EnsureAllOptions = {}): Promise<void> {
  const stop = new AbortController()
  const options = { onProgress: lines(onProgress ?? (() => {})), signal: AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]) }
  const parts: Record<Part, () => Promise<unknown>> = { python: () => ensurePython(options), temporal: () => ensureTemporal(options), llama: () => ensureLlamaSources(options) }
  let first: unknown
  const all = only.map((part) => parts[part]().catch((error: unknown) => {
    first ??= error
    stop.abort()
  }))
  await Promise.all(all)
  if (first !== undefined) throw first
}

/** Turns progress into lines; repeats and parts that were ready all along are not worth one. */
export function lines(say: (line: string) => void, now: () => number = () => performance.now()): (progress: SetupProgress) => void {
  const last = new Map<SetupProgress['part'], { at: number; message: string; line: string }>()
  return ({ part, message, done, of, ready, seconds }) => {
    if (ready && !seconds) return
    const line = `${labels[part]}: ${message}${of ? ` (${done} of ${of})` : ''}`
    const before = last.get(part)
    // New words are news; a count that moves is worth a line every five seconds.
    if (!ready && before?.message === message && (before.line === line || now() - before.at < 5000)) return
    last.set(part, { at: now(), message, line })
    say(line)
  }
}
