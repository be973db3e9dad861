import type { Plan } from '../../../src/plan.ts'
import type { Ref } from '../../../src/store/ref.ts'

export const ref = (name: string): Ref => ({ uri: `cas:${name}`, sha256: name, bytes: 1, kind: 'test' })

/** How each round's validation comes out, the first training first, `fails` where it misses a promotion gate; a sentence is a gate that ends its evaluation. */
export type Script = (number | string | { score: number; fails: string })[]

/**
 * Activities of a train that only tell what they were asked for: `called` has one line each. A round is kept when its figure in the script
 * is above the best before it, and the next follows, of `whileGatesFail` only where it missed a gate; `fail` throws an activity's error.
 */
export function stubActivities(script: Script, rounds: number | undefined, fail: (type: string, message: string) => Error, { companion, whileGatesFail }: Pick<Plan, 'companion' | 'whileGatesFail'> = {}) {
  const called: string[] = []
  const published: unknown[] = []
  const evaluated: unknown[] = []
  const at = ({ round = 0 }: Plan) => round
  const done = { upToDate: false, seconds: 1 }
  let best = -Infinity
  const tell = <A extends unknown[], R>(name: string, answer: (...args: A) => R) => async (...args: A): Promise<R> => {
    const [plan] = args as unknown as [Plan | string]
    called.push(typeof plan === 'string' ? name : [name, ...(plan.model ? [plan.model] : []), ...(plan.round ? [plan.round] : [])].join(' '))
    return answer(...args)
  }
  const coverage = (name: string) => ({ total: 2, missing: 2, briefs: ref(name), ranges: [{ from: 0, to: 2 }], reused: [], parallel: 1 })
  const activities = {
    freezePlan: tell('freezePlan', (_input: unknown) => ({ plan: { name: 'gh', count: 100, pairs: 10, quant: 'q4_k_m', base: 'scratch', teacher: { kind: 'offline' }, ...(rounds && { rounds }), ...(companion && { companion }), ...(whileGatesFail && { whileGatesFail }) }, facts: {} })),
    acquireTraining: tell('acquireTraining', (_name: string) => {}),
    releaseTraining: tell('releaseTraining', (_name: string) => {}),
    checkHost: tell('checkHost', (_plan: Plan) => ({ host: {}, facts: {}, ...done })),
    planCoverage: tell('planCoverage', (_plan: Plan) => coverage('plan')),
    generateBatch: tell('generateBatch', (plan: Plan, { briefs }: { briefs: Ref }) => ({ batch: ref(`rows of ${briefs.sha256} ${at(plan)}`), dollars: 0, upToDate: false })),
    buildDataset: tell('buildDataset', (plan: Plan, data: { batches: Ref[]; added?: Ref[] }) => {
      called.push(`  ${[...data.batches, ...(data.added ?? [])].map(({ sha256 }) => sha256).join(', ')}`)
      return { dataset: ref(`dataset ${at(plan)}`), facts: { added: data.added?.length }, ...done }
    }),
    sft: tell('sft', (plan: Plan) => ({ model: ref(`sft ${at(plan)}`), metrics: {}, facts: {}, ...done })),
    merge: tell('merge', (plan: Plan) => ({ model: ref(`sft ${at(plan)}`), ...done })),
    quantize: tell('quantize', ({ model }: Plan) => ({ gguf: ref(model ? `gguf of ${model}` : 'gguf'), facts: {}, ...done })),
    preferences: tell('preferences', (plan: Plan) => ({ pairs: ref(`pairs ${at(plan)}`), facts: {}, ...done })),
    dpo: tell('dpo', (plan: Plan) => ({ model: ref(`dpo ${at(plan)}`), metrics: {}, facts: {}, ...done })),
    evaluate: tell('evaluate', (plan: Plan, asked?: unknown) => {
      evaluated.push(asked)
      const figure = script[at(plan)]!
      if (typeof figure === 'string') throw fail('GateNotPassed', figure)
      const { score, fails } = typeof figure === 'number' ? { score: figure } : figure
      return { report: ref(`report ${at(plan)}`), score, facts: { score, failed: fails === undefined ? {} : { figure: fails } }, ...done }
    }),
    improve: tell('improve', (plan: Plan, { made }: { made: { facts: { score: number; failed: Record<string, string> } } | string }) => {
      const score = typeof made === 'string' ? -Infinity : made.facts.score
      const kept = score > best
      if (kept) best = score
      const passes = typeof made !== 'string' && Object.keys(made.facts.failed).length === 0
      const goesOn = kept && at(plan) < plan.rounds! && !(plan.whileGatesFail && passes)
      return { log: ref(`log ${at(plan)}`), kept, outcome: typeof made === 'string' ? made : `best ${best}`, facts: {}, ...done, ...(goesOn && { coverage: coverage('errors') }) }
    }),
    publish: tell('publish', (_plan: Plan, finished: unknown) => {
      published.push(finished)
      return { version: 1, promoted: true, scores: {}, files: { report: (finished as { report: Ref }).report }, upToDate: false, facts: {} }
    }),
    notify: tell('notify', (_name: string, _state: string, _message: string) => {}),
  }
  return { activities, called, published, evaluated }
}
