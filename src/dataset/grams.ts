import { fold } from './text.ts'

const width = 5
/** 84⁵ < 2³²: five characters of folded printable ASCII (69 different ones) fit one integer without collisions. */
const base = 84
const codeOf = new Uint8Array(128)
{
  let next = 1
  for (let c = 32; c < 127; c++) if (c < 65 || c > 90) codeOf[c] = next++
}

let scratch = new Uint32Array(1024)

/** Writes the distinct character-5-grams of already folded text into `scratch`, sorted, and returns how many. A text shorter than five is one gram. */
function codesIntoScratch(text: string): number {
  const count = Math.max(1, text.length - width + 1)
  if (scratch.length < count) scratch = new Uint32Array(count * 2)
  for (let start = 0; start < count; start++) {
    let code = 0
    let plain = true
    const end = Math.min(start + width, text.length)
    for (let at = start; at < end; at++) {
      const c = text.charCodeAt(at)
      const digit = c < 128 ? codeOf[c]! : 0
      if (digit === 0) plain = false
      code = code * base + digit
    }
    if (!plain) {
      let hash = 0x811c9dc5
      for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
      hash ^= hash >>> 15
      code = (Math.imul(hash, 0x2c1b3c6d) >>> 0) % 0xfffffffe
    }
    scratch[start] = code
  }
  const codes = scratch.subarray(0, count).sort()
  let distinct = 1
  for (let at = 1; at < count; at++) if (codes[at] !== codes[at - 1]) codes[distinct++] = codes[at]!
  return distinct
}

/** Distinct character-5-grams of a text, folded first, as sorted integers (exact for ASCII, a 32-bit hash otherwise). */
export function gramCodes(text: string): Uint32Array {
  return scratch.slice(0, codesIntoScratch(fold(text)))
}

/** Size of the intersection of two ascending arrays, or −1 as soon as it cannot reach `need`. */
export function overlap(a: Uint32Array, aFrom: number, aTo: number, b: Uint32Array, bFrom: number, bTo: number, need: number): number {
  let shared = 0
  while (aFrom < aTo && bFrom < bTo) {
    const x = a[aFrom]!
    const y = b[bFrom]!
    if (x === y) {
      shared++
      aFrom++
      bFrom++
    } else {
      if (x < y) aFrom++
      else bFrom++
      if (shared + Math.min(aTo - aFrom, bTo - bFrom) < need) return -1
    }
  }
  return shared < need ? -1 : shared
}

/** Jaccard similarity of the character-5-grams of two texts, 0 … 1. */
export function jaccard(a: string, b: string): number {
  const x = gramCodes(a)
  const y = gramCodes(b)
  const shared = overlap(x, 0, x.length, y, 0, y.length, 0)
  return shared / (x.length + y.length - shared)
}

/**
 * The 5-gram sets of many texts in two arrays: set `i` is `tokens[offsets[i] … offsets[i + 1]]`, ascending.
 * Tokens are ranks by rarity (0 the rarest), which is what prefix filtering needs. About 4 bytes a gram.
 */
export interface Grams {
  count: number
  offsets: Uint32Array
  tokens: Uint32Array
  /** Number of different tokens. */
  vocabulary: number
}

export function gramsOf(texts: readonly string[]): Grams {
  const offsets = new Uint32Array(texts.length + 1)
  let tokens = new Uint32Array(Math.max(1024, texts.length * 32))
  let used = 0
  for (let i = 0; i < texts.length; i++) {
    const distinct = codesIntoScratch(fold(texts[i]!))
    if (used + distinct > tokens.length) {
      const larger = new Uint32Array(Math.ceil((used + distinct) * 1.3))
      larger.set(tokens.subarray(0, used))
      tokens = larger
    }
    tokens.set(scratch.subarray(0, distinct), used)
    used += distinct
    offsets[i + 1] = used
  }
  tokens = tokens.subarray(0, used)
  const vocabulary = replaceCodesByRank(tokens)
  for (let i = 0; i < texts.length; i++) tokens.subarray(offsets[i]!, offsets[i + 1]!).sort()
  return { count: texts.length, offsets, tokens, vocabulary }
}

/** In place: every code becomes its rank by frequency, rarest first. An open-addressing table in typed arrays keeps a million rows under 200 MB. */
function replaceCodesByRank(tokens: Uint32Array): number {
  let size = 1 << 16
  let keys = new Uint32Array(size)
  let counts = new Uint32Array(size)
  let distinct = 0
  const slotOf = (key: number) => {
    let slot = Math.imul(key ^ (key >>> 15), 0x9e3779b1) >>> 0 & (size - 1)
    while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & (size - 1)
    return slot
  }
  for (const code of tokens) {
    const slot = slotOf(code + 1)
    if (keys[slot] === 0) {
      keys[slot] = code + 1
      distinct++
    }
    counts[slot] = counts[slot]! + 1
    if (distinct * 5 > size * 3) {
      const oldKeys = keys
      const oldCounts = counts
      size *= 2
      keys = new Uint32Array(size)
      counts = new Uint32Array(size)
      for (let at = 0; at < oldKeys.length; at++) {
        if (oldKeys[at] === 0) continue
        const to = slotOf(oldKeys[at]!)
        keys[to] = oldKeys[at]!
        counts[to] = oldCounts[at]!
      }
    }
  }
  // Counting sort by frequency; beyond 65,535 occurrences the order no longer matters.
  const top = 65536
  const next = new Uint32Array(top + 1)
  for (let slot = 0; slot < size; slot++) if (keys[slot] !== 0) next[Math.min(counts[slot]!, top - 1) + 1]!++
  for (let at = 1; at <= top; at++) next[at] = next[at]! + next[at - 1]!
  for (let slot = 0; slot < size; slot++) {
    if (keys[slot] === 0) continue
    const bucket = Math.min(counts[slot]!, top - 1)
    counts[slot] = next[bucket]!
    next[bucket] = next[bucket]! + 1
  }
  for (let at = 0; at < tokens.length; at++) tokens[at] = counts[slotOf(tokens[at]! + 1)]!
  return distinct
}
