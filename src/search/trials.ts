import { shuffle } from '../tasks/shuffle.ts'

/** What is varied: keys of the trainer's configuration by their path ("training.learning_rate"), with the values to try. */
export type Space = Record<string, readonly (number | string)[]>
/** One value of each key that the space names. */
export type Setting = Record<string, number | string>

export interface Trial {
  /** 1-based, in the order in which trials are worth running. */
  number: number
  setting: Setting
  /** What it differs in from the first one. */
  varies: string[]
}

/**
 * The trials of a search, in an order in which it may be broken off anywhere: first the middle of every list, then one key
 * changed at a time, then the remaining combinations, shuffled by `seed`. Deterministic.
 * @param most 1 or more
 */
export function planTrials(space: Space, { most = 27, seed = 1 }: { most?: number; seed?: number } = {}): Trial[] {
  const axes = Object.entries(space).map(([name, values]) => ({ name, values: [...new Set(values)] }))
  const first: Setting = Object.fromEntries(axes.map(({ name, values }) => [name, middle(values)]))
  const single = axes.flatMap(({ name, values }) => values.filter((value) => value !== first[name]).map((value): Setting => ({ ...first, [name]: value })))
  const whole = axes.reduce<Setting[]>((settings, { name, values }) => settings.flatMap((setting) => values.map((value) => ({ ...setting, [name]: value }))), [{}])
  const varies = (setting: Setting) => axes.map(({ name }) => name).filter((name) => setting[name] !== first[name])
  const rest = shuffle(whole.filter((setting) => varies(setting).length > 1), seed)
  return [first, ...single, ...rest].slice(0, most).map((setting, i) => ({ number: i + 1, setting, varies: varies(setting) }))
}

const middle = (values: readonly (number | string)[]) => [...values].sort((a, b) => Number(a) - Number(b))[Math.floor((values.length - 1) / 2)]!

/** A trial's validation losses so far, one after each part of its steps. */
export type Curve = readonly number[]

/**
 * Is a trial not worth going on with? The median stopping rule (Golovin et al., Google Vizier, KDD 2017): its best loss so far is worse than
 * the median of what the others had on average up to there. Never before `patience` parts, nor before three others came as far; a loss that is no
 * number is hopeless at once.
 */
export function isHopeless(curve: Curve, others: readonly Curve[], patience = 2): boolean {
  if (curve.some((loss) => !Number.isFinite(loss))) return true
  const peers = others.filter(({ length }) => length >= curve.length)
  if (curve.length < patience || peers.length < 3) return false
  const means = peers.map((peer) => peer.slice(0, curve.length).reduce((sum, loss) => sum + loss, 0) / curve.length).sort((a, b) => a - b)
  const half = means.length / 2
  const median = means.length % 2 ? means[Math.floor(half)]! : (means[half - 1]! + means[half]!) / 2
  return Math.min(...curve) > median
}
