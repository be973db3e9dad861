import { overlap } from './grams.ts'
import type { Grams } from './grams.ts'
import { eachWithProgress } from './hooks.ts'
import type { Hooks } from './hooks.ts'

export interface SimilarOptions {
  grams: Grams
  /** Sets that can be found. */
  among: ArrayLike<number>
  /** Sets that are looked up; a set never matches itself. */
  of: ArrayLike<number>
  /** Jaccard similarity from which two sets match, above 0 and at most 1. */
  threshold: number
  /** Report a pair of two sets that stand in both lists only once, as (larger, smaller). */
  once?: boolean
  /** Return false to go on with the next query. Called in no particular order of `row`, but the same one every time. */
  onMatch: (query: number, row: number, similarity: number) => boolean | void
  message?: string
}

/**
 * Every pair with Jaccard ≥ threshold, exactly: prefix, length and position filters of PPJoin (Xiao et al., WWW 2008), then verification.
 * Two sets that similar share a token among the rarest |x| − ⌈t·|x|⌉ + 1 of each, so only those are indexed.
 */
export async function similarPairs(options: SimilarOptions, hooks: Hooks = {}): Promise<void> {
  const { grams: { offsets, tokens, vocabulary, count }, among, of, threshold, once = false, onMatch } = options
  const sizeOf = (row: number) => offsets[row + 1]! - offsets[row]!
  const prefixOf = (size: number) => size - Math.ceil(threshold * size - 1e-9) + 1

  const bySize = sortedBySize(among, sizeOf)
  const starts = new Uint32Array(vocabulary + 1)
  for (const row of bySize) {
    const from = offsets[row]!
    for (let at = from, end = from + prefixOf(sizeOf(row)); at < end; at++) starts[tokens[at]! + 1]!++
  }
  for (let token = 0; token < vocabulary; token++) starts[token + 1] = starts[token + 1]! + starts[token]!
  const fill = starts.slice(0, vocabulary)
  const postings = new Uint32Array(starts[vocabulary]!)
  const positions = new Uint16Array(postings.length)
  for (const row of bySize) {
    const from = offsets[row]!
    for (let at = 0, end = prefixOf(sizeOf(row)); at < end; at++) {
      const slot = fill[tokens[from + at]!]!++
      postings[slot] = row
      positions[slot] = Math.min(at, 65535)
    }
  }

  // stamp[row] = the last query that has seen this row, plus one.
  const stamp = new Uint32Array(count)
  await eachWithProgress(options.message ?? 'comparing texts', of.length, hooks, (index) => {
    const query = of[index]!
    const from = offsets[query]!
    const to = offsets[query + 1]!
    const size = to - from
    const smallest = threshold * size - 1e-9
    const largest = size / threshold + 1e-9
    for (let at = 0, prefix = prefixOf(size); at < prefix; at++) {
      const token = tokens[from + at]!
      const end = starts[token + 1]!
      for (let slot = firstOfSize(postings, starts[token]!, end, smallest, sizeOf); slot < end; slot++) {
        const row = postings[slot]!
        const rowSize = offsets[row + 1]! - offsets[row]!
        if (rowSize > largest) break
        if (stamp[row] === index + 1) continue
        stamp[row] = index + 1
        if (row === query || (once && row > query)) continue
        const need = Math.ceil((threshold / (1 + threshold)) * (size + rowSize) - 1e-9)
        const position = positions[slot]!
        // This is the first token the two share, so the rest of the intersection lies behind it in both.
        if (1 + Math.min(size - at, rowSize - position) - 1 < need) continue
        const shared = overlap(tokens, from + at, to, tokens, offsets[row]! + position, offsets[row + 1]!, need)
        if (shared < 0) continue
        if (onMatch(query, row, shared / (size + rowSize - shared)) === false) return
      }
    }
  })
}

function sortedBySize(rows: ArrayLike<number>, sizeOf: (row: number) => number): Uint32Array {
  const sorted = Uint32Array.from(rows)
  let largest = 0
  for (const row of sorted) largest = Math.max(largest, sizeOf(row))
  const next = new Uint32Array(largest + 2)
  for (const row of sorted) next[sizeOf(row) + 1]!++
  for (let size = 0; size <= largest; size++) next[size + 1] = next[size + 1]! + next[size]!
  const out = new Uint32Array(sorted.length)
  for (const row of sorted) out[next[sizeOf(row)]!++] = row
  return out
}

/** First posting whose set has at least `smallest` tokens; postings of one token ascend by size. */
function firstOfSize(postings: Uint32Array, low: number, high: number, smallest: number, sizeOf: (row: number) => number): number {
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sizeOf(postings[middle]!) < smallest) low = middle + 1
    else high = middle
  }
  return low
}
