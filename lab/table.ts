import { signed } from '../src/evaluation/format.ts'
import { percent } from '../src/cli/print.ts'
import type { StageResult, VariantResult } from './conduct.ts'
import { leastSeeds } from './paired.ts'

/** A stage as rows of cells, its head first: the baseline, and each variant with its difference on the same rows. */
export function cellsOf({ baseline, variants }: Pick<StageResult, 'baseline' | 'variants'>): string[][] {
  const seeds = baseline.per_seed.map(({ seed }) => seed)
  return [
    ['', 'what', ...seeds.map((seed) => `seed ${seed}`), 'difference in points (95%)', 'McNemar p', 'verdict'],
    ['baseline', baseline.change, ...baseline.per_seed.map(({ n, right }) => `${percent(right / Math.max(1, n))} of ${n}`), '', '', ''],
    ...variants.map((variant) => [variant.name, variant.change, ...seeds.map((seed) => ofSeed(variant, seed)), ...ofAll(variant), variant.verdict]),
  ]
}

function ofSeed({ comparison }: VariantResult, seed: number): string {
  const found = comparison?.per_seed.find((of) => of.seed === seed)
  return found ? `${percent(found.variant)} (${signed(found.points)})` : '–'
}

function ofAll({ comparison }: VariantResult): [difference: string, p: string] {
  if (!comparison) return ['–', '–']
  const { points, interval: [low, high], p_value } = comparison
  return [`${signed(points)} (${signed(low)} to ${signed(high)})`, p_value.toPrecision(2)]
}

/** What has to be said beside the figures, a sentence each. */
export function remarks({ baseline, variants, precisions }: Pick<StageResult, 'baseline' | 'variants' | 'precisions'>): string[] {
  const compared = variants.filter(({ comparison }) => comparison)
  const seeds = baseline.per_seed.length
  return [
    ...variants.flatMap(({ name, failed }) => (failed === undefined ? [] : [`${name} was not measured: ${failed.replace(/\.$/, '')}.`])),
    ...variants.filter(({ verdict }) => verdict === 'the baseline itself').map(({ name }) => `${name} is the baseline itself here, for this stage settles what it changes; it goes on to the next.`),
    ...variants.filter(({ left_out }) => left_out > 0).map(({ name, left_out }) => `${name}: ${left_out} answers were not compared, for one of the two models had seen the row or its like.`),
    ...(seeds < leastSeeds && compared.length ? [`With fewer than ${leastSeeds} seeds nothing is claimed.`] : []),
    ...(compared.length > 1 ? [`${compared.length} variants were compared, each at 95%: the best of several looks better than it is; try it again by itself, with other seeds.`] : []),
    ...(precisions.length > 1 ? [`The trainings differ in precision too (${precisions.join(', ')}), as it was measured for each; with CLITRON_PRECISION set for the worker they would not.`] : []),
  ]
}
