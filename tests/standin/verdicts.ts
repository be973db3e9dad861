import { type Criterion, criterionNames } from '../../src/evaluation/rubric.ts'
import type { Fault } from './faults.ts'

/** An answer as a judge is shown it. */
export interface ShownItem {
  item: number
  question: string
  context?: unknown
  sources?: { id: string; text: string }[]
  reference: unknown
  also_right?: unknown[]
  answer: unknown
}

/** Which criteria an answer passes. */
export type JudgeAs = (item: ShownItem) => Record<Criterion, boolean>

/** What a request asks to be judged; undefined for one that asks for something else. */
export function itemsOf(user: string): ShownItem[] | undefined {
  const lines = /^<items>\n([^]*)\n<\/items>/m.exec(user)?.[1]
  return lines?.split('\n').map((line) => JSON.parse(line) as ShownItem)
}

const likeTheReference: JudgeAs = ({ reference, also_right = [], answer }) => {
  const same = [reference, ...also_right].some((right) => JSON.stringify(right) === JSON.stringify(answer))
  return { correct: same, complete: same, grounded: true }
}

const opinions = (of: (name: Criterion) => { reason: string; verdict: string }) => Object.fromEntries(criterionNames.map((name) => [name, of(name)]))

/** A verdict on each item, in an order of its own; and what a fault makes of them. */
export function verdicts(items: readonly ShownItem[], fault: Fault | undefined, judge: JudgeAs = likeTheReference): Record<string, unknown>[] {
  const all = items.map((item): Record<string, unknown> => {
    const passes = judge(item)
    if (fault?.kind === 'says') return { item: item.item, ...opinions(() => ({ reason: fault.reason, verdict: Object.values(passes).every(Boolean) ? 'fail' : 'pass' })) }
    return { item: item.item, ...opinions((name) => ({ reason: `As to what is ${name}, the answer ${passes[name] ? 'says the same as the reference does, in words that the sources have' : 'says something else than the reference and the sources do'}.`, verdict: passes[name] ? 'pass' : 'fail' })) }
  })
  if (fault?.kind === 'empty') all.length = 0
  if (fault?.kind === 'twice') all.push(...all.slice())
  if (fault?.kind === 'strange') {
    if (all[0]) all[0].item = '1'
    if (all[1]) all[1].correct = { reason: 'so it seems', verdict: 'perhaps' }
    if (all[2]) all[2].item = 99
  }
  return all.reverse()
}
