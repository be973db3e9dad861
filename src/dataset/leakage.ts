import { z } from 'zod'
import { GateError } from '../errors.ts'
import { gramsOf } from './grams.ts'
import type { Hooks } from './hooks.ts'
import { similarPairs } from './similar.ts'
import { leakThreshold } from './split.ts'
import { fold } from './text.ts'

/** One example as the gate sees it; a bare string is its text alone. */
export interface LeakageItem {
  /** What is compared across splits: the family's fingerprint. */
  text: string
  /** What the model is asked, with context; with `completion`, checked for two answers. */
  question?: string
  completion?: string
  intent?: string
  /** The question with its copied values blanked. */
  wording?: string | undefined
}

const Example = z.object({ train: z.string(), held_out: z.string(), split: z.string(), similarity: z.number() })

export const LeakageReport = z.object({
  passed: z.boolean(),
  threshold: z.number(),
  /** Texts that stand in two splits, folded. */
  exact_duplicates: z.number(),
  /** Training rows with a held-out neighbour at or above the threshold, by held-out split. */
  near_duplicates: z.record(z.string(), z.number()),
  /** Questions with more than one answer, over all splits. */
  two_answers: z.number(),
  /** Intents that stand in two splits. */
  shared_intents: z.number(),
  /**
   * Held-out questions that a training question becomes when its copied values are exchanged, by held-out split: what a stream with
   * fresh values could repeat. Told, not forbidden: such a row measures copying more than understanding.
   */
  same_wording: z.record(z.string(), z.number()),
  /** Largest similarity of a training row and a held-out row among those at or above the threshold; 0 if none. */
  nearest: z.number(),
  compared: z.record(z.string(), z.number()),
  examples: z.object({ exact: z.array(z.string()), near: z.array(Example), two_answers: z.array(z.string()), intents: z.array(z.string()), same_wording: z.array(z.string()) }),
})
export type LeakageReport = z.infer<typeof LeakageReport>

const shown = 5

/**
 * The hard gate of evaluation, computed from the texts alone, whoever made the split.
 * `train` may be the stream that the trainer really sees (re-lexicalised), as strings; `heldOut` is test, golden, validation …
 */
export async function checkLeakage({ train, heldOut, threshold = leakThreshold }: { train: readonly (LeakageItem | string)[]; heldOut: Record<string, readonly (LeakageItem | string)[]>; threshold?: number }, hooks: Hooks = {}): Promise<LeakageReport> {
  const splits = Object.entries({ train, ...heldOut }).map(([name, items]) => ({ name, items: items.map((item) => (typeof item === 'string' ? { text: item } : item) as LeakageItem) }))
  const all = splits.flatMap(({ name, items }) => items.map((item) => ({ ...item, split: name, text: fold(item.text) })))
  const report: LeakageReport = {
    passed: false, threshold, exact_duplicates: 0, near_duplicates: {}, two_answers: 0, shared_intents: 0, same_wording: {}, nearest: 0,
    compared: Object.fromEntries(splits.map(({ name, items }) => [name, items.length])),
    examples: { exact: [], near: [], two_answers: [], intents: [], same_wording: [] },
  }

  report.exact_duplicates = inTwoSplits(all, (item) => item.text, report.examples.exact)
  report.shared_intents = inTwoSplits(all, (item) => item.intent, report.examples.intents)
  report.two_answers = twoAnswers(all, report.examples.two_answers)

  const trained = new Set(all.flatMap(({ split, wording }) => (split === 'train' && wording !== undefined ? [wording] : [])))
  for (const { name, items } of splits.slice(1)) {
    const same = items.filter(({ wording }) => wording !== undefined && trained.has(wording))
    report.same_wording[name] = same.length
    report.examples.same_wording.push(...same.slice(0, shown - report.examples.same_wording.length).map(({ text }) => text))
  }

  const grams = gramsOf(all.map(({ text }) => text))
  for (const { name } of splits.slice(1)) report.near_duplicates[name] = 0
  const heldOutRows = []
  for (let index = train.length; index < all.length; index++) heldOutRows.push(index)
  // Looked up among the fewer: the training stream may be large.
  const nearest = new Map<string, z.infer<typeof Example>>()
  await similarPairs({ grams, among: heldOutRows, of: Array.from(train, (_, index) => index), threshold, message: 'checking for leakage', onMatch(index, row, similarity) {
    const { split } = all[row]!
    const key = `${split} ${index}`
    if ((nearest.get(key)?.similarity ?? 0) < similarity) nearest.set(key, { train: all[index]!.text, held_out: all[row]!.text, split, similarity: Number(similarity.toFixed(3)) })
  } }, hooks)
  for (const { split, similarity } of nearest.values()) {
    report.near_duplicates[split]!++
    report.nearest = Math.max(report.nearest, similarity)
  }
  report.examples.near = [...nearest.values()].sort((a, b) => b.similarity - a.similarity || (a.train < b.train ? -1 : 1)).slice(0, shown)

  report.passed = report.exact_duplicates + report.two_answers + report.shared_intents + nearest.size === 0
  return report
}

/** @throws GateError with examples unless the report has passed */
export function assertNoLeakage(report: LeakageReport): void {
  if (report.passed) return
  const { examples } = report
  const near = Object.values(report.near_duplicates).reduce((sum, count) => sum + count, 0)
  const found = [
    report.exact_duplicates > 0 && `${report.exact_duplicates} texts in two splits (${quoted(examples.exact)})`,
    near > 0 && `${near} training rows with 5-gram Jaccard ≥ ${report.threshold} to a held-out row (${examples.near.slice(0, 2).map((pair) => `"${pair.train}" and ${pair.split} "${pair.held_out}": ${pair.similarity}`).join('; ')})`,
    report.two_answers > 0 && `${report.two_answers} questions with two answers (${quoted(examples.two_answers)})`,
    report.shared_intents > 0 && `${report.shared_intents} intents in two splits (${quoted(examples.intents)})`,
  ].filter((line) => line !== false)
  throw new GateError(`The splits leak: ${found.join('; ')}. A score on such a test set is worth nothing; remove these rows from training or split again with another seed.`)
}

const quoted = (texts: string[]) => texts.slice(0, 2).map((text) => JSON.stringify(text)).join(', ')

function inTwoSplits<T extends { split: string }>(items: readonly T[], keyOf: (item: T) => string | undefined, examples: string[]): number {
  const splitOf = new Map<string, string>()
  const doubled = new Set<string>()
  for (const item of items) {
    const key = keyOf(item)
    if (key === undefined) continue
    const known = splitOf.get(key)
    if (known === undefined) splitOf.set(key, item.split)
    else if (known !== item.split && !doubled.has(key)) {
      doubled.add(key)
      if (examples.length < shown) examples.push(key)
    }
  }
  return doubled.size
}

/** Questions are compared exactly: case may be what makes two answers right. */
function twoAnswers(items: readonly LeakageItem[], examples: string[]): number {
  const answerOf = new Map<string, string>()
  const doubled = new Set<string>()
  for (const { question, completion } of items) {
    if (question === undefined || completion === undefined) continue
    const known = answerOf.get(question)
    if (known === undefined) answerOf.set(question, completion)
    else if (known !== completion && !doubled.has(question)) {
      doubled.add(question)
      if (examples.length < shown) examples.push(question)
    }
  }
  return doubled.size
}
