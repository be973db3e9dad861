import { describe, expect, test } from 'vitest'
import { pairedDifference } from '../../../src/evaluation/intervals.ts'
import { type Answered, errorsOf, type Finished, firstRound, gainOver, ImprovementLog, outcomeOf, reasonsOf, takeDown, whyStop } from '../../../src/evaluation/rounds.ts'

const ref = (sha256: string) => ({ uri: `cas:${sha256}`, sha256, bytes: 1, kind: 'report' })
/** So many rows, of which those in the range are wrong. */
const answers = (rows: number, from: number, to: number): Answered[] => Array.from({ length: rows }, (_, i) => ({ id: `row ${i}`, confidence: 0.9, ...(i >= from && i < to && { error: i % 2 ? 'wrong action' : 'not JSON' }) }))
const finished = (list: readonly Answered[], more: Partial<Finished> = {}): Finished => ({ answers: list, failed: {}, scores: { test: { equivalent: 0.7 } }, report: ref('r'), dataset: ref('d'), ...more })

const first = answers(500, 0, 150)
const begun = firstRound({ name: 'tamarind', kind: 'workflow', max_rounds: 2 }, finished(first))
/** The log with a round under way. */
const under = (log: ImprovementLog): ImprovementLog => ({ ...log, rounds: [...log.rounds, { round: log.rounds.length, because: { round: log.best, errors: errorsOf(first), unsure: 3 }, added: { asked: 40, slices: { action: { sort: 40 } } } }] })

describe('a round', () => {
  test('is kept when more of the same rows are right; the log says what it changed, why, and what it gained', () => {
    const second = answers(500, 30, 150)
    const log = takeDown(under(begun), finished(second, { rows: 37 }), first, first)
    expect(log).toMatchObject({ best: 1, gain: { over: 0, points: 6 } })
    expect(log.rounds[1]).toMatchObject({
      round: 1, because: { round: 0, errors: { 'not JSON': 75, 'wrong action': 75 }, unsure: 3 }, added: { asked: 40, slices: { action: { sort: 40 } }, rows: 37 },
      validation: { n: 500, equivalent: 0.76 }, gain: { over: 0, n: 500, points: 6, only_this: 30, only_before: 0 }, kept: true, verdict: expect.stringMatching(/^kept: it is better beyond chance \(\+6\.0 points over the first training on the same 500 validation rows, 95% interval \d\.\d to \d\.\d, McNemar p = 1\.9e-9\)$/),
    })
    const [low, high] = log.rounds[1]!.gain!.interval
    expect(low).toBeGreaterThan(3)
    expect(high).toBeLessThan(9)
    expect(whyStop(log)).toBeUndefined()
    expect(outcomeOf(log)).toMatch(/^round 1 is the best, with \+6\.0 points over the first training .*; it goes on$/)
  })

  test.each([['worse', answers(500, 0, 160)], ['as good', first]])('that is %s is not kept, and ends it', (_how, list) => {
    const log = takeDown(under(begun), finished(list), first, first)
    expect(log).toMatchObject({ best: 0, rounds: [{}, { kept: false, verdict: expect.stringMatching(/^not kept: it is not better \(/) }] })
    expect(log.gain).toBeUndefined()
    expect(whyStop(log)).toBe('round 1 does not help')
    expect(outcomeOf({ ...log, stopped: whyStop(log)! })).toBe('no round was better than the first training; round 1 does not help')
  })

  test('whose gain may as well be chance is kept, and ends it', () => {
    const log = takeDown(under(begun), finished(answers(500, 40, 188)), first, first)
    expect(log).toMatchObject({ best: 1, rounds: [{}, { kept: true, gain: { only_this: 40, only_before: 38 }, verdict: expect.stringContaining('though not beyond chance') }] })
    expect(whyStop(log)).toMatch(/^the gain of round 1 may as well be chance \(McNemar p = 0\.9/)
  })

  test('that a gate ended, or that misses a gate which the best passes, is not kept', () => {
    const ended = takeDown(under(begun), 'Quantization cost 5 points.', first, first)
    expect(ended).toMatchObject({ best: 0, rounds: [{}, { kept: false, verdict: 'not kept: Quantization cost 5 points.', added: { asked: 40 } }] })
    expect(whyStop(ended)).toBe('round 1 does not help')
    const better = finished(answers(500, 30, 150), { failed: { robustness: 'other wordings cost 9.0 points' } })
    expect(takeDown(under(begun), better, first, first)).toMatchObject({ best: 0, rounds: [{}, { kept: false, verdict: expect.stringContaining('a gate is not passed that round 0 passes: other wordings cost 9.0 points') }] })
    const weak = firstRound(begun, finished(first, { failed: { robustness: 'other wordings cost 8.0 points' } }))
    expect(takeDown(under(weak), better, first, first).best).toBe(1)
  })

  test('is compared with the best before it, not with the last; after the last one allowed it ends', () => {
    const second = answers(500, 30, 150)
    const log = takeDown(under(takeDown(under(begun), finished(second), first, first)), finished(answers(500, 60, 150)), second, first)
    expect(log).toMatchObject({ best: 2, gain: { over: 0, points: 12 }, rounds: [{}, {}, { gain: { over: 1, points: 6 } }] })
    expect(whyStop(log)).toBe('all 2 rounds are done')
  })
})

describe('gates', () => {
  const failed = { refused: 'refused is 85.0%, at least 90.0% is demanded' }
  const missing = firstRound({ ...begun, only_while_gates_fail: true }, finished(first, { failed, missed: { refused: 'refused is 80.0%, at least 90.0% is demanded' } }))

  test('that the best round does not pass are reasons of the next, with their sentences, as the validation rows have them too', () => {
    expect(reasonsOf(missing, first)).toEqual({ round: 0, gates: failed, gates_on_validation: { refused: 'refused is 80.0%, at least 90.0% is demanded' }, errors: errorsOf(first), unsure: 0 })
    expect(reasonsOf(begun, first)).toMatchObject({ gates: {}, gates_on_validation: {} })
  })

  test('that are all passed ask for no round where rounds are made only while one fails', () => {
    const passed = firstRound({ ...begun, only_while_gates_fail: true }, finished(first))
    expect(whyStop(passed)).toBe('all gates are passed')
    expect(outcomeOf({ ...passed, stopped: whyStop(passed)! })).toBe('the first training stays; all gates are passed')
    expect(whyStop(missing)).toBeUndefined()
    expect(whyStop(takeDown(under(missing), finished(answers(500, 30, 150)), first, first))).toBe('all gates are passed')
  })

  test('that still fail ask for another round, also after a gain that may be chance, as often as is allowed', () => {
    const once = takeDown(under(missing), finished(answers(500, 40, 188), { failed }), first, first)
    expect(whyStop(once)).toBeUndefined()
    const twice = takeDown(under(once), finished(answers(500, 60, 188), { failed }), answers(500, 40, 188), first)
    expect(whyStop(twice)).toBe('all 2 rounds are done')
    expect(outcomeOf({ ...twice, stopped: whyStop(twice)! })).toMatch(/^round 2 is the best, .*; all 2 rounds are done, and a gate is still missed: refused is 85\.0%, at least 90\.0% is demanded$/)
  })

  test('of which only the latency fails ask for none: more examples make no answer faster', () => {
    const slow = firstRound({ ...begun, only_while_gates_fail: true }, finished(first, { failed: { latency: '95 of 100 answers take up to 20.0 ms, the budget is 10 ms' } }))
    expect(whyStop(slow)).toBe('no gate is missed that more examples could mend')
  })

  test('that a round passes and the best does not keep it, unless it is worse beyond chance or fails another', () => {
    const asGood = finished(answers(500, 0, 152))
    expect(takeDown(under(missing), asGood, first, first)).toMatchObject({ best: 1, rounds: [{}, { kept: true, verdict: expect.stringMatching(/^kept: it passes a gate that round 0 does not \(refused is 85\.0%, .*\), and is not worse beyond chance \(−0\.4 points/) }] })
    expect(takeDown(under(missing), finished(answers(500, 0, 180)), first, first)).toMatchObject({ best: 0, rounds: [{}, { kept: false, verdict: expect.stringContaining('it is not better') }] })
    expect(takeDown(under(missing), { ...asGood, failed: { robustness: 'other wordings cost 9.0 points' } }, first, first)).toMatchObject({ best: 0, rounds: [{}, { kept: false, verdict: expect.stringContaining('a gate is not passed that round 0 passes') }] })
    const slow = firstRound(begun, finished(first, { failed: { latency: '95 of 100 answers take up to 20.0 ms, the budget is 10 ms' } }))
    expect(takeDown(under(slow), asGood, first, first).best).toBe(0)
  })

  test('are absent from the reasons of an earlier release, whose logs are read all the same', () => {
    expect(ImprovementLog.parse(JSON.parse(JSON.stringify(under(begun)))).rounds[1]!.because).toEqual({ round: 0, errors: errorsOf(first), unsure: 3 })
  })
})

test('only rows that both were asked are compared', () => expect(gainOver(0, answers(10, 0, 5), answers(12, 0, 0))).toMatchObject({ n: 10, only_this: 5, points: 50 }))

test('the interval of a paired difference holds its level', () => {
  // Agresti and Min (2005): (b − c) ÷ (n + 2) after half a row for each cell.
  const [low, high] = pairedDifference(30, 10, 500)
  expect((low + high) / 2).toBeCloseTo(20 / 502, 10)
  expect(low).toBeGreaterThan(0)
  expect(pairedDifference(0, 0, 0)).toEqual([expect.any(Number), expect.any(Number)])
  expect(Math.max(...pairedDifference(10, 0, 10))).toBe(1)
})
