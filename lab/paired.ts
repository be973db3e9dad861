import { inPoints, type Interval, mean, meanInterval, pairedCounts, pairedRates, type PairedRates, quantile, randomFrom } from '../src/evaluation/intervals.ts'

/** One row that both models were asked. */
export interface Pair {
  /** Rows that paraphrase one intent share it: they are no independent rows. */
  cluster: string
  variant: boolean
  baseline: boolean
}

/** What a variant and the baseline of one seed made of the same rows. */
export interface SeedPairs {
  seed: number
  pairs: readonly Pair[]
}

/** Of one seed; points are variant − baseline, with McNemar's exact test. */
export interface SeedComparison extends PairedRates {
  seed: number
  /** Shares of right answers, 0 to 1. */
  variant: number
  baseline: number
}

/** Of all seeds. */
export interface Comparison {
  per_seed: SeedComparison[]
  /** Mean of the seeds' differences, variant − baseline. */
  points: number
  /** Of the points, 95%: the wider of Student's over the seeds and the bootstrap over seeds and rows. */
  interval: Interval
  only_variant: number
  only_baseline: number
  /** Exact McNemar over the rows of all seeds together. */
  p_value: number
}

/** @param seeds one at least, each with one row at least */
export function comparePaired(seeds: readonly SeedPairs[], draws = 4000): Comparison {
  const perSeed = seeds.map(({ seed, pairs }): SeedComparison => {
    const share = (of: 'variant' | 'baseline') => pairs.filter((pair) => pair[of]).length / pairs.length
    return { seed, variant: share('variant'), baseline: share('baseline'), ...pairedRates(pairs.map(({ variant, baseline }) => [variant, baseline] as const)) }
  })
  const total = (count: (of: SeedComparison) => number) => perSeed.reduce((sum, of) => sum + count(of), 0)
  const { only_first, only_second, p_value } = pairedCounts(total((of) => of.only_first), total((of) => of.only_second), total((of) => of.n))
  const points = perSeed.map((of) => of.points)
  return { per_seed: perSeed, points: mean(points), interval: wider(inPoints(bootstrapBySeed(seeds, draws)), points), only_variant: only_first, only_baseline: only_second, p_value }
}

/**
 * A bootstrap over a few seeds cannot reach beyond the worst and the best of them: where seeds differ more than rows do, three of them lie on one
 * side by chance in one of four experiments. Student's interval over their differences knows how few they are.
 */
function wider([low, high]: Interval, points: readonly number[]): Interval {
  if (points.length < 2) return [low, high]
  const [least, most] = meanInterval(points)
  return [Math.min(low, least), Math.max(high, most)]
}

/**
 * Percentile bootstrap of the mean difference of the seeds' shares, 95%: seeds are drawn, and clusters of rows. One draw of clusters serves all
 * seeds, those that have them: a row that is hard is hard for every seed. Deterministic.
 * @returns variant − baseline, −1 to 1
 */
export function bootstrapBySeed(seeds: readonly SeedPairs[], draws: number): Interval {
  const numbers = new Map<string, number>()
  const numberOf = (cluster: string) => numbers.get(cluster) ?? numbers.set(cluster, numbers.size).size - 1
  const clustered = seeds.map(({ pairs }) => [...Map.groupBy(pairs, ({ cluster }) => numberOf(cluster))].map(([cluster, of]) => ({
    cluster, n: of.length, difference: of.reduce((sum, { variant, baseline }) => sum + Number(variant) - Number(baseline), 0),
  })))
  const random = randomFrom(seeds.reduce((sum, { pairs }) => sum + pairs.length, 0))
  const drawn = (count: number) => {
    const times = new Uint32Array(count)
    for (let i = 0; i < count; i++) times[Math.floor(random() * count)]!++
    return times
  }
  const means = Array.from({ length: draws }, () => {
    const [seedTimes, clusterTimes] = [drawn(seeds.length), drawn(numbers.size)]
    const differences = clustered.map((clusters, seed) => {
      let [n, difference] = [0, 0]
      for (const each of seedTimes[seed] ? clusters : []) {
        const times = clusterTimes[each.cluster]!
        n += times * each.n
        difference += times * each.difference
      }
      return n === 0 ? 0 : seedTimes[seed]! * (difference / n)
    })
    return differences.reduce((sum, each) => sum + each, 0) / seeds.length
  })
  return [quantile(means, 0.025), quantile(means, 0.975)]
}

/** Fewer show how it might be, and prove nothing. */
export const leastSeeds = 3

export type Verdict = 'better' | 'worse' | 'not told apart' | 'no claim'

/** The fixed rule, known before anything is run. */
export function verdictOf({ per_seed, interval: [low, high] }: Pick<Comparison, 'per_seed' | 'interval'>): Verdict {
  if (per_seed.length < leastSeeds) return 'no claim'
  if (low > 0) return 'better'
  return high < 0 ? 'worse' : 'not told apart'
}

/** Whether a variant is not worth the next stage. */
export const loses = ({ interval: [, high] }: Pick<Comparison, 'interval'>): boolean => high < 0
