/** Fisher-Yates with mulberry32 (public domain). */
export function shuffle<T>(list: T[], seed: number): T[] {
  const mixed = [...list]
  let state = (seed ^ 0x9e3779b9) >>> 0
  for (let i = mixed.length - 1; i > 0; i--) {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    const j = ((t ^ (t >>> 14)) >>> 0) % (i + 1)
    ;[mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!]
  }
  return mixed
}
