/** Counts by name, the commonest first. */
export class Counter {
  readonly #counts = new Map<string, number>()

  add(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by)
  }

  get(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  get size(): number {
    return this.#counts.size
  }

  entries(): [string, number][] {
    return [...this.#counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  }

  /** @param most so many of the commonest */
  top(most = Infinity): Record<string, number> {
    return Object.fromEntries(this.entries().slice(0, most))
  }
}

export const round = (value: number, digits = 4): number => Math.round(value * 10 ** digits) / 10 ** digits

export function distribution(values: readonly number[]): { mean: number; p50: number; p95: number; most: number } {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { mean: round(sorted.reduce((sum, value) => sum + value, 0) / Math.max(1, sorted.length), 2), p50: at(0.5), p95: at(0.95), most: sorted.at(-1) ?? 0 }
}

/** Pearson's correlation, −1 to 1; null where one of the two does not vary. */
export function pearson(pairs: readonly (readonly [number, number])[]): number | null {
  const n = pairs.length
  const [mx, my] = [0, 1].map((i) => pairs.reduce((sum, pair) => sum + pair[i]!, 0) / n) as [number, number]
  let [xy, xx, yy] = [0, 0, 0]
  for (const [x, y] of pairs) {
    xy += (x - mx) * (y - my)
    xx += (x - mx) ** 2
    yy += (y - my) ** 2
  }
  return n < 3 || xx === 0 || yy === 0 ? null : round(xy / Math.sqrt(xx * yy))
}

/** Spearman's: Pearson's of the ranks, equal values sharing the mean of theirs. */
export function spearman(pairs: readonly (readonly [number, number])[]): number | null {
  const ranks = (values: number[]) => {
    const order = values.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value)
    const out = new Array<number>(values.length)
    for (let from = 0; from < order.length;) {
      let to = from
      while (to + 1 < order.length && order[to + 1]!.value === order[from]!.value) to++
      for (let at = from; at <= to; at++) out[order[at]!.i] = (from + to) / 2
      from = to + 1
    }
    return out
  }
  const [x, y] = [ranks(pairs.map(([first]) => first)), ranks(pairs.map(([, second]) => second))]
  return pearson(x.map((value, i) => [value, y[i]!] as const))
}

/** The shape of a value or a subject: digits are #, so that "PO-4471" and "PO-9081" are one. */
export const shapeOf = (value: string): string => value.replace(/\d/g, '#')

/** Words of a text as patterns are learned from: in small letters, what holds a digit is #. */
export const wordsOf = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{N}$€£%'-]+/u).filter(Boolean).map((word) => (/\d/.test(word) ? '#' : word))
