import type { Hooks } from '../dataset/hooks.ts'
import { mapWide } from './concurrency.ts'
import type { Predictor } from './predictor.ts'

/** Asks about every row, as many at a time as `predictor` takes, with progress, until `hooks.signal` says to stop. */
export async function askEach<T, R>(rows: readonly T[], { atOnce }: Pick<Predictor, 'atOnce'>, message: string, hooks: Hooks, ask: (row: T, index: number) => Promise<R>): Promise<R[]> {
  let done = 0
  return mapWide(rows, atOnce, async (row, index) => {
    hooks.signal?.throwIfAborted()
    const answered = await ask(row, index)
    hooks.onProgress?.({ message, step: ++done, steps: rows.length })
    return answered
  })
}
