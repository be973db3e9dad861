import { describe, expect, test } from 'vitest'
import { pairedDifference } from '../../../src/evaluation/intervals.ts'
import { type Answered, errorsOf, type Finished, firstRound, gainOver, type ImprovementLog, outcomeOf, takeDown, whyStop } from '../../../src/evaluation/rounds.ts'

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

test('only rows that both were asked are compared', () => expect(gainOver(0, answers(10, 0, 5), answers(12, 0, 0))).toMatchObject({ n: 10, only_this: 5, points: 50 }))

test('the interval of a paired difference holds its level', () => {
  // Agresti and Min (2005): (b − c) ÷ (n + 2) after half a row for each cell.
  const [low, high] = pairedDifference(30, 10, 500)
  expect((low + high) / 2).toBeCloseTo(20 / 502, 10)
  expect(low).toBeGreaterThan(0)
  expect(pairedDifference(0, 0, 0)).toEqual([expect.any(Number), expect.any(Number)])
  expect(Math.max(...pairedDifference(10, 0, 10))).toBe(1)
})
