import type { Section } from '../evaluation/evaluate.ts'
import type { DatasetFacts, Report } from '../evaluation/report.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import { readRegistry, type Version } from './registry.ts'

/** One finished train as an experiment: what it was told, what it learned from, what came out. */
export interface Experiment extends Version {
  champion: boolean
  /** Every setting that could have been another, by its path: "base", "sft.training.steps". */
  configuration: Record<string, string | number | boolean>
  /** Which data, and how good it is; undefined where the report is gone. */
  data?: { dataset: string; schema: string } & Pick<DatasetFacts, 'rows' | 'splits' | 'intents' | 'sources' | 'diversity' | 'rejected' | 'removed'>
  /** By set of rows: score, what lookup and search would score, latency in ms, calibration, and the family's own figures. */
  metrics: Record<string, Record<string, number>>
}

/** Every trained version, the oldest first. */
export async function experiments(store: ArtifactStore, name: string): Promise<Experiment[]> {
  const { versions, champion } = await readRegistry(store, name)
  return Promise.all(versions.map(async (version): Promise<Experiment> => {
    const report = await reportOf(store, version)
    return {
      ...version,
      champion: version.version === champion,
      configuration: { base: version.base, quant: version.quant, seed: version.seed, ...leaves(version.options ?? {}), ...leaves(version.configs ?? {}) },
      ...(report && { data: dataOf(version, report.dataset) }),
      metrics: Object.fromEntries(Object.entries(report?.scores ?? (version.scores as Partial<Report['scores']>)).flatMap(([set, section]) => (section ? [[set, figuresOf(section)]] : []))),
    }
  }))
}

/** A report that a clean-up took is no fault: what the registry itself has is shown. */
export async function reportOf(store: ArtifactStore, { report }: Version): Promise<Report | undefined> {
  try {
    const text = await store.readTreeText(report, 'report.json')
    return text === undefined ? undefined : (JSON.parse(text) as Report)
  } catch {
    return undefined
  }
}

function dataOf(version: Version, { rows, splits, intents, sources, diversity, rejected, removed }: DatasetFacts): Experiment['data'] {
  return { dataset: version.dataset.sha256, schema: version.schema, rows, splits, intents, sources, diversity, rejected, removed }
}

function figuresOf({ n, equivalent, valid, allowed, baseline, search, latency_ms, ece, metrics = {} }: Partial<Section>): Record<string, number> {
  const all: Record<string, number | null | undefined> = { rows: n, equivalent, valid, allowed, lookup: baseline, search, 'latency p50': latency_ms?.p50, 'latency p95': latency_ms?.p95, ece, ...Object.fromEntries(Object.entries(metrics).map(([name, { served }]) => [name, served])) }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
}

/** The settings of a nested configuration by their paths; lists as one text. */
function leaves(value: unknown, path = ''): Record<string, string | number | boolean> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return Object.assign({}, ...Object.entries(value).map(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key))) as Record<string, string | number | boolean>
  if (value === undefined || value === null) return {}
  return { [path]: typeof value === 'object' ? JSON.stringify(value) : (value as string | number | boolean) }
}

/** The settings in which these experiments differ, by their paths; a setting that one has and another lacks is one, unless the other's were not recorded. */
export function differing(all: readonly Experiment[]): string[] {
  const keys = new Set(all.flatMap(({ configuration }) => Object.keys(configuration)))
  const told = (key: string) => all.filter(({ configs, configuration }) => configs !== undefined || Object.hasOwn(configuration, key))
  return [...keys].filter((key) => new Set(told(key).map(({ configuration }) => configuration[key])).size > 1)
}
