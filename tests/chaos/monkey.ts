import { setTimeout as wait } from 'node:timers/promises'
import { ExitCode } from '../../src/errors.ts'
import { Random } from '../../src/teacher/random.ts'
import type { Fault } from '../standin/faults.ts'
import type { StandIn } from '../standin/server.ts'
import { processes, until } from '../e2e/workspace.ts'
import { movableClock } from './clock.ts'
import { type Kind, kinds, strike, weights } from './faults.ts'
import { Chaos, descendants, secondsUntilGone, small, undisturbed } from './harness.ts'
import { megabytes } from './memory.ts'
import { bought, paidEnvironment, paidRun, provider } from './paid.ts'
import { type Recovery, recovery } from './recovery.ts'

export interface Outcome {
  seed: number
  /** What the runs took, up to the time that was asked for. */
  minutes: number
  /** "clocks can be moved only on Linux": what could not be tried here. */
  skipped: string[]
  runs: { what: 'offline' | 'paid'; faults: Kind[]; problems: string[]; seconds: number; workerMegabytes: number }[]
  recoveries: Recovery[]
  /** For each worker that was killed with children, the seconds until the last of them was gone. */
  orphans: number[]
  /** The undisturbed steps at the end: how many passed, and the memory of their one worker after each. */
  calm: { steps: number; problems: string[]; workerMegabytes: number[] }
  callsTwice: number
  callsAgain: number
}

export interface Options {
  seed: number
  /** Begins no further run after so many minutes; `runs` ends it sooner. */
  minutes: number
  runs?: number
  /** The number of the first run, by which its faults are drawn: 1 unless one of a longer outcome is repeated. */
  first?: number
  say?: (line: string) => void
}

const mostFaults = 8
const scenarios = { offline: ['train', 'notes', ...small], paid: paidRun }
/** One more train, step by step. Its number of examples is its own, so that each step finds something to do. */
export const calmSteps = (['generate', 'sft', 'preferences', 'dpo', 'train'] as const).map((command) => [command, 'notes', '--teacher', 'offline', '--num', '130', '--pairs', '24'])
const failing: Fault[] = [
  { kind: 'status', status: 429, retryAfter: 1, times: 3 }, { kind: 'status', status: 529, times: 2 }, { kind: 'status', status: 500 }, { kind: 'cut', after: 200 }, { kind: 'event', type: 'overloaded_error' }, { kind: 'hang' }, { kind: 'slow', ms: 1500 },
]

/** Long enough for something to happen in the middle of a training. */
const steps = 60

/** Trains again and again while it kills, freezes, damages and cancels, at random by its seed; each run must come out as the undisturbed one did. */
export async function monkey({ seed, minutes, runs: mostRuns = Infinity, first = 1, say = () => {} }: Options): Promise<Outcome> {
  const server = await provider()
  const clock = await movableClock()
  const outcome: Outcome = { seed, minutes: 0, skipped: typeof clock === 'string' ? [clock] : [], runs: [], recoveries: [], orphans: [], calm: { steps: 0, problems: [], workerMegabytes: [] }, callsTwice: 0, callsAgain: 0 }
  const environmentOf = (what: 'offline' | 'paid'): Record<string, string> => ({
    CLITRON_CHECKPOINT_SECONDS: '0.3',
    // The ledger's times are compared with each other, so its workers keep one clock.
    ...(what === 'paid' ? paidEnvironment(server) : typeof clock === 'string' ? {} : clock.environment),
  })
  const expected: Partial<Record<'offline' | 'paid', Record<string, string>>> = {}
  try {
    const began = Date.now()
    for (let isLast = false; !isLast;) {
      const number = first + outcome.runs.length
      const what = number % 3 === 0 ? 'paid' : 'offline'
      expected[what] ??= await undisturbed(scenarios[what], environmentOf(what), { steps })
      const chaos = new Chaos(environmentOf(what), { steps })
      try {
        const run = await disturbed(chaos, { what, random: new Random(`${seed} run ${number - 1}`), server, clock: what === 'paid' ? 'a paid run keeps one clock' : clock, expected: expected[what], outcome })
        outcome.runs.push(run)
        outcome.minutes = Math.min(minutes, (Date.now() - began) / 60_000)
        isLast = outcome.minutes === minutes || outcome.runs.length === mostRuns
        say(`run ${number} (${what}): ${run.faults.join(', ') || 'no fault'}; ${run.problems.length ? `LOST: ${run.problems.join('; ')}` : `as undisturbed, in ${run.seconds.toFixed(0)} s`}`)
        if (typeof clock !== 'string') clock.move(0)
        if (isLast) outcome.calm = await calm(chaos)
      } finally {
        if (typeof clock !== 'string') clock.move(0)
        await chaos.remove()
      }
      const left = await processes(new RegExp(chaos.folder))
      if (left.length) outcome.runs.at(-1)!.problems.push(`processes ${left.join()} are left`)
    }
  } finally {
    await server.close()
  }
  return outcome
}

interface Setting {
  what: 'offline' | 'paid'
  random: Random
  server: StandIn
  clock: Awaited<ReturnType<typeof movableClock>>
  expected: Record<string, string>
  outcome: Outcome
}

async function disturbed(chaos: Chaos, { what, random, server, clock, expected, outcome }: Setting): Promise<Outcome['runs'][number]> {
  const args = scenarios[what]
  const workflowId = `${args[0]}-notes`
  const began = Date.now()
  const from = server.paid().length
  const faults: Kind[] = []
  const problems: string[] = []
  let workerMegabytes = 0
  let broken = 0
  let ended: Awaited<ReturnType<Chaos['json']>> | undefined
  const begin = async () => {
    ended = undefined
    chaos.json(args).then((result) => (ended = result), (error: Error) => (ended = { exitCode: -1, document: {}, stderr: error.message }))
    await until('the run is there', 300, async () => ended || (await isRunning(chaos, workflowId)))
  }
  await begin()
  while (!ended) {
    await Promise.race([wait(1000 * (1 + 6 * random.next())), until('the end', 900, () => ended)])
    if (ended || faults.length >= mostFaults) {
      await until('the run ends', 900, () => ended)
      break
    }
    if (what === 'paid') {
      server.faults.push(random.pick(failing))
      broken += 1
    }
    const kind = random.weighted(kinds.map((one) => [one, weights[one]] as const))
    const up = chaos.up()
    const started = kind === 'worker' ? await descendants(up.worker.pid) : []
    workerMegabytes = Math.max(workerMegabytes, megabytes(up.worker.pid))
    const before = { worker: up.worker.pid, server: up.server.pid, children: await chaos.children() }
    if (!(await strike(kind, chaos, random, clock))) continue
    faults.push(kind)
    if (kind === 'cancel') {
      const cancelled = Date.now()
      await until('the cancelled run ends', 120, () => ended)
      if (Date.now() - cancelled > 10_000) problems.push(`a cancel took ${Math.round((Date.now() - cancelled) / 1000)} s`)
      await begin()
      continue
    }
    const lost = (error: Error) => void problems.push(error.message)
    const [back, gone] = await Promise.all([recovery(kind, chaos, before, workflowId).catch(lost), started.length ? secondsUntilGone(started).catch(lost) : undefined])
    if (back) outcome.recoveries.push(back)
    if (gone !== undefined) outcome.orphans.push(gone)
  }
  server.faults.length = 0

  if (ended!.exitCode !== 0) problems.push(`exit code ${ended!.exitCode}: ${ended!.stderr.trim().split('\n').at(-1)}`)
  const published = await chaos.published()
  const different = [...new Set([...Object.keys(expected), ...Object.keys(published)])].filter((file) => expected[file] !== published[file])
  if (different.length) problems.push(`other files than undisturbed: ${different.join(', ')}`)
  problems.push(...chaos.strays().map((file) => `${file} is left`))
  const children = await chaos.children()
  if (children.length) problems.push(`trainers ${children.join()} are left`)
  problems.push(...(await failures(chaos)), ...(await wrongDurations(chaos, ended!.document, (Date.now() - began) / 1000)))
  if (what === 'paid') {
    const { twice, again, unanswered } = bought(server, chaos.path('.clitron/store'), from)
    outcome.callsTwice += twice
    outcome.callsAgain += again
    if (again) problems.push(`${again} recorded calls were bought again`)
    if (twice > unanswered) problems.push(`${twice} calls were bought twice, and the ledger knows of ${unanswered} without an answer`)
    // A fault ends the calls in flight, and what the provider did wrong one each.
    if (unanswered > faults.length * server.mostAtOnce() + broken) problems.push(`${unanswered} calls were lost by ${faults.length} faults with at most ${server.mostAtOnce()} in flight, and ${broken} of the provider's`)
  }
  return { what, faults, problems, seconds: (Date.now() - began) / 1000, workerMegabytes }
}

async function isRunning(chaos: Chaos, workflowId: string): Promise<boolean> {
  try {
    const client = await chaos.client()
    try {
      return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING'
    } finally {
      await client.connection.close()
    }
  } catch {
    return false
  }
}

/** After the last fault everything is as ever: each step passes, by one worker that nothing ends. */
async function calm(chaos: Chaos): Promise<Outcome['calm']> {
  const { worker } = chaos.up()
  const done: Outcome['calm'] = { steps: 0, problems: [], workerMegabytes: [] }
  for (const step of calmSteps) {
    const { exitCode, document, stderr } = await chaos.json(step).catch((error: Error) => ({ exitCode: -1, document: {}, stderr: error.message }))
    done.workerMegabytes.push(megabytes(chaos.up().worker.pid))
    // So small a model may well be no better than the one before: a gate that says so has judged, and nothing is lost.
    if (exitCode !== 0 && !(exitCode === ExitCode.gate && document.promoted === false)) done.problems.push(`undisturbed ${step[0]}: exit code ${exitCode}: ${stderr.trim().split('\n').at(-1)}`)
    else if (document.up_to_date) done.problems.push(`undisturbed ${step[0]}: nothing was done`)
    else done.steps += 1
  }
  if (chaos.up().worker.pid !== worker.pid) done.problems.push('the worker ended while nothing disturbed it')
  return done
}

/** Seconds that Clitron shows, of the whole command and of each stage: moved clocks must make none negative, and none longer than all of it took. */
async function wrongDurations(chaos: Chaos, document: { seconds?: number }, took: number): Promise<string[]> {
  // Only a worker knows a run's stages, and the last fault may have killed it.
  const stages = await until('`clitron status` shows the stages', 120, async () => {
    const { document: status } = await chaos.json(['status', 'notes']).catch(() => ({ document: undefined }))
    return status?.trainings[0].run?.progress?.stages as { stage: string; seconds?: number }[] | undefined
  }).catch(() => undefined)
  if (!stages) return ['`clitron status` shows no stages']
  const shown = [{ stage: 'the whole', seconds: document.seconds }, ...stages]
  return shown.filter(({ seconds = 0 }) => seconds < 0 || seconds > took).map(({ stage, seconds }) => `${stage} is shown with ${Math.round(seconds!)} s`)
}

/** Failed workflows, and such as ended before they began. */
async function failures(chaos: Chaos): Promise<string[]> {
  const client = await chaos.client()
  try {
    const found: string[] = []
    for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')` })) found.push(`${workflowId} failed`)
    for await (const { workflowId, startTime, closeTime } of client.workflow.list()) if (closeTime && closeTime < startTime) found.push(`${workflowId} ended before it began`)
    return found
  } finally {
    await client.connection.close()
  }
}
