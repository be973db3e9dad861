import type { ProgressEvent } from '../process/protocol.ts'

/** The share of the steps that must be done before their pace says anything. */
const enough = 0.03

/** Listens to the progress of one activity, or of several that share their steps, and tells the seconds left; a new message begins anew. */
export function timeLeft(): (at: Partial<Pick<ProgressEvent, 'message' | 'step' | 'steps'>>) => number | undefined {
  let first: { message: string | undefined; step: number; steps: number; time: number } | undefined
  return ({ message, step, steps }) => {
    if (step === undefined || !steps) return (first = undefined)
    // The system's clock may be set meanwhile.
    const time = performance.now()
    if (!first || first.message !== message || first.steps !== steps || step < first.step) first = { message, step, steps, time }
    const done = step - first.step
    return done < enough * steps ? undefined : Math.round(((time - first.time) / done) * Math.max(0, steps - step)) / 1000
  }
}
