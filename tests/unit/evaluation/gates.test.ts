import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { demanded, failedGates, promotionGates, readGateBounds } from '../../../src/evaluation/gates.ts'

const headline = { interval: [0.7, 0.8] as [number, number], latency_ms: { p50: 5, p95: 20 } }
const robust = (points_lost: number, followed: number, passed = points_lost <= 5 && followed >= 0.95) => ({ passed, points_lost, swaps: { n: 10, followed, examples: [] } })
const failures = (bounds: object, robustness = robust(0, 1)) => failedGates(promotionGates(bounds, headline, robustness))

describe('gates of promotion', () => {
  test('without bounds enforce nothing but robustness, and say what was measured', () => {
    expect(failures({})).toEqual({})
    expect(promotionGates({ target: null }, headline, robust(0, 1))).toMatchObject({ target: { passed: null, lower: 0.7 }, latency: { passed: null, p95: 20 } })
  })
  test('hold the lower end of the interval against the target, not the score', () => {
    expect(failures({ target: 0.7 })).toEqual({})
    expect(failures({ target: 0.75 })).toEqual({ target: "the score's interval begins at 70.0%, the target is 75.0%" })
  })
  test('hold the 95th percentile against the budget', () => {
    expect(failures({ latency_p95_ms: 20 })).toEqual({})
    expect(failures({ latency_p95_ms: 19.5 })).toEqual({ latency: '95 of 100 answers take up to 20.0 ms, the budget is 19.5 ms' })
  })
  test('allow five points for other wordings and one value of twenty that is not followed', () => {
    expect(failures({}, robust(5, 0.95))).toEqual({})
    expect(failures({}, robust(6.25, 0.9))).toEqual({ robustness: 'other wordings cost 6.3 points, 5 are allowed, 90.0% of exchanged values were followed, 95% must be' })
    expect(failures({}, robust(0, 0.9))).toEqual({ robustness: '90.0% of exchanged values were followed, 95% must be' })
  })
})

describe('figures of the kind of task', () => {
  const figures = [{ name: 'state', figure: 'accuracy (state)', bound: { above: 0.9 } }, { name: 'precision', figure: 'precision of entities', bound: { min: 0.8 } }, { name: 'refused', figure: 'wrongly refused', bound: { max: 0.05 } }]
  const gates = (metrics: Record<string, { served: number; n?: number }>) => promotionGates({ figures }, { ...headline, n: 129, metrics }, robust(0, 1))
  test('are held against the bounds of the schema, as served and on the rows that tell them', () => {
    const reached = gates({ 'accuracy (state)': { served: 0.901 }, 'precision of entities': { served: 0.8, n: 120 }, 'wrongly refused': { served: 0.05 } })
    expect(failedGates(reached)).toEqual({})
    expect(reached.figures).toMatchObject({ state: { passed: true, value: 0.901, n: 129 }, precision: { passed: true, n: 120 } })
  })
  test('that miss theirs are told by the name of the schema', () => {
    expect(failedGates(gates({ 'accuracy (state)': { served: 0.9 }, 'precision of entities': { served: 0.75 }, 'wrongly refused': { served: 0.06 } }))).toEqual({
      state: 'accuracy (state) is 90.0%, above 90.0% is demanded', precision: 'precision of entities is 75.0%, at least 80.0% is demanded', refused: 'wrongly refused is 6.0%, at most 5.0% is demanded',
    })
  })
  test('that no row tells are not reached', () => {
    expect(failedGates(gates({ 'precision of entities': { served: 1 }, 'wrongly refused': { served: 0 } }))).toEqual({ state: 'no row tells accuracy (state), above 90.0% is demanded' })
  })
  test('without bounds are no gates', () => expect(promotionGates({}, headline, robust(0, 1))).not.toHaveProperty('figures'))
})

test('of what the configuration and the schema demand, the stricter counts', () => {
  expect(demanded({ target: 0.8, latency_p95_ms: 100 }, { target: 0.9, latency_p95_ms: 2000, figures: [] })).toEqual({ target: 0.9, latency_p95_ms: 100, figures: [] })
  expect(demanded({ target: null }, { latency_p95_ms: 2000, figures: [] })).toEqual({ target: null, latency_p95_ms: 2000, figures: [] })
  expect(demanded({ target: 0.8 })).toEqual({ target: 0.8, latency_p95_ms: null, figures: [] })
})

test('the bounds that come with the package are read, and set none', () => {
  const file = join(import.meta.dirname, '../../../training/configs/eval_config.yaml')
  expect(failures(readGateBounds(parse(readFileSync(file, 'utf8'))))).toEqual({})
  expect(readGateBounds(null)).toEqual({})
  expect(readGateBounds(parse('gates:\n'))).toEqual({})
})

test.each([['gates: {target: 80}', /eval_config\.yaml: gates\.target: .*Expected gates/], ['gates: {traget: 0.8}', /traget/], ['gates: {latency_p95_ms: -1}', /gates\.latency_p95_ms/]])('%s is refused with what is expected', (text, message) => {
  expect(() => readGateBounds(parse(text))).toThrow(message)
})
