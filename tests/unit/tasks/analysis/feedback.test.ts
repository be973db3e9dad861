import { expect, test } from 'vitest'
import { planFromFeedback, weaknesses, type Outcome } from '../../../../src/tasks/analysis/feedback.ts'
import { analysis as family } from '../../../../src/tasks/analysis/index.ts'
import { schema } from './fixtures.ts'

const of = (event: string, count: number, more: Partial<Outcome>): Outcome[] => Array.from({ length: count }, () => ({ event, right: true, confidence: 0.95, ...more }))
const outcomes = [...of('order_placed', 20, {}), ...of('quote_declined', 20, { right: false }), ...of('return_asked', 20, { confidence: 0.6 }), ...of('order_closed', 20, { confidence: 0.7 })]

test('what fails is needed most, then what is uncertain; what goes well least', () => {
  const found = weaknesses(schema, outcomes)
  const need = (event: string) => found.find((each) => each.event === event)!.need
  expect(found[0]).toMatchObject({ event: 'quote_declined', seen: 20, wrong: 20 })
  expect(need('return_asked')).toBeGreaterThan(need('order_placed'))
  expect(need('order_closed')).toBe(need('order_placed'))
  expect(need('shipment_sent')).toBe(0.5)
})

test('the next round has more of it, forgets nothing, and repeats no example', () => {
  const briefs = planFromFeedback(schema, outcomes, { count: 600, seed: 1, round: 1 })
  const count = (event: string) => briefs.filter(({ slice }) => slice.event === event).length
  expect(briefs).toHaveLength(600)
  expect(count('quote_declined')).toBeGreaterThan(10 * count('order_placed'))
  expect(count('order_placed')).toBeGreaterThan(0)
  const known = new Set([...family.plan(schema, { count: 2_000, seed: 1 }), ...planFromFeedback(schema, outcomes, { count: 600, seed: 1, round: 2 })].map(({ key }) => key))
  expect(briefs.filter(({ key }) => known.has(key))).toEqual([])
  expect(family.validate(schema, family.writeOffline(schema, briefs[0]!, 1))).toEqual([])
})
