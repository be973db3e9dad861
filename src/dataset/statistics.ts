import { z } from 'zod'
import type { TaskFamily } from '../tasks/family.ts'
import { jaccard } from './grams.ts'
import { LeakageReport } from './leakage.ts'
import type { Row } from './row.ts'
import { fold, hash53 } from './text.ts'

const Counts = z.record(z.string(), z.number())
const Share = z.object({ rows: z.number(), share: z.number(), target: z.number(), deviation: z.number() })

/** The content of dataset.json. Shares are 0 … 1. */
export const DatasetReport = z.object({
  name: z.string(),
  kind: z.string(),
  seed: z.number(),
  rows: z.number(),
  splits: z.object({ train: z.number(), validation: z.number(), calibration: z.number(), test: z.number() }),
  split_ratios: Counts,
  split_groups: z.number(),
  intents: z.number(),
  sources: Counts,
  /** Rows by slice key and value, and the same by split. */
  slices: z.record(z.string(), Counts),
  slices_by_split: z.record(z.string(), z.record(z.string(), Counts)),
  /** The specification's 60/20/20, for families with slices `case` and `context`. */
  distribution: z.object({ positive_with_context: Share, positive_without_context: Share, negative: Share }).optional(),
  /** Rows that exercise a part of the schema; parts that none does are 0 and listed. */
  coverage: z.object({ counts: Counts, uncovered: z.array(z.string()) }),
  diversity: z.object({
    /** Different folded instructions ÷ instructions, before duplicates were removed. */
    unique_before: z.number(),
    unique: z.number(),
    distinct_1: z.number(),
    distinct_2: z.number(),
    /** Mean 5-gram Jaccard of random pairs. */
    mean_similarity: z.number(),
    /** Words an instruction, mean. */
    words: z.number(),
  }),
  read: z.number(),
  rejected: z.object({ rows: z.number(), rate: z.number(), by_rule: Counts, examples: z.record(z.string(), z.string()) }),
  removed: z.object({ exact_duplicates: z.number(), near_duplicates: z.number(), contradictions: z.number(), near_golden: z.number(), near_held_out: z.number() }),
  /** Rows that further rounds of the training wrote, and how many of them joined the training split; absent without rounds. */
  added: z.object({ read: z.number(), rows: z.number() }).optional(),
  /** Variants of imported training rows, all of them in the training split; absent where the schema asks for none. */
  augmented: z.object({
    /** Of each origin, at most. */
    variants: z.number(),
    ways: z.array(z.string()),
    /** Imported rows of the training split. */
    origins: z.number(),
    rows: z.number(),
    by_augmentation: Counts,
    /** Variants that were made and not taken, by the reason. */
    rejected: z.object({ rows: z.number(), by_reason: Counts }),
  }).optional(),
  /** The family's own quality checks, where it has any. */
  quality: z.array(z.object({ name: z.string(), method: z.string(), value: z.number(), least: z.number() })).optional(),
  /** Training rows dropped for standing near a held-out one ÷ training rows; above 0.15 the held-out groups were chosen apart. */
  drop_rate: z.number(),
  held_out_chosen_apart: z.boolean(),
  leakage: LeakageReport,
  hashes: z.record(z.string(), z.string()),
  warnings: z.array(z.string()),
})
export type DatasetReport = z.infer<typeof DatasetReport>

/** Sorted by key, so that equal data gives equal bytes. */
const sorted = (counts: Map<string, number>): Record<string, number> => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))

export function countBy<T>(items: Iterable<T>, keyOf: (item: T) => string | undefined): Record<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) {
    const key = keyOf(item)
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return sorted(counts)
}

/** The slice that says how a row was varied: variants of imported rows have it in every kind of task. */
export const variedBy = 'augmentation'

export const sliceCounts = (family: TaskFamily, rows: readonly Pick<Row, 'slice'>[]): Record<string, Record<string, number>> =>
  Object.fromEntries([...new Set([...family.slices, variedBy])].map((key) => [key, countBy(rows, (row) => row.slice?.[key])]).filter(([, counts]) => Object.keys(counts!).length > 0))

/** Is anything known? What a row was planned with is not what a teacher wrote. */
const holds = (context: unknown): boolean => (typeof context === 'object' ? context !== null && Object.values(context).some(holds) : context !== undefined)

export function distributionOf(rows: readonly Row[]): DatasetReport['distribution'] {
  const cased = rows.filter((row) => row.slice?.case !== undefined)
  if (cased.length === 0) return undefined
  const positive = cased.filter((row) => row.slice!.case === 'positive')
  const withContext = positive.filter((row) => holds(row.context)).length
  const share = (count: number, target: number) => ({ rows: count, share: round(count / cased.length), target, deviation: round(count / cased.length - target) })
  return {
    positive_with_context: share(withContext, 0.6),
    positive_without_context: share(positive.length - withContext, 0.2),
    negative: share(cased.length - positive.length, 0.2),
  }
}

export function coverageOf(family: TaskFamily, schema: unknown, rows: readonly Row[]): DatasetReport['coverage'] {
  const counts = new Map<string, number>((family.coverable?.(schema) ?? []).map((label) => [label, 0]))
  for (const row of rows) for (const label of new Set(family.coverage?.(schema, row))) counts.set(label, (counts.get(label) ?? 0) + 1)
  const byLabel = sorted(counts)
  return { counts: byLabel, uncovered: Object.keys(byLabel).filter((label) => byLabel[label] === 0) }
}

const sampledPairs = 2000

/** distinct-n is different n-grams of words ÷ all of them (Li et al., NAACL 2016). */
export function diversityOf(instructions: readonly string[], uniqueBefore: number, seed: number): DatasetReport['diversity'] {
  const folded = instructions.map(fold)
  const grams = [new Set<string>(), new Set<string>()]
  const totals = [0, 0]
  for (const text of folded) {
    const words = text.split(' ')
    for (let at = 0; at < words.length; at++) {
      grams[0]!.add(words[at]!)
      totals[0]!++
      if (at === 0) continue
      grams[1]!.add(`${words[at - 1]} ${words[at]}`)
      totals[1]!++
    }
  }
  let similarity = 0
  let pairs = 0
  for (let draw = 0; draw < sampledPairs && folded.length > 1; draw++) {
    const a = hash53(`a${draw}`, seed) % folded.length
    const b = hash53(`b${draw}`, seed) % folded.length
    if (a === b) continue
    similarity += jaccard(folded[a]!, folded[b]!)
    pairs++
  }
  return {
    unique_before: round(uniqueBefore),
    unique: round(new Set(folded).size / Math.max(1, folded.length)),
    distinct_1: round(grams[0]!.size / Math.max(1, totals[0]!)),
    distinct_2: round(grams[1]!.size / Math.max(1, totals[1]!)),
    mean_similarity: round(similarity / Math.max(1, pairs)),
    words: round(totals[0]! / Math.max(1, folded.length)),
  }
}

export const round = (value: number) => Math.round(value * 1e4) / 1e4
