import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadCompanion, opinionFrom, type LoadedCompanion, type Opinion } from '../../../src/inference/companion.ts'
import { loadPredictor, type Predictor } from '../../../src/inference/predictor.ts'
import { weighing } from '../../../src/inference/predictors.ts'
import { labelText } from '../../../src/tasks/companion.ts'
import { countsForConfidence } from '../../../src/tasks/doubt-weight.ts'
import type { Companion, TaskFamily } from '../../../src/tasks/family.ts'
import { randomModel, scratchTemplate as template } from './random-model.ts'

const sizes: Companion = { name: 'size', title: 'Sizes', labels: ['small', 'large'], labelOf: (output) => (output === '{"n":7}' ? 'small' : output === '{"n":44}' ? 'large' : null), systemText: '', phases: [] }
const pieces = sizes.labels.map((label) => labelText(sizes, label))

test('what it takes a text for speaks against answers of other labels, by as many nats as these are less likely, and of others not at all', () => {
  const opinion = opinionFrom(sizes, new Map([['small', Math.log(0.6)], ['large', Math.log(0.15)]]))
  expect(opinion).toMatchObject({ label: 'small', probability: expect.closeTo(0.8) })
  expect(opinion.against('{"n":7}')).toBe(0)
  expect(opinion.against('{"n":44}')).toBeCloseTo(Math.log(4))
  expect(opinion.against('{"n":5}')).toBe(0)
})

test.each([['of one token each', pieces], ['of several tokens', []]])('all answers, %s, are weighed', async (_, own) => {
  const loaded = await loadCompanion(sizes, { gguf: randomModel({ pieces: own }), template })
  try {
    const opinion = await loaded.opinion('show 44')
    expect(sizes.labels).toContain(opinion.label)
    expect(opinion.probability).toBeGreaterThanOrEqual(0.5)
    expect(opinion.probability).toBeLessThan(1)
    expect(await loaded.opinion('show 44')).toMatchObject({ label: opinion.label, probability: expect.closeTo(opinion.probability, 3) })
  } finally {
    await loaded.close()
  }
})

describe('a predictor beside it', () => {
  const gguf = randomModel({ pieces: ['{"n":'] })
  const file = { gguf: randomModel({ pieces, seed: 3 }), template }
  let opinion: Opinion
  let loaded: LoadedCompanion
  beforeAll(async () => {
    loaded = await loadCompanion(sizes, file)
    opinion = await loaded.opinion('7')
  }, 60_000)
  afterAll(() => loaded?.close())

  /** The first look answers 7, the second one 44: the companion likes the one or the other. */
  const family = (liked: 'first' | 'second') => ({
    userText: (_schema: unknown, instruction: string) => instruction, grammar: () => 'root ::= "{\\"n\\":7}"', copyingGrammar: () => 'root ::= "{\\"n\\":44}"',
    companion: () => ({ ...sizes, labelOf: (output: string) => ((output === '{"n":7}') === (liked === 'first') ? opinion.label : sizes.labels.find((label) => label !== opinion.label)) }),
  }) as unknown as TaskFamily
  const asking = async <T>(liked: 'first' | 'second', weight: number, use: (predictor: Predictor) => Promise<T>): Promise<T> => {
    const predictor = await loadPredictor({ gguf, template, family: family(liked), schema: null, companion: { ...file, weight } })
    try {
      return await use(predictor)
    } finally {
      await predictor.close()
    }
  }

  test('gives the answer that it speaks for, and says what it takes the question for', async () => {
    const answer = await asking('second', 1_000, (predictor) => predictor.predict('7', null))
    expect(answer).toMatchObject({ completion: '{"n":44}', opinion: { label: opinion.label, probability: expect.closeTo(opinion.probability, 3) } })
    expect((await asking('first', 1_000, (predictor) => predictor.predict('7', null))).completion).toBe('{"n":7}')
  })

  test('is less sure of an answer that it speaks against, and as sure of another one as by itself', async () => {
    for (const [liked, against] of [['first', 0], ['second', Math.log(opinion.probability / (1 - opinion.probability))]] as const) {
      const predictor = await loadPredictor({ gguf, template, family: { ...family(liked), copyingGrammar: undefined }, schema: null, companion: { ...file, weight: 0.5 } })
      const [both, single] = [await predictor.predict('7', null), await predictor.predict('7', null, { weight: 0 })]
      await predictor.close()
      expect(both.completion).toBe(single.completion)
      expect(Math.log(both.probability / single.probability)).toBeCloseTo(-countsForConfidence * 0.5 * against, 2)
    }
  })

  test('does not ask it with weight 0 and without the grammar, and a weight may be given for some questions alone', async () => {
    await asking('second', 0, async (predictor) => {
      expect(await predictor.predict('7', null)).not.toHaveProperty('opinion')
      const heavy = weighing(predictor, 1_000)
      expect((await heavy.predict('7', null)).completion).toBe('{"n":44}')
      expect(await heavy.predict('7', null, { grammar: false })).not.toHaveProperty('opinion')
      expect((await weighing(heavy, 1_000).predict('7', null, { weight: 0 }))).not.toHaveProperty('opinion')
    })
  })
})
