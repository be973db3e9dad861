import type { Corpus } from './corpus.ts'
import { InputError } from '../errors.ts'
import { gramsOf } from './grams.ts'
import type { Hooks } from './hooks.ts'
import { Groups } from './groups.ts'
import { similarPairs } from './similar.ts'
import { hash53 } from './text.ts'

export const splitNames = ['train', 'validation', 'calibration', 'test'] as const
export type SplitName = (typeof splitNames)[number]
export const heldOutNames = ['test', 'validation', 'calibration'] as const
type HeldOut = (typeof heldOutNames)[number]

/** Shares of rows; they add up to 1. A share of 0 makes no such split. */
export type Ratios = Record<SplitName, number>
export const defaultRatios: Ratios = { train: 0.8, validation: 0.05, calibration: 0.05, test: 0.1 }

/** Rows beyond these would cost minutes to score and hardly narrow an interval. */
export const enoughHeldOut: Record<HeldOut, number> = { validation: 500, calibration: 500, test: 1_200 }

/** The default shares, with held-out splits no larger than they need to be. */
export function ratiosFor(rows: number): Ratios {
  const held = Object.fromEntries(heldOutNames.map((name) => [name, Math.min(defaultRatios[name], enoughHeldOut[name] / Math.max(rows, 1))])) as Record<HeldOut, number>
  return { ...held, train: 1 - held.test - held.validation - held.calibration }
}

/** Character-5-gram Jaccard from which a training row gives a held-out row away (the leakage gate's bound). */
export const leakThreshold = 0.7

export interface DroppedRow {
  index: number
  /** Corpus index of the held-out row, or number of the golden text. */
  near: number
  similarity: number
  split: HeldOut | 'golden'
}

export interface Split {
  /** Ascending corpus indices of each split. */
  rows: Record<SplitName, number[]>
  dropped: DroppedRow[]
  /** Groups of intents that were kept on one side together. */
  groups: number
  /** Training rows dropped for standing near a held-out one, as a share of all training rows. */
  dropRate: number
  /** True when held-out groups were chosen among those with the fewest neighbours, because chance would have cost more than `maxDropRate`. */
  choseApart: boolean
}

/** Above this share of lost training rows, held-out groups are chosen apart. */
export const maxDropRate = 0.15

export interface SplitOptions {
  corpus: Corpus
  /** Indices to split. */
  kept: readonly number[]
  seed: number
  ratios?: Ratios
  /** Slice keys by whose values held-out rows are spread; for cli ["command", "case"]. */
  balance?: readonly string[]
  /** Largest share of a slice's rows that stand on one side for being alike; a hundredth of all rows where absent. */
  groupShare?: number | undefined
  /** Folded texts of hand-written rows: no generated row may stand near one. */
  golden?: readonly string[]
}

/**
 * Splits by intent: rows of one intent, rows with one text, and (while groups stay small) rows with Jaccard ≥ 0.7 stay together;
 * groups go to splits by hash(seed, intent), spread over the slices; then training rows that are still near a held-out row are dropped.
 * Deterministic. Groups are capped because template-made rows form chains of neighbours that would swallow the whole set.
 */
export async function splitRows({ corpus, kept, seed, ratios = defaultRatios, balance = ['command', 'case'], groupShare, golden = [] }: SplitOptions, hooks: Hooks = {}): Promise<Split> {
  checkRatios(ratios)
  const grams = gramsOf([...corpus.texts, ...golden])
  const dropped: DroppedRow[] = []
  const goldenAt = corpus.texts.length
  const nearGolden = new Set<number>()
  if (golden.length > 0) {
    const among = golden.map((_, index) => goldenAt + index)
    await similarPairs({ grams, among, of: kept, threshold: leakThreshold, message: 'comparing with the hand-written rows', onMatch(index, row, similarity) {
      nearGolden.add(index)
      dropped.push({ index, near: row - goldenAt, similarity, split: 'golden' })
      return false
    } }, hooks)
  }
  const rows = kept.filter((index) => !nearGolden.has(index))

  const groups = new Groups(corpus.texts.length, rows)
  groups.joinByKey((index) => corpus.intents[index]!)
  groups.joinByKey((index) => corpus.texts[index]!)
  const neighbours = await pairsBySimilarity(rows, grams, hooks)
  const stratumOf = (index: number) => balance.map((key) => corpus.rows[index]!.slice?.[key] ?? '').join('|')
  const sizes = groupShare === undefined ? undefined : Map.groupBy(rows, stratumOf)
  // A group as large as its slice would take all of a meaning away from training.
  const capOf = (index: number) => Math.max(8, Math.floor(sizes ? groupShare! * sizes.get(stratumOf(index))!.length : rows.length / 100))
  for (const [a, b] of neighbours) groups.joinUpTo(a, b, capOf(a))
  const members = groups.members()

  const conflicts = new Map<number, number>()
  for (const [a, b] of neighbours) {
    const x = groups.of(a)
    const y = groups.of(b)
    if (x === y) continue
    conflicts.set(x, (conflicts.get(x) ?? 0) + 1)
    conflicts.set(y, (conflicts.get(y) ?? 0) + 1)
  }
  const prepared = members.map((group) => ({
    rows: group,
    order: hash53(corpus.intents[group[0]!]!, seed),
    conflicts: (conflicts.get(groups.of(group[0]!)) ?? 0) / group.length,
    stratum: stratumOf(group[0]!),
  }))

  const attempt = async (choseApart: boolean): Promise<Split> => {
    const assigned = assign(prepared, ratios, choseApart)
    const drops: DroppedRow[] = []
    const splitOf = new Map<number, HeldOut>()
    for (const name of heldOutNames) for (const index of assigned[name]) splitOf.set(index, name)
    await similarPairs({ grams, among: [...splitOf.keys()].sort((a, b) => a - b), of: assigned.train, threshold: leakThreshold, message: 'keeping neighbours out of training', onMatch(index, near, similarity) {
      drops.push({ index, near, similarity, split: splitOf.get(near)! })
      return false
    } }, hooks)
    const near = new Set(drops.map(({ index }) => index))
    const dropRate = assigned.train.length === 0 ? 0 : near.size / assigned.train.length
    return { rows: { ...assigned, train: assigned.train.filter((index) => !near.has(index)) }, dropped: [...dropped, ...drops], groups: members.length, dropRate, choseApart }
  }
  const byChance = await attempt(false)
  if (byChance.dropRate <= maxDropRate) return byChance
  const apart = await attempt(true)
  return apart.dropRate < byChance.dropRate ? apart : byChance
}

interface Group {
  rows: number[]
  order: number
  conflicts: number
  stratum: string
}

/** Fills the held-out quotas slice by slice; what a slice cannot give is carried to the next. The rest trains. */
function assign(groups: readonly Group[], ratios: Ratios, choseApart: boolean): Record<SplitName, number[]> {
  const strata = [...Map.groupBy(groups, (group) => group.stratum)].sort(([a], [b]) => hash53(a) - hash53(b) || (a < b ? -1 : 1)).map(([, list]) => list)
  const chosen = new Map<Group, HeldOut>()
  const quota: Record<HeldOut, number> = { test: 0, validation: 0, calibration: 0 }
  for (const stratum of strata) {
    const total = stratum.reduce((sum, group) => sum + group.rows.length, 0)
    for (const name of heldOutNames) quota[name] += ratios[name] * total
    if (stratum.length < 2) continue
    // A slice never gives up more than half of its rows, however much is owed.
    let left = Math.max(total / 2, total * (1 - ratios.train))
    const inOrder = [...stratum].sort((a, b) => (choseApart ? a.conflicts - b.conflicts : 0) || a.order - b.order || a.rows[0]! - b.rows[0]!)
    for (const group of inOrder) {
      const name = heldOutNames.reduce((best, candidate) => (quota[candidate] > quota[best] ? candidate : best))
      const size = group.rows.length
      if (size > left || quota[name] < size / 2) continue
      chosen.set(group, name)
      quota[name] -= size
      left -= size
    }
  }
  // Small sets: a split that is asked for gets at least one group while training keeps most.
  const smallestFirst = [...groups].sort((a, b) => a.rows.length - b.rows.length || a.order - b.order)
  for (const name of heldOutNames) {
    if (ratios[name] === 0 || [...chosen.values()].includes(name)) continue
    const group = smallestFirst.find((candidate) => !chosen.has(candidate))
    if (group && groups.length - chosen.size > 1) chosen.set(group, name)
  }
  const splits: Record<SplitName, number[]> = { train: [], validation: [], calibration: [], test: [] }
  for (const group of groups) splits[chosen.get(group) ?? 'train'].push(...group.rows)
  for (const name of splitNames) splits[name].sort((a, b) => a - b)
  return splits
}

/** At most this many earlier neighbours of a row are looked at; the rows beyond are met when training rows are dropped. */
const maxNeighbours = 16

async function pairsBySimilarity(rows: readonly number[], grams: ReturnType<typeof gramsOf>, hooks: Hooks): Promise<[number, number, number][]> {
  const pairs: [number, number, number][] = []
  let current = -1
  let found = 0
  await similarPairs({ grams, among: rows, of: rows, threshold: leakThreshold, once: true, message: 'grouping neighbours', onMatch(query, row, similarity) {
    if (query !== current) {
      current = query
      found = 0
    }
    pairs.push([query, row, similarity])
    return ++found < maxNeighbours
  } }, hooks)
  return pairs.sort((a, b) => b[2] - a[2] || a[0] - b[0] || a[1] - b[1])
}

function checkRatios(ratios: Ratios) {
  const sum = splitNames.reduce((total, name) => total + ratios[name], 0)
  if (Math.abs(sum - 1) > 1e-6 || splitNames.some((name) => !(ratios[name] >= 0)) || ratios.train === 0) {
    throw new InputError(`The shares of train, validation, calibration and test must add up to 1 with some for train; found ${splitNames.map((name) => `${name} ${ratios[name]}`).join(', ')}.`)
  }
}
