import { describe, expect, test } from 'vitest'
import { difficulty, phasesOf, planCurriculum, type Learned } from '../../../../src/tasks/analysis/curriculum.ts'
import { featuresOf, rankFeatures } from '../../../../src/tasks/analysis/features.ts'
import { parse } from '../../../../src/tasks/analysis/parse.ts'
import { plannedPhases } from '../../../../src/setup/phases.ts'
import { analysis } from '../../../../src/tasks/analysis/index.ts'
import { schema, text } from './fixtures.ts'

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

describe('a training with a curriculum', () => {
  const levels = 'curriculum:\n  - { name: simple, to: 8, joins: 0 }\n  - { name: moderate, to: 14, joins: 0.2 }\n  - { name: hard, joins: 0.45 }'
  const leveled = parse({ name: 'x', file: 'x.yaml', text: `${text}\n${levels}` })
  const rows = analysis.plan(leveled, { count: 300, seed: 3 }).map((brief) => analysis.writeOffline(leveled, brief, 3))

  test('begins with the simple batches, and ends with all of them', () => {
    const taken = phasesOf(leveled).map(({ takes }) => rows.filter(takes))
    expect(taken[2]).toHaveLength(300)
    expect(taken[0]!.length).toBeGreaterThan(30)
    expect(taken[1]!.length).toBeGreaterThan(taken[0]!.length)
    expect(taken[1]!.length).toBeLessThan(300)
    expect(taken[1]).toEqual(expect.arrayContaining(taken[0]!))
    const length = (list: typeof rows) => list.reduce((sum, { instruction }) => sum + instruction.length, 0) / list.length
    expect(length(taken[0]!)).toBeLessThan(length(rows))
  })

  test('takes as many steps as without, each level as long as until the next joins', () => {
    const phases = plannedPhases(analysis, leveled, 'scratch', { training: { steps: 1000, decay: 0.5 } })
    expect(phases.map(({ name, config }) => [name, config.training])).toEqual([['simple', { steps: 200, decay: 0 }], ['moderate', { steps: 250, decay: 0 }], ['hard', { steps: 550, decay: 0.5 }]])
  })

  test('has one lesson where the schema names no levels', () => expect(phasesOf(schema)).toEqual([]))

  test.each([
    ['later than the beginning', '- { name: simple, to: 8, joins: 0.1 }\n- { name: hard, joins: 0.5 }', 'expected the first level to join at 0, found 0.1'],
    ['in another order', '- { name: simple, to: 8, joins: 0 }\n- { name: hard, joins: 0 }', 'expected the levels in the order in which they join, found 0 after 0'],
    ['without a bound', '- { name: simple, joins: 0 }\n- { name: hard, joins: 0.5 }', 'expected "to", the points of the hardest batch'],
    ['with a bound at the end', '- { name: simple, to: 8, joins: 0 }\n- { name: hard, to: 9, joins: 0.5 }', 'expected the last level without "to"'],
    ['that are not harder', '- { name: a, to: 8, joins: 0 }\n- { name: b, to: 7, joins: 0.3 }\n- { name: c, joins: 0.5 }', 'found 7 after 8'],
    ['twice', '- { name: a, to: 8, joins: 0 }\n- { name: a, joins: 0.5 }', 'found a second "a"'],
  ])('levels that begin or go on %s are an error', (_what, list, message) => {
    const indented = list.split('\n').map((line) => `  ${line}`).join('\n')
    expect(() => parse({ name: 'x', file: 'x.yaml', text: `${text}\ncurriculum:\n${indented}` })).toThrow(message)
  })
})
