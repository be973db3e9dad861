import { quantile } from '../../src/evaluation/intervals.ts'
import { type Kind, kinds } from './faults.ts'
import { calmSteps, type Outcome } from './monkey.ts'

export type Summary = ReturnType<typeof summarize>

/** The kinds that end a process by SIGKILL and do nothing else to the run. */
const kills: readonly Kind[] = ['worker', 'server', 'trainer', 'all']

/** Seconds that README.md promises. */
const mostRecovery = 10
const mostOrphan = 5

/**
 * An hour that measured less has not measured what it promises; a shorter run owes the whole ones of its share. By the weights in faults.ts,
 * 60 kills are 27 of the worker, 14 of the server and 18 of the trainer; but a run may end before what was killed is back.
 */
const leastAnHour = { worker: 10, server: 3, trainer: 3, orphans: 5 }

/** The figures of an outcome, and in `missed` every promise that they do not keep. */
export function summarize({ seed, minutes, skipped, runs, recoveries, orphans, calm, callsTwice, callsAgain }: Outcome) {
  const faults = Object.fromEntries(kinds.map((kind) => {
    const count = (some: typeof runs) => some.reduce((sum, run) => sum + run.faults.filter((one) => one === kind).length, 0)
    return [kind, { made: count(runs), survived: count(runs.filter(({ problems }) => problems.length === 0)) }]
  })) as Record<Kind, { made: number; survived: number }>
  const killed = (of: 'made' | 'survived') => kills.reduce((sum, kind) => sum + faults[kind][of], 0)
  const recovery = Object.fromEntries((['worker', 'server', 'trainer'] as const).map((of) => {
    const some = recoveries.filter((one) => one.of === of)
    const [restart, fault] = [some.map((one) => one.seconds), some.map((one) => one.sinceFault)]
    return [of, { times: some.length, ...(some.length && { p50: quantile(restart, 0.5), p95: quantile(restart, 0.95), sinceFaultP95: quantile(fault, 0.95) }) }]
  }))
  const good = runs.filter(({ problems }) => problems.length === 0).length
  const orphanSeconds = Math.max(0, ...orphans)
  const measured = { worker: recovery.worker!.times, server: recovery.server!.times, trainer: recovery.trainer!.times, orphans: orphans.length }
  const tooFew = (Object.keys(leastAnHour) as (keyof typeof leastAnHour)[]).flatMap((what) => {
    const least = Math.floor(leastAnHour[what] * minutes / 60)
    return measured[what] >= least ? [] : [`${what === 'orphans' ? 'children of killed workers were watched' : `recoveries of the ${what} were measured`} ${measured[what]} times in ${minutes.toFixed(0)} minutes: ${least} is the least`]
  })
  // A clock that cannot be moved here is said under `skipped`.
  const neverDrawn = minutes < 60 ? [] : kinds.filter((kind) => faults[kind].made === 0 && !(kind === 'clock' && skipped.length))
  const missed = [
    ...(good === runs.length ? [] : [`${runs.length - good} of ${runs.length} runs lost something`]),
    // A harness that kills nothing, or in which nothing succeeds, must not pass.
    ...(good > 0 ? [] : ['no run came out as undisturbed']),
    ...(killed('made') >= Math.max(1, minutes) ? [] : [`${killed('made')} kills in ${minutes.toFixed(0)} minutes: one a minute is the least`]),
    ...tooFew,
    ...neverDrawn.map((kind) => `no fault of the kind ${kind} in ${minutes.toFixed(0)} minutes`),
    ...Object.entries(recovery).filter(([, { p95 = 0 }]) => p95 >= mostRecovery).map(([of, { p95 }]) => `recovery of the ${of}: ${p95!.toFixed(1)} s at p95, ${mostRecovery} s are promised`),
    ...(orphanSeconds <= mostOrphan ? [] : [`a child outlived its worker by ${orphanSeconds.toFixed(1)} s, ${mostOrphan} s are promised`]),
    ...(calm.steps === calmSteps.length && calm.problems.length === 0 ? [] : [`${calm.steps} of ${calmSteps.length} undisturbed steps at the end passed`, ...calm.problems]),
  ]
  const megabytes = runs.filter(({ what }) => what === 'offline').map(({ workerMegabytes }) => Math.round(workerMegabytes))
  return {
    seed, minutes, skipped, faults, kills: { made: killed('made'), survived: killed('survived') }, recovery, orphans: { times: orphans.length, most: orphanSeconds }, callsTwice, callsAgain, good, of: runs.length, calm,
    workerMegabytes: { first: megabytes[0] ?? 0, last: megabytes.at(-1) ?? 0, most: Math.round(Math.max(0, ...runs.map(({ workerMegabytes }) => workerMegabytes))) },
    missed, passed: missed.length === 0,
  }
}
