import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { auroc, calibrate, Calibration, expectedCalibrationError, fitCalibration, riskCoverage, uncalibrated, type Scored } from '../../../src/inference/calibration.ts'

/** Overconfident scores: an answer with score s is right with probability s². */
function overconfident(count: number): Scored[] {
  let state = 12345
  const random = () => ((state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31)
  return Array.from({ length: count }, () => {
    const score = random()
    return { score, correct: random() < score ** 2 }
  })
}

describe.each([
  [400, 'platt'],
  [4000, 'isotonic'],
] as const)('%d rows', (count, method) => {
  test(`are fitted by ${method}, which lowers the calibration error on rows it has not seen`, () => {
    const rows = overconfident(2 * count)
    const calibration = fitCalibration(rows.slice(0, count))
    expect(calibration.method).toBe(method)
    const held = rows.slice(count)
    const after = held.map((row) => ({ ...row, score: calibrate(calibration, row.score) }))
    expect(expectedCalibrationError(held)).toBeGreaterThan(0.12)
    expect(expectedCalibrationError(after)).toBeLessThan(method === 'platt' ? 0.08 : 0.03)
    expect(Calibration.parse(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration)
  })
})

test('confidence never falls when the score rises, and stays between 0 and 1', () => {
  const rows = fc.array(fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), correct: fc.boolean() }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (some, times, a, b) => {
      const calibration = fitCalibration(Array.from({ length: times }, () => some).flat())
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((score) => calibrate(calibration, score)) as [number, number]
      expect(low).toBeGreaterThanOrEqual(0)
      expect(high).toBeLessThanOrEqual(1)
      expect(high).toBeGreaterThanOrEqual(low - 1e-9)
    }),
  )
})

test('a set without a single error does not make the model certain', () => {
  const calibration = fitCalibration(Array.from({ length: 50 }, (_, i) => ({ score: 0.9 + i / 1000, correct: true })))
  expect(calibrate(calibration, 0.95)).toBeGreaterThan(0.9)
  expect(calibrate(calibration, 0.95)).toBeLessThan(1)
})

test('scores that say the opposite of the truth get one constant confidence', () => {
  const rows = Array.from({ length: 200 }, (_, i) => ({ score: (i + 0.5) / 200, correct: i < 100 }))
  const calibration = fitCalibration(rows)
  expect(calibrate(calibration, 0.99)).toBeCloseTo(calibrate(calibration, 0.01), 6)
  expect(calibrate(calibration, 0.99)).toBeCloseTo(0.5, 1)
})

test('an answer that was cut has no confidence', () => {
  expect(calibrate(uncalibrated, 0)).toBe(0)
  expect(calibrate(uncalibrated, NaN)).toBe(0)
})

test('no rows are refused with what to do', () => expect(() => fitCalibration([])).toThrow('calibration split is empty'))

test('AUROC is 1 for a perfect ranking, 0.5 for a constant, and undefined without errors', () => {
  expect(auroc([{ score: 0.9, correct: true }, { score: 0.2, correct: false }, { score: 0.3, correct: false }])).toBe(1)
  expect(auroc([{ score: 0.5, correct: true }, { score: 0.5, correct: false }])).toBe(0.5)
  expect(auroc([{ score: 0.5, correct: true }])).toBeUndefined()
})

test('risk over coverage starts with the surest answers', () => {
  const { points, aurc } = riskCoverage([{ score: 0.2, correct: false }, { score: 0.9, correct: true }, { score: 0.8, correct: true }, { score: 0.2, correct: true }])
  expect(points).toEqual([
    { coverage: 0.25, risk: 0, score: 0.9 },
    { coverage: 0.5, risk: 0, score: 0.8 },
    { coverage: 1, risk: 0.25, score: 0.2 },
  ])
  expect(aurc).toBeCloseTo((1 / 3 + 1 / 4) / 4)
})
