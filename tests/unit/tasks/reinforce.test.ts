import { describe, expect, test } from 'vitest'
import type { Brief, Outcome } from '../../../src/tasks/family.ts'
import { families } from '../../../src/tasks/index.ts'
import { moreLike, needOf, type ShortOutcome, wantedBy, withGates } from '../../../src/tasks/more-like.ts'
import { schema as emails } from './analysis/fixtures.ts'
import { starweave } from './assistant/fixtures.ts'
import { small } from './cli/fixtures.ts'
import { row, step, tamarind, workflow } from './workflow/fixtures.ts'

const counted = (briefs: readonly Brief[], ...keys: string[]) => {
  const counts: Record<string, number> = {}
  for (const { slice } of briefs) {
    const name = keys.map((key) => slice[key]).join(' ')
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

describe('for kinds of task without a word of their own', () => {
  const briefs = families.cli!.plan(small, { count: 600, seed: 1 })
  const like = (command: string, more: Partial<Outcome> = {}): Outcome => ({ row: { instruction: 'x', context: null, output: '{}', slice: { command, case: 'positive' } }, confidence: 0.9, ...more })
  const [first, second, third] = [...new Set(briefs.filter(({ slice }) => slice.case === 'positive').map(({ slice }) => slice.command!))] as [string, string, string]
  const more = (outcomes: Outcome[], round = 1) => moreLike(wantedBy(['command', 'case'], outcomes), { briefs, count: 60, seed: 1, round })

  test('there is more of the slices that failed, half as much of what was right and not sure, nothing of what was right', () => {
    const found = counted(more([like(first, { error: 'wrong command' }), like(second, { confidence: 0.69 }), like(third, { confidence: 0.7 })]), 'command', 'case')
    expect(found).toEqual({ [`${first} positive`]: 40, [`${second} positive`]: 20 })
  })

  test('its examples are others than those of the plan and of other rounds, and right ones', () => {
    const [one, two] = [1, 2].map((round) => more([like(first, { error: 'wrong command' })], round))
    expect(new Set([...briefs, ...one!, ...two!].map(({ key }) => key)).size).toBe(briefs.length + one!.length + two!.length)
    const family = families.cli!
    const text = (brief: Brief) => family.writeOffline(small, brief, 1)
    expect(family.validate(small, text(one![0]!))).toEqual([])
    expect(one!.filter((brief, i) => text(brief).instruction !== text(two![i]!).instruction).length).toBeGreaterThan(one!.length / 2)
  })

  test('nothing more than doubles in a round, and rows that no brief was for teach nothing', () => {
    const rare = moreLike(wantedBy(['case'], [{ row: { ...like('').row, slice: { case: 'unclear' } }, error: 'wrong', confidence: 1 }]), { briefs, count: 5_000, seed: 1, round: 1 })
    expect(rare).toHaveLength(briefs.filter(({ slice }) => slice.case === 'unclear').length)
    expect(more([{ ...like(first), row: { instruction: 'x', context: null, output: '{}' }, error: 'wrong' }])).toEqual([])
  })
})

describe('workflows', () => {
  const family = families.workflow!
  const briefs = family.plan(tamarind, { count: 2_000, seed: 1 })
  const more = (...outcomes: Outcome[]) => family.reinforce!(tamarind, outcomes, { briefs, count: 40, seed: 1, round: 1 })
  const rule = tamarind.rules.find(({ questions }) => questions.length > 0)!
  const request = { ...row('sort and send it', workflow(step('sort', { by: 'price' }), step('notify', { channel: 'ops' }))), slice: { kind: 'multi', action: 'notify' } }

  test('a broken rule is asked about, alone and with answers to choose from', () => {
    const found = counted(more({ row: request, error: `breaks rule ${rule.number}`, confidence: 0.9 }), 'kind', 'action')
    expect(Object.keys(found).sort()).toEqual([`choice rule ${rule.number}`, `question rule ${rule.number}`])
  })

  test('so is one whose question got other words', () => {
    const asked = { ...row('what?', { response: rule.text }), slice: { kind: 'question', action: `rule ${rule.number}` } }
    expect(Object.keys(counted(more({ row: asked, error: 'wrong words', confidence: 0.9 }), 'action'))).toEqual([`rule ${rule.number}`])
  })

  test('what cannot be read adds requests for its action, what does something else for the action that went wrong', () => {
    expect(Object.keys(counted(more({ row: request, error: 'not JSON', confidence: 0.9 }), 'kind', 'action'))).toEqual(['multi notify'])
    expect(Object.keys(counted(more({ row: request, error: 'wrong parameter: sort by', confidence: 0.9 }), 'kind', 'action'))).toEqual(['multi sort'])
    const imported = { ...request, slice: undefined }
    expect(Object.keys(counted(more({ row: imported, error: 'did not end', confidence: 0.9 }), 'action')).sort()).toEqual(['notify', 'sort'])
  })

  test('a reply that was not given adds such requests', () => {
    const [kind, reply] = Object.entries(tamarind.replies)[0]!
    expect(Object.keys(counted(more({ row: row('hm', { response: reply.text }), error: 'should have answered in words', confidence: 0.9 }), 'kind'))).toEqual([kind])
  })
})

test('batches of e-mails: the events that failed come most, and none is left out', () => {
  const family = families.analysis!
  const failed: Outcome = { row: { instruction: 'x', context: null, output: '{}', slice: { event: 'quote_declined' } }, error: 'wrong state', confidence: 0.9 }
  const found = counted(family.reinforce!(emails, Array(9).fill(failed), { briefs: [], count: 600, seed: 1, round: 1 }), 'event')
  expect(Object.entries(found).sort((a, b) => b[1] - a[1])[0]![0]).toBe('quote_declined')
  expect(Object.keys(found).length).toBeGreaterThan(10)
})

describe('gates that the validation rows miss', () => {
  const outcome = (more: Partial<ShortOutcome>): ShortOutcome => ({ row: { instruction: 'x', context: null, output: '{}' }, confidence: 0.9, ...more })

  test('want as much as all errors together, each gate the same, of the rows that fall short of it', () => {
    const outcomes = withGates([outcome({ error: 'wrong', short: { refused: 1 } }), outcome({ error: 'wrong' }), outcome({ short: { refused: 0.5, robustness: 0.2 } }), outcome({ short: { robustness: 0.2 } }), outcome({})])
    expect(outcomes.map((each) => needOf(each))).toEqual([expect.closeTo(1 + 2 / 3), 1, expect.closeTo(1 / 3 + 0.5), 0.5, 0])
    expect(withGates([outcome({ error: 'wrong' }), outcome({})]).map((each) => needOf(each))).toEqual([1, 0])
  })

  test('ask for rows although no answer is wrong', () => {
    expect(withGates([outcome({ short: { intent_classification: 1 } }), outcome({})]).map((each) => needOf(each))).toEqual([1, 0])
  })

  test('of an assistant that answers what it should refuse: half of what is written are questions to refuse', () => {
    const family = families.assistant!
    const briefs = family.plan(starweave, { count: 3_000, seed: 1 })
    const topics = [...new Set(briefs.filter(({ slice }) => slice.case === 'positive').map(({ slice }) => slice.topic!))]
    const failed = (slice: Record<string, string>, short?: Record<string, number>) => outcome({ row: { instruction: 'x', context: null, output: '{}', slice }, error: 'wrong', short })
    const wrong = [...topics.slice(0, 38).map((topic) => failed({ topic, case: 'positive' })), failed({ topic: '-', case: 'off_topic' }, { refused: 1 }), failed({ topic: '-', case: 'not_in_sources' }, { refused: 1 })]
    const byCase = (outcomes: ShortOutcome[]) => counted(family.reinforce!(starweave, withGates(outcomes), { briefs, count: 200, seed: 1, round: 1 }), 'case')
    const without = byCase(wrong.map(({ short: _, ...each }) => each))
    expect(without.off_topic! + without.not_in_sources!).toBeLessThan(15)
    const { off_topic = 0, not_in_sources = 0, positive = 0 } = byCase(wrong)
    expect(off_topic + not_in_sources).toBeGreaterThan(95)
    expect(positive).toBeGreaterThan(70)
  })

  test('of e-mails want the events whose answers fall short', () => {
    const failed = (event: string, short?: Record<string, number>) => outcome({ row: { instruction: 'x', context: null, output: '{}', slice: { event } }, error: 'wrong entities', short })
    const outcomes = [...Array<ShortOutcome>(8).fill(failed('quote_declined')), failed('order_placed', { completeness: 1 })]
    const more = (of: ShortOutcome[]) => counted(families.analysis!.reinforce!(emails, withGates(of), { briefs: [], count: 600, seed: 1, round: 1 }), 'event').order_placed!
    expect(more(outcomes)).toBeGreaterThan(2 * more(outcomes.map(({ short: _, ...each }) => each)))
  })
})
