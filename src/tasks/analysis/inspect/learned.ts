import type { Learned } from '../curriculum.ts'
import { columnsOf, featuresOf, rankColumns, type Columns, type Importance } from '../features.ts'
import type { AnalysisSchema } from '../schema.ts'
import type { FoundAnalysis } from './analyses.ts'
import { Counter, round } from './counting.ts'
import type { BatchRecord } from './records.ts'

/** An analysis as far as it is kept, and the batch that it is about. Nothing of it is personal. */
export interface Analysed extends Pick<FoundAnalysis, 'state' | 'priority' | 'fields' | 'parts' | 'actions' | 'length'> {
  batch: BatchRecord | undefined
  /** Types of entities, and how many values there are of all. */
  types: string[]
  values: number
  summaryWords: number | undefined
}

export function analysed(batch: BatchRecord | undefined, { names: _, line: __, written, entities, summary, hasDeadline: ___, ...kept }: FoundAnalysis): Analysed {
  return { ...kept, batch, types: Object.keys(entities), values: written.length, summaryWords: summary?.split(/\s+/).length }
}

/** What an analysed batch teaches: its features, and the labels of each task as far as the analysis has them. */
export interface LearnedBatch extends Omit<Learned, 'state' | 'actions'> {
  state: string | undefined
  actions: number
  priority: string | undefined
  types: ReadonlySet<string> | undefined
  kinds: ReadonlySet<string> | undefined
  summaryWords: number | undefined
}

/** One for each analysed batch, by its last analysis. */
export function learnedOf(schema: AnalysisSchema, analyses: readonly Analysed[]): LearnedBatch[] {
  const once = new Map(analyses.flatMap((each) => (each.batch ? [[each.batch.file, { ...each, batch: each.batch }] as const] : [])))
  return [...once].map(([file, { batch, state, priority, parts, types, values, actions, summaryWords }]) => ({
    id: file, features: featuresOf(schema, batch.text), state, priority, values, actions: actions.length, gaps: batch.gaps.length, summaryWords,
    types: parts.has('entities') ? new Set(types) : undefined,
    kinds: parts.has('actions') ? new Set(actions) : undefined,
  }))
}

/** Features by how much they tell of one label. */
interface Ranking {
  /** Those that have the label, and how many different ones there are. */
  batches: number
  labels: number
  /** What a feature that tells nothing has on average, by chance: (labels − 1) / (2 batches ln 2), Miller 1955. */
  chance_bits: number
  features: Importance[]
}

const shownFeatures = 40
/** Of each type and kind so many features, of so many of the commonest, each in so many batches. */
const shownOfEach = 10
const mostLabels = 20
const fewest = 3

function ranking(columns: Columns, labels: readonly (string | undefined)[], shown = shownFeatures): Ranking {
  const there = labels.filter((label) => label !== undefined)
  const count = new Set(there).size
  return { batches: there.length, labels: count, chance_bits: count > 1 ? round((count - 1) / (2 * there.length * Math.LN2)) : 0, features: count > 1 ? rankColumns(columns, labels).slice(0, shown) : [] }
}

/** One ranking for each of the commonest names: does a batch have it? Names that all have, or none, have nothing to tell. */
function byName(columns: Columns, sets: readonly (ReadonlySet<string> | undefined)[]): Record<string, Ranking> {
  const counts = new Counter()
  for (const set of sets) for (const name of set ?? []) counts.add(name)
  const common = counts.entries().filter(([, count]) => count >= fewest).slice(0, mostLabels)
  const rankings = common.map(([name]): [string, Ranking] => [name, ranking(columns, sets.map((set) => set && String(set.has(name))), shownOfEach)])
  return Object.fromEntries(rankings.filter(([, { labels }]) => labels > 1))
}

/** Short, medium and long by the thirds of these summaries; equal lengths are in one class. */
function summaryClasses(lengths: readonly (number | undefined)[]): { labels: (string | undefined)[]; classes: { name: string; to_words: number | null }[] } {
  const sorted = lengths.filter((length) => length !== undefined).sort((a, b) => a - b)
  const [short, medium] = [1, 2].map((third) => sorted[Math.ceil((sorted.length * third) / 3) - 1] ?? 0) as [number, number]
  const classes = [{ name: 'short', to_words: short }, { name: 'medium', to_words: medium }, { name: 'long', to_words: null }]
  return { labels: lengths.map((length) => (length === undefined ? undefined : length <= short ? 'short' : length <= medium ? 'medium' : 'long')), classes: sorted.length ? classes : [] }
}

/** What of a batch tells each part of its analysis: state, priority, each type of entity and kind of action (and whether there is any), and how long the summary is. */
export function rankedFeatures(learned: readonly LearnedBatch[]): Record<string, unknown> {
  const columns = columnsOf(learned.map(({ features }) => features))
  const { labels, classes } = summaryClasses(learned.map(({ summaryWords }) => summaryWords))
  const any = ranking(columns, learned.map(({ kinds }) => kinds && String(kinds.size > 0)), shownOfEach)
  return {
    batches: learned.length,
    state: ranking(columns, learned.map(({ state }) => state)),
    priority: ranking(columns, learned.map(({ priority }) => priority)),
    entities: byName(columns, learned.map(({ types }) => types)),
    actions: { ...(any.labels > 1 && { any }), ...byName(columns, learned.map(({ kinds }) => kinds)) },
    summary: { classes, ...ranking(columns, labels) },
  }
}
