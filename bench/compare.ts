/** What the benchmarks share: two sides that take turns, the ratio of their figures with its interval, growth, and how a result is told. */
import { cpus, loadavg, totalmem } from 'node:os'
import { type Interval, randomFrom } from '../src/evaluation/intervals.ts'

/** Where two sides differ, or one has failed, no figure is printed. @throws Error that says in what */
export function mustHold(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(`No figure is printed: ${otherwise}`)
}

/** Measures both sides so often, in turns, and who begins changes: a machine whose speed drifts favours nobody. */
export async function inTurns<A, B>(rounds: number, ours: () => Promise<A>, peer: () => Promise<B>): Promise<{ ours: A[]; peer: B[] }> {
  const measured: { ours: A[]; peer: B[] } = { ours: [], peer: [] }
  for (let round = 0; round < rounds; round++) {
    const sides = [async () => measured.ours.push(await ours()), async () => measured.peer.push(await peer())]
    if (round % 2) sides.reverse()
    for (const side of sides) {
      await side()
      say(`round ${round + 1} of ${rounds}: ${measured.ours.length} of ours and ${measured.peer.length} of the peer's are measured`)
    }
  }
  return measured
}

export interface Ratio {
  /** Median of the rounds' ratios. */
  ratio: number
  /** 95%: percentile bootstrap over the rounds (Efron 1979); of few rounds hardly more than their range. */
  interval: Interval
  rounds: number
}

const draws = 4_000

/** How many times as fast the first side is. @param seconds of both sides, round by round */
export function speedup(ours: readonly number[], peer: readonly number[]): Ratio {
  if (ours.length === 0 || ours.length !== peer.length) throw new Error(`A ratio needs as many rounds of both sides; there are ${ours.length} and ${peer.length}.`)
  const ratios = ours.map((mine, round) => peer[round]! / mine)
  if (!ratios.every((ratio) => ratio > 0 && Number.isFinite(ratio))) throw new Error(`A round took no time, or has no figure: ${ratios.join(', ')}.`)
  const random = randomFrom(ratios.length)
  const medians = Array.from({ length: draws }, () => median(ratios.map(() => ratios[Math.floor(random() * ratios.length)]!))).sort((a, b) => a - b)
  return { ratio: median(ratios), interval: [medians[Math.floor(0.025 * draws)]!, medians[Math.ceil(0.975 * draws) - 1]!], rounds: ratios.length }
}

/** Of an even number, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Exponent k of cost = c · workᵏ, by least squares of the logarithms: 1 is linear. */
export function exponentOf(points: readonly { work: number; cost: number }[]): number {
  if (new Set(points.map(({ work }) => work)).size < 2) throw new Error('An exponent needs two sizes of work.')
  const x = points.map(({ work }) => Math.log(work))
  const y = points.map(({ cost }) => Math.log(cost))
  const [xs, ys] = [x, y].map((all) => all.reduce((sum, one) => sum + one, 0) / all.length) as [number, number]
  return x.reduce((sum, one, index) => sum + (one - xs) * (y[index]! - ys), 0) / x.reduce((sum, one) => sum + (one - xs) ** 2, 0)
}

/** Works 1, 4 and 16 times as large, the largest of which is this. */
export const grownTo = (largest: number): number[] => [16, 4, 1].map((part) => Math.max(1, Math.round(largest / part)))

/** What it was measured on, and what else was going on there. */
const machine = () => ({ processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memory_gb: Math.round(totalmem() / 2 ** 30), load: round(loadavg()[0]!, 2), node: process.version })

/** Three digits that count. */
export const round = (value: number, digits = 3): number => Number(value.toPrecision(digits))

export const ratioWords = ({ ratio, interval: [low, high], rounds }: Ratio): string => `${round(ratio)}× (95% ${round(low)}-${round(high)}, ${rounds} rounds)`

/** What goes on, for the person who waits. */
export const say = (message: string): void => void process.stderr.write(`${message}\n`)

/** Prints the result: one JSON document on stdout, and one line for people on stderr. */
export function tell(document: object, line: string): void {
  const short = (_key: string, value: unknown) => (typeof value === 'number' && !Number.isInteger(value) ? round(value) : value)
  process.stdout.write(`${JSON.stringify({ ...document, machine: machine() }, short, 2)}\n`)
  say(line)
}
