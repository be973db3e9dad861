import { describe, expect, test } from 'vitest'
import { type Kind, kinds } from '../../chaos/faults.ts'
import { calmSteps, type Outcome } from '../../chaos/monkey.ts'
import { summarize } from '../../chaos/summary.ts'

const run = (faults: Kind[], problems: string[] = []): Outcome['runs'][number] => ({ what: 'offline', faults, problems, seconds: 60, workerMegabytes: 200 })
const calm = { steps: calmSteps.length, problems: [], workerMegabytes: [] }

/** An hour in which everything went well, but for what `other` says. */
const hour = (other: Partial<Outcome> = {}): Outcome => ({
  seed: 7, minutes: 60, skipped: [], runs: [...Array.from({ length: 15 }, () => run(['worker', 'server', 'trainer', 'all'])), run(['freeze', 'checkpoint', 'clock', 'cancel'])],
  recoveries: [{ of: 'worker', seconds: 3, sinceFault: 20 }], orphans: [0.2, 1.5], calm, callsTwice: 0, callsAgain: 0, ...other,
})

test('an hour that keeps every promise passes', () => {
  expect(summarize(hour())).toMatchObject({ passed: true, missed: [], kills: { made: 60, survived: 60 }, orphans: { times: 2, most: 1.5 } })
})

test.each<[string, Partial<Outcome>, string]>([
  ['a run that lost something', { runs: [...hour().runs, run(['worker'], ['other files'])] }, '1 of 17 runs lost something'],
  ['a slow recovery', { recoveries: [{ of: 'server', seconds: 12, sinceFault: 12 }] }, 'recovery of the server: 12.0 s'],
  ['an orphan', { orphans: [0.1, 7] }, 'a child outlived its worker by 7.0 s'],
  ['a step that fails at the end', { calm: { ...calm, steps: 4, problems: ['undisturbed dpo: exit code 1'] } }, 'undisturbed dpo: exit code 1'],
  ['no step at the end', { calm: { ...calm, steps: 0 } }, '0 of 5 undisturbed steps at the end passed'],
  ['no run at all', { runs: [], minutes: 0 }, 'no run came out as undisturbed'],
])('%s does not pass', (_what, other, why) => {
  const { passed, missed } = summarize(hour(other))
  expect(passed).toBe(false)
  expect(missed.join()).toContain(why)
})

describe('kills', () => {
  test('are one a minute at least, and clocks, cancels and damages are none', () => {
    const faults: Kind[] = ['freeze', 'checkpoint', 'clock', 'cancel']
    const runs = [run(['worker', 'server', ...faults]), run([...faults, ...faults])]
    expect(summarize(hour({ minutes: 3, runs })).missed).toEqual(['2 kills in 3 minutes: one a minute is the least'])
    expect(summarize(hour({ minutes: 2, runs })).passed).toBe(true)
  })

  test('of every kind are made within an hour, but need not be within minutes', () => {
    for (const kind of kinds) {
      const runs = hour().runs.map(({ faults }) => run([...faults, ...faults].filter((one) => one !== kind)))
      expect(summarize(hour({ runs })).missed).toEqual([`no fault of the kind ${kind} in 60 minutes`])
      expect(summarize(hour({ runs, minutes: 50 })).passed).toBe(true)
    }
  })

  test('need no moved clock where clocks cannot be moved', () => {
    const runs = hour().runs.map((one) => run(one.faults.filter((fault) => fault !== 'clock')))
    expect(summarize(hour({ runs, skipped: ['clocks can be moved only on Linux'] })).passed).toBe(true)
  })
})
