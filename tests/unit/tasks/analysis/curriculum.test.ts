import { describe, expect, test } from 'vitest'
import { difficulty, planCurriculum, type Learned } from '../../../../src/tasks/analysis/curriculum.ts'
import { featuresOf, rankFeatures } from '../../../../src/tasks/analysis/features.ts'
import { schema } from './fixtures.ts'

describe('features', () => {
  test('name indicators, entities and what stands together, urgency and the process', () => {
    expect(featuresOf(schema, 'Dana | PO-4471 | Where is it?\nTom | PO-4471 was delayed, urgent. Pay $1,200.00 by Friday.')).toMatchObject({
      mails: 2, 'second writer': 1, question: 0, deadline: 1, 'indicator shipments/delayed': 1, 'entities order': 1, 'entities amount': 1, 'entities amount + order': 1, 'urgency urgent': 1,
    })
  })

  test('are ranked by what they tell', () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ label: i % 2 ? 'a' : 'b', features: { tells: i % 2, hints: i % 4 === 1 ? 1 : 0, noise: i % 3 === 0 ? 1 : 0, always: 1 } }))
    const ranked = rankFeatures(rows)
    expect(ranked.map(({ feature }) => feature).slice(0, 2)).toEqual(['tells', 'hints'])
    expect(ranked[0]!.bits).toBe(1)
    expect(ranked.find(({ feature }) => feature === 'always')!.bits).toBe(0)
  })
})

const learned = (id: number, more: Partial<Learned> = {}): Learned => ({ id: `b${id}`, features: { mails: 1, words: 10, 'indicator orders/start': 1, 'entities order': 1 }, state: 'orders/start', values: 2, actions: 1, gaps: 0, ...more })

describe('difficulty', () => {
  test.each([
    ['a further mail', { features: { mails: 2, words: 10, 'indicator orders/start': 1 } }],
    ['more words', { features: { mails: 1, words: 40, 'indicator orders/start': 1 } }],
    ['more values', { values: 5 }],
    ['more actions', { actions: 2 }],
    ['what cannot be read', { gaps: 1 }],
    ['no word for its state', { features: { mails: 1, words: 10 } }],
    ['as many words for another state', { features: { mails: 1, words: 10, 'indicator orders/start': 1, 'indicator quotes/start': 1 } }],
  ])('grows with %s', (_what, more) => expect(difficulty(learned(1, more))).toBeGreaterThan(difficulty(learned(1))))
})

describe('the curriculum', () => {
  const batches = Array.from({ length: 60 }, (_, i) => learned(i, { values: i % 20, state: i % 2 ? 'orders/start' : 'quotes/start', features: { mails: 1, words: 10, [`indicator ${i % 2 ? 'orders' : 'quotes'}/start`]: 1, 'entities order': 1 } }))
  const { levels, of } = planCurriculum(batches)

  test('goes from simple to hard, nothing twice, nothing left out', () => {
    expect(levels.map(({ name }) => name)).toEqual(['simple', 'moderate', 'hard'])
    expect(levels.reduce((sum, level) => sum + level.batches, 0)).toBe(60)
    expect(Object.keys(of)).toHaveLength(60)
    for (const [i, level] of levels.entries()) if (i > 0) expect(level.from).toBeGreaterThan(levels[i - 1]!.to)
    expect(levels.map(({ joins }) => joins)).toEqual([0, 0.2, 0.45])
  })

  test('has similar patterns together', () => {
    expect(levels[0]!.groups.map(({ pattern }) => pattern).sort()).toEqual(['orders, one mail, order', 'quotes, one mail, order'])
    expect(levels[0]!.groups.reduce((sum, group) => sum + group.batches, 0)).toBe(levels[0]!.batches)
  })

  test.each([[[]], [batches.slice(0, 1)], [Array.from({ length: 9 }, (_, i) => learned(i))]])('with an empty level is an error that says which', (given) => {
    expect(() => planCurriculum(given)).toThrow(/found none for .*(hard|moderate)/)
  })
})
