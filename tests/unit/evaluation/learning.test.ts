import { describe, expect, test } from 'vitest'
import { learningVerdict, ownSteps, type LossPoint } from '../../../src/evaluation/learning.ts'

/** A training of 1,000 steps, logged each 20, validated each 100; both losses as functions of the step's share of the whole. */
const curve = (training: (share: number) => number, validation: (share: number) => number): LossPoint[] =>
  Array.from({ length: 50 }, (_, i) => (i + 1) * 20).map((step) => ({ step, loss: training(step / 1000), ...(step % 100 === 0 && { validation_loss: validation(step / 1000) }) }))
const settles = (share: number) => 0.1 + 3 * Math.exp(-9 * share)

describe('a training is called by its curves', () => {
  test('overfitting where the validation loss rose and the training loss fell on', () => {
    const found = learningVerdict(curve(settles, (share) => 0.3 + (share - 0.4) ** 2))
    expect(found.verdict).toBe('overfitting')
    expect(found.figures!.validation).toEqual({ lowest: 0.3, at_step: 400, last: expect.closeTo(0.66) })
    expect(found.sentence).toMatch(/lowest at step 400 \(0\.3\) and is 0\.66 at the end, 120% more, while its training loss fell from 0\.\d+ to 0\.1/)
  })
  test('not overfitting where both rose: that is another fault', () => {
    expect(learningVerdict(curve((share) => 0.3 + (share - 0.4) ** 2, (share) => 0.3 + (share - 0.4) ** 2)).verdict).toBe('neither')
  })
  test('not overfitting by a hair, or where there is hardly a loss left', () => {
    expect(learningVerdict(curve(settles, (share) => 0.3 + 0.03 * (share - 0.4) ** 2)).verdict).toBe('neither')
    expect(learningVerdict(curve(settles, (share) => 0.001 + 0.003 * (share - 0.4) ** 2)).verdict).toBe('neither')
  })
  test('underfitting where both still fall at the end', () => {
    const found = learningVerdict(curve((share) => Math.exp(-share), (share) => 1.2 * Math.exp(-share)))
    expect(found.verdict).toBe('underfitting')
    // A thousand steps but the first twenty: a tenth is 98, of which 100 fall by 1 - exp(-0.1).
    expect(found.figures!.fall_per_tenth).toEqual({ from_step: 900, validation: expect.closeTo(1 - Math.exp(-0.098), 6), training: expect.closeTo(1 - Math.exp(-0.098), 6) })
  })
  test('also where all validations stand within the last tenth of the steps', () => {
    const late = curve(settles, settles).map(({ step, loss }) => ({ step, loss, ...(step > 940 && { validation_loss: settles(step / 1000) }) }))
    expect(learningVerdict(late).figures!.fall_per_tenth.from_step).toBe(960)
  })
  test('not underfitting where only one falls, or both slowly', () => {
    expect(learningVerdict(curve((share) => Math.exp(-share), settles)).verdict).toBe('neither')
    expect(learningVerdict(curve((share) => Math.exp(-0.4 * share), (share) => Math.exp(-0.4 * share))).verdict).toBe('neither')
    expect(learningVerdict(curve(settles, settles)).verdict).toBe('neither')
  })
  test('with the step at which it stopped early, and whose weights are kept; it is not underfitting then', () => {
    const stopped = (points: LossPoint[]) => [...points.slice(0, -1), { ...points.at(-1)!, kept_step: 400, stopped_early_at: 1000 }]
    const found = learningVerdict(stopped(curve(settles, (share) => 0.3 + (share - 0.4) ** 2)))
    expect(found).toMatchObject({ verdict: 'overfitting', sentence: expect.stringMatching(/more steps do not\. It stopped early at step 1000, and the weights of step 400 are kept$/), early_stopping: { kept_step: 400, stopped_at: 1000 } })
    expect(learningVerdict(stopped(curve((share) => Math.exp(-share), (share) => 1.2 * Math.exp(-share)))).verdict).toBe('neither')
    expect(learningVerdict([{ step: 1, loss: 3, kept_step: 1 }])).toMatchObject({ verdict: 'not told', sentence: expect.stringContaining('It took all of its steps, and the weights of step 1 are kept'), early_stopping: { kept_step: 1, stopped_at: null } })
    expect(learningVerdict(curve(settles, settles))).not.toHaveProperty('early_stopping')
  })
  test('nothing of two validations, of none, of no curve; the rule is told all the same', () => {
    const [first, second] = curve(settles, settles).filter((point) => point.validation_loss !== undefined)
    for (const points of [[], [{ step: 1, loss: 3 }], [...curve(settles, settles).map(({ step, loss }) => ({ step, loss })), first!, second!]]) {
      expect(learningVerdict(points)).toMatchObject({ verdict: 'not told', rule: expect.stringContaining('more than 5%') })
    }
  })
})

test('the phases before a training are not its own: their losses are of other rows', () => {
  const phases = [...curve(settles, () => 16), ...curve(settles, (share) => 0.3 + settles(share)).map((point) => ({ ...point, step: point.step + 1000 }))]
  expect(ownSteps(phases, 1000).map(({ step }) => step).slice(0, 2)).toEqual([1020, 1040])
  expect(learningVerdict(ownSteps(phases, 1000)).figures!.validation.at_step).toBe(2000)
  expect(ownSteps(phases, undefined)).toEqual(phases)
})
