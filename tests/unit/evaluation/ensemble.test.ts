import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dataset/row.ts'
import { scoreEnsemble, vote } from '../../../src/evaluation/ensemble.ts'
import type { Prediction } from '../../../src/inference/predictor.ts'
import { fakeFamily as family, fakeSchema as schema } from '../../fixtures/fake-family.ts'

const ballot = (completion: string, probability: number, more: Partial<Prediction> = {}): Prediction => ({ completion, probability, logProbability: Math.log(probability), tokens: 5, endedByEos: true, latencyMs: 4, ...more })
const cut = (completion: string) => ballot(completion, 0, { endedByEos: false })
const letters = (completion: string) => completion.toLowerCase()

describe('a vote', () => {
  test('is won by the answer whose confidences add up to most, and is as sure as all members together', () => {
    expect(vote([ballot('a', 0.75), ballot('b', 0.5), ballot('b', 0.5)], letters)).toMatchObject({ completion: 'b', probability: 1 / 3 })
    expect(vote([ballot('a', 0.75), ballot('b', 0.25), ballot('b', 0.25)], letters)).toMatchObject({ completion: 'a', probability: 0.25 })
  })

  test('counts answers that mean the same as one', () => {
    expect(vote([ballot('A', 0.5), ballot('b', 0.75), ballot('a', 0.5)], letters)).toMatchObject({ completion: 'A', probability: 1 / 3 })
  })

  test('of equal sums takes the one that was given first', () => {
    expect(vote([ballot('a', 0.5), ballot('b', 0.5)], letters)).toMatchObject({ completion: 'a', probability: 0.25 })
    expect(vote([ballot('c', 0.25), ballot('b', 0.5), ballot('a', 0.5)], letters).completion).toBe('b')
  })

  test('in which all differ is won by the surest', () => expect(vote([ballot('a', 0.25), ballot('b', 0.75), ballot('c', 0.5)], letters)).toMatchObject({ completion: 'b', probability: 0.25 }))

  test('is never won by answers that were cut where another one ended, however little sure', () => {
    expect(vote([cut('a'), cut('a'), ballot('b', 0)], letters)).toMatchObject({ completion: 'b', endedByEos: true, probability: 0 })
    expect(vote([cut('a'), ballot('a', 0.75)], letters)).toMatchObject({ endedByEos: true, probability: 0.375 })
  })

  test('of answers that were all cut is no answer', () => expect(vote([cut('a'), cut('b')], letters)).toMatchObject({ endedByEos: false, probability: 0 }))

  test('takes as long as all members, one after the other', () => expect(vote([ballot('a', 0.5), ballot('b', 0.25), cut('c')], letters).latencyMs).toBe(12))
})

test('each member and the vote are scored on the same rows, and the vote is compared with the first', async () => {
  const rows = Array.from({ length: 10 }, (_, n): Row => ({ instruction: `open ${n}`, context: null, output: JSON.stringify({ do: 'open', n }) }))
  const wrong = (...at: number[]) => rows.map(({ output }, n) => ballot(at.includes(n) ? '{"do":"close"}' : output, 0.5))
  // In row 7 two are wrong alike, in row 8 all three; one writes its keys the other way round.
  const turned = wrong(1, 7, 8).map((each, n) => (n === 5 ? { ...each, completion: '{"n":5,"do":"open"}' } : each))
  const { n, members, ensemble, difference } = await scoreEnsemble({ rows, members: [wrong(0, 8), turned, wrong(2, 3, 7, 8)], family, schema })
  expect(n).toBe(10)
  expect(members.map(({ equivalent }) => equivalent)).toEqual([0.8, 0.6, 0.6])
  expect(ensemble).toMatchObject({ equivalent: 0.8, latency_ms: { p50: 12, p95: 12 } })
  expect(members[0]).toMatchObject({ ece: expect.closeTo(0.3), auroc: 0.5, latency_ms: { p50: 4, p95: 4 } })
  expect(difference).toMatchObject({ n: 10, points: 0, only_first: 1, only_second: 1, p_value: 1 })
})
