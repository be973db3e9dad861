import { expect, test } from 'vitest'
import type { Section } from '../../../src/evaluation/evaluate.ts'
import type { Report } from '../../../src/evaluation/report.ts'
import { monitoringSetup } from '../../../src/production/monitoring.ts'
import type { Performance } from '../../../src/production/performance.ts'

const section = (n: number, execute: number) => ({
  n, thresholds: { execute: { right: execute, wrong: 0 }, confirm: { right: n - execute, wrong: 0 }, clarify: { right: 0, wrong: 0 }, ask: { right: 0, wrong: 0 } },
  reliability: [{ from: 0.7, to: 0.8, count: n - execute, confidence: 0.75, accuracy: 1 }, { from: 0.9, to: 1, count: execute, confidence: 0.95, accuracy: 1 }],
}) as Section
const performance = {
  created: '2030-01-01', host: {}, model: { sha256: 'a' }, smoke_test: { recorded: 50, test: { n: 50 }, unanswered: 0 }, memory: { loaded: 100e6, peak: 130e6 },
  load_test: [{ at_once: 1, answers: 400, answers_per_second: 40, latency_ms: { p50: 20, p95: 30, p99: 44, longest: 50 } }, { at_once: 4, answers: 400, answers_per_second: 43, latency_ms: {} }],
} as unknown as Performance
const setup = (scores: object) => monitoringSetup({ name: 'lamp', version: 3, report: { scores } as Report, performance })
const signal = (of: ReturnType<typeof setup>, name: string) => of.signals.find((each) => each.signal.startsWith(name))!

test('every bound comes from what was measured of this model', () => {
  const made = setup({ test: section(300, 150) })
  const confidence = signal(made, 'mean confidence')
  expect(confidence.measured).toMatchObject({ answers: 300, mean: 0.85, standard_deviation: expect.closeTo(0.1, 10) })
  // 3.29 · 0.1 · √(1/300 + 1/500)
  expect(confidence.alert).toEqual({ below: expect.closeTo(0.826, 3), above: expect.closeTo(0.874, 3) })
  expect(signal(made, 'share of execute').alert).toEqual({ below: expect.closeTo(0.3799, 3), above: expect.closeTo(0.6201, 3) })
  // Never seen in 300 answers; not impossible for that, and nothing can be below it.
  expect(signal(made, 'share of ask').alert).toEqual({ above: expect.closeTo(0.0172, 3) })
  expect(signal(made, 'latency').alert).toEqual({ above: 44 })
  expect(signal(made, 'questions a second').alert).toEqual({ above: 43 })
  expect(signal(made, 'resident memory').alert).toEqual({ above: 160e6 })
})

test('hand-written questions are nearer to people than made ones, and more of them narrow the bounds', () => {
  const few = setup({ test: section(1_000, 900), golden: section(100, 50) })
  expect(few.baseline).toContain('the 100 answers to the golden set')
  const many = setup({ test: section(10_000, 5_000) })
  const width = ({ alert }: { alert: { above?: number; below?: number } }) => alert.above! - alert.below!
  expect(width(signal(many, 'mean confidence'))).toBeLessThan(width(signal(few, 'mean confidence')))
})

test('where nothing has changed, a window is out of bounds about once in a thousand', () => {
  const { alert } = signal(setup({ test: section(1_000_000, 500_000) }), 'share of execute')
  let state = 1
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  let outside = 0
  for (let window = 0; window < 20_000; window++) {
    let executed = 0
    for (let i = 0; i < 500; i++) if (random() < 0.5) executed++
    if (executed / 500 < alert.below! || executed / 500 > alert.above!) outside++
  }
  expect(outside).toBeGreaterThan(4)
  expect(outside).toBeLessThan(50)
})
