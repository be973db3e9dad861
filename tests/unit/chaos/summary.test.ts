import { describe, expect, test } from 'vitest'
import { type Kind, kinds } from '../../chaos/faults.ts'
import { calmSteps, type Outcome } from '../../chaos/monkey.ts'
import type { Recovery } from '../../chaos/recovery.ts'
import { summarize } from '../../chaos/summary.ts'

const run = (faults: Kind[], problems: string[] = []): Outcome['runs'][number] => ({ what: 'offline', faults, problems, seconds: 60, workerMegabytes: 200 })
const calm = { steps: calmSteps.length, problems: [], workerMegabytes: [] }

const recoveries = (of: Recovery['of'], times: number): Recovery[] => Array.from({ length: times }, () => ({ of, seconds: 3, sinceFault: 20 }))

/** An hour in which everything went well, but for what `other` says. */
const hour = (other: Partial<Outcome> = {}): Outcome => ({
  seed: 7, minutes: 60, skipped: [], runs: [...Array.from({ length: 15 }, () => run(['worker', 'server', 'trainer', 'all'])), run(['freeze', 'checkpoint', 'clock', 'cancel'])],
  recoveries: [...recoveries('worker', 10), ...recoveries('server', 3), ...recoveries('trainer', 3)], orphans: [0.2, 1.5, 0.1, 0.3, 0.2], calm, callsTwice: 0, callsAgain: 0, ...other,
})

test('an hour that keeps every promise passes', () => {
  expect(summarize(hour())).toMatchObject({ passed: true, missed: [], kills: { made: 60, survived: 60 }, orphans: { times: 5, most: 1.5 } })
})

test.each<[string, Partial<Outcome>, string]>([
  ['a run that lost something', { runs: [...hour().runs, run(['worker'], ['other files'])] }, '1 of 17 runs lost something'],
  ['a slow recovery', { recoveries: [...hour().recoveries, ...Array.from({ length: 3 }, (): Recovery => ({ of: 'server', seconds: 12, sinceFault: 12 }))] }, 'recovery of the server: 12.0 s'],
  ['an orphan', { orphans: [...hour().orphans, 7] }, 'a child outlived its worker by 7.0 s'],
  ['a step that fails at the end', { calm: { ...calm, steps: 4, problems: ['undisturbed dpo: exit code 1'] } }, 'undisturbed dpo: exit code 1'],
  ['no step at the end', { calm: { ...calm, steps: 0 } }, '0 of 5 undisturbed steps at the end passed'],
  ['no run at all', { runs: [], minutes: 0 }, 'no run came out as undisturbed'],
  ['nothing measured', { recoveries: [], orphans: [] }, 'recoveries of the worker were measured 0 times in 60 minutes: 10 is the least'],
  ['too few recoveries of workers', { recoveries: [...recoveries('worker', 9), ...recoveries('server', 9), ...recoveries('trainer', 9)] }, 'worker were measured 9 times'],
  ['no recovery of a server', { recoveries: [...recoveries('worker', 20), ...recoveries('trainer', 9)] }, 'server were measured 0 times in 60 minutes: 3 is the least'],
  ['no recovery of a trainer', { recoveries: [...recoveries('worker', 20), ...recoveries('server', 9)] }, 'trainer were measured 0 times'],
  ['too few killed workers with children', { orphans: [0.1, 0.1, 0.1, 0.1] }, 'children of killed workers were watched 4 times in 60 minutes: 5 is the least'],
])('%s does not pass', (_what, other, why) => {
  const { passed, missed } = summarize(hour(other))
  expect(passed).toBe(false)
  expect(missed.join()).toContain(why)
})

test('minutes owe only what surely comes in them', () => {
  const measured = { recoveries: recoveries('worker', 1), orphans: [] }
  expect(summarize(hour({ minutes: 5, recoveries: [], orphans: [] })).missed).toEqual([])
  expect(summarize(hour({ minutes: 10, ...measured })).missed).toEqual([])
  expect(summarize(hour({ minutes: 20, ...measured })).missed).toHaveLength(4)
})

test('every kind of fault has its row, with what was made of it', () => {
  expect(Object.keys(summarize(hour()).faults)).toEqual([...kinds])
  expect(summarize(hour({ runs: kinds.map((kind) => run([kind])) })).faults).toEqual(Object.fromEntries(kinds.map((kind) => [kind, { made: 1, survived: 1 }])))
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
