import type { Ref } from '../store/ref.ts'
import type { Version } from './registry.ts'

/** What an evaluation says about a finished train. */
export interface Outcome {
  /** A challenger's: not worse than the champion. */
  promote?: boolean
  verdict?: string
  /** By gate, why it is not passed. */
  failed?: Record<string, string>
  gates?: { figures?: Record<string, unknown> }
}

/**
 * Does a finished train become the champion, and why (not)?
 * A person's own train is what they asked for; a schedule's challenger must not be worse. Neither may fail a gate that the champion
 * passes. One that the champion fails as well keeps nobody out: else the first weak model would stay for ever.
 */
export function promotion(before: Version | undefined, report: Ref, { promote, verdict, failed = {}, gates }: Outcome, retrain: boolean): { promoted: boolean; verdict: string } {
  if (before?.report.sha256 === report.sha256) return { promoted: true, verdict: before.verdict }
  const because = (gates: string[]) => gates.map((gate) => failed[gate]).join('; ')
  const failing = Object.keys(failed)
  // A version of an earlier release was not held to these gates, nor one that is older than a bound of its schema.
  const wasHeldTo = (gate: string) => !Object.hasOwn(gates?.figures ?? {}, gate) || before?.held?.includes(gate)
  const worse = before?.failed ? failing.filter((gate) => wasHeldTo(gate) && !Object.hasOwn(before.failed!, gate)) : []
  if (worse.length > 0) return { promoted: false, verdict: `the champion stays, which passes what this one fails: ${because(worse)}` }
  if (before && retrain && !promote) return { promoted: false, verdict: verdict ?? 'the champion stays' }
  if (failing.length > 0) return { promoted: true, verdict: `${before ? 'promoted' : 'the first version'}, although ${because(failing)}` }
  return { promoted: true, verdict: verdict ?? (before ? 'trained on request' : 'the first version') }
}
