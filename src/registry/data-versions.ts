import { ZodError } from 'zod'
import { DatasetReport } from '../dataset/statistics.ts'
import { type ArtifactStore, DamagedArtifact } from '../store/artifacts.ts'
import type { Ref } from '../store/ref.ts'
import { type Experiment, experiments } from './experiments.ts'

/** What a dataset goes through, in this order. */
export type Stage = 'collection' | 'cleaning and validation' | 'annotation' | 'augmentation' | 'format conversion' | 'quality assurance' | 'versioning'

/** One dataset that models were trained on: what it is, where it comes from, how it was made, who used it and what that brought. */
export interface DataVersion {
  /** SHA-256 of the dataset as it is stored. */
  dataset: string
  /** When the first model of it was finished. */
  created: string
  statistics: Pick<DatasetReport, 'rows' | 'splits' | 'intents' | 'split_groups' | 'slices' | 'coverage' | 'distribution'>
  /** What its making hangs on. */
  preprocessing: { seed: number; schema: string; split_ratios: DatasetReport['split_ratios']; near_duplicate_threshold: number; held_out_chosen_apart: boolean }
  /** Rows by the way they were varied; absent where the kind of task varies none. */
  augmentation?: Record<string, number>
  quality: Pick<DatasetReport, 'diversity' | 'leakage' | 'quality' | 'warnings'> & { rejected: DatasetReport['rejected']['by_rule'] }
  lineage: { sources: DatasetReport['sources']; from?: string; schema_changed: boolean; rows_kept: number; rows_added: number; rows_gone: number }
  /** Stage by stage, from the first row that was read to the version: what was done, and how many rows it left or was done to. A teacher labels and varies rows while it writes them. */
  transformations: { stage: Stage; step: string; rows: number }[]
  usage: { version: number; created: string; base: string; champion: boolean }[]
  /** Best score of its models by set of rows, and the gain over the best one of the data before it where both were asked the same set. */
  performance: Record<string, { rows: number; equivalent: number; version: number; gain?: number }>
}

/** Versions of a training's data, the oldest first. `gone` are those that a clean-up took, or that an earlier release described in other words. */
export async function dataVersions(store: ArtifactStore, name: string): Promise<{ versions: DataVersion[]; gone: string[] }> {
  const byDataset = Map.groupBy(await experiments(store, name), ({ dataset }) => dataset.sha256)
  const versions: DataVersion[] = []
  const gone: string[] = []
  let before: { version: DataVersion; rows: Set<string> } | undefined
  for (const [dataset, users] of byDataset) {
    const read = await readDataset(store, users[0]!.dataset)
    if (!read) {
      gone.push(dataset)
      continue
    }
    const version = describe(read, users, before)
    versions.push(version)
    before = { version, rows: read.rows }
  }
  return { versions, gone }
}

interface Dataset { report: DatasetReport; rows: Set<string> }

async function readDataset(store: ArtifactStore, ref: Ref): Promise<Dataset | undefined> {
  try {
    const text = async (path: string) => (await store.readTreeText(ref, path)) ?? ''
    const splits = await Promise.all(['train.jsonl', 'train_val.jsonl', 'train_calibration.jsonl', 'train_test.jsonl'].map(text))
    return { report: DatasetReport.parse(JSON.parse(await text('dataset.json'))), rows: new Set(splits.flatMap((split) => split.split('\n').filter(Boolean))) }
  } catch (error) {
    if (error instanceof DamagedArtifact || error instanceof ZodError) return undefined
    throw error
  }
}

function describe({ report, rows }: Dataset, users: Experiment[], before?: { version: DataVersion; rows: Set<string> }): DataVersion {
  const kept = before ? [...rows].filter((row) => before.rows.has(row)).length : 0
  const { dataset, created, schema } = users[0]!
  return {
    dataset: dataset.sha256,
    created,
    statistics: pick(report, 'rows', 'splits', 'intents', 'split_groups', 'slices', 'coverage', 'distribution'),
    preprocessing: { seed: report.seed, schema, split_ratios: report.split_ratios, near_duplicate_threshold: report.leakage.threshold, held_out_chosen_apart: report.held_out_chosen_apart },
    ...(report.slices.augmentation && { augmentation: report.slices.augmentation }),
    quality: { ...pick(report, 'diversity', 'leakage', 'quality', 'warnings'), rejected: report.rejected.by_rule },
    lineage: {
      sources: report.sources, ...(before && { from: before.version.dataset }), schema_changed: before !== undefined && before.version.preprocessing.schema !== schema,
      rows_kept: kept, rows_added: rows.size - kept, rows_gone: before ? before.rows.size - kept : 0,
    },
    transformations: transformations(report),
    usage: users.map(({ version, created: trained, base, champion }) => ({ version, created: trained, base, champion })),
    performance: performance(users, before?.version.performance),
  }
}

function transformations(report: DatasetReport): DataVersion['transformations'] {
  const { read, rejected, removed, rows, slices, splits, quality = [], leakage } = report
  const done = (stage: Stage, step: string, count: number) => ({ stage, step, rows: count })
  let left = read
  const cleaned = ([
    ['held against the schema; what it refuses is rejected', rejected.rows], ['exact duplicates removed', removed.exact_duplicates], ['near duplicates removed', removed.near_duplicates],
    ['contradictions removed', removed.contradictions], ['what reads like a hand-written test row removed', removed.near_golden],
  ] as const).map(([step, less]) => done('cleaning and validation', step, (left -= less)))
  const labels = Object.keys(slices).filter((key) => key !== 'augmentation')
  const { none: _, ...varied } = slices.augmentation ?? {}
  const sum = (counts: Record<string, number> = {}) => Object.values(counts).reduce((all, count) => all + count, 0)
  return [
    done('collection', 'written by the teacher or imported', read),
    ...cleaned,
    done('cleaning and validation', 'split by intent; training rows that read like a held-out one removed', rows),
    ...(labels.length > 0 ? [done('annotation', `labelled by ${labels.join(', ')}`, Math.max(...labels.map((key) => sum(slices[key]))))] : []),
    ...(slices.augmentation ? [done('augmentation', `varied, ${Object.keys(varied).length} ways; ${(rows - sum(varied)).toLocaleString('en')} stand as they were written`, sum(varied))] : []),
    done('format conversion', 'written as question and answer for the trainers: training and validation split', splits.train + splits.validation),
    ...quality.map(({ name, value, least }) => done('quality assurance', `${name} ${value}, at least ${least}, over all rows as they were written`, read)),
    done('quality assurance', `leakage between the splits ${leakage.passed ? 'looked for, none found' : 'found'}`, rows),
    done('versioning', 'kept under its hash', rows),
  ]
}

/** Scores compare two versions of the data only where the models were asked the same rows: the golden set, unless it was changed in between. */
function performance(users: Experiment[], before?: DataVersion['performance']): DataVersion['performance'] {
  const sets = [...new Set(users.flatMap(({ metrics }) => Object.keys(metrics)))]
  return Object.fromEntries(sets.flatMap((set) => {
    const [best] = users.filter(({ metrics }) => metrics[set]?.equivalent !== undefined).sort((a, b) => b.metrics[set]!.equivalent! - a.metrics[set]!.equivalent!)
    if (!best) return []
    const { equivalent, rows = 0 } = best.metrics[set]! as { equivalent: number; rows?: number }
    const earlier = set.startsWith('golden') && before?.[set]?.rows === rows ? before[set] : undefined
    return [[set, { rows, equivalent, version: best.version, ...(earlier && { gain: equivalent - earlier.equivalent }) }]]
  }))
}

const pick = <T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> => Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>
