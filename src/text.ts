/** Fewest insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
    }
    before = last
    last = row
  }
  return last[b.length]!
}

/** The word of the list that was probably meant: at most a third of its letters (two at least, in words of four and more) differ. */
export function closest(word: string, list: Iterable<string>): string | undefined {
  if (word.length > 100) return undefined
  let best: string | undefined
  let least = Infinity
  for (const candidate of list) {
    const allowed = Math.max(candidate.length > 3 ? 2 : 1, Math.floor(candidate.length / 3))
    // Words of too different a length need no look: a schema may have 100,000 of them.
    if (Math.abs(word.length - candidate.length) > Math.min(allowed, least)) continue
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance <= allowed && distance < least) {
      best = candidate
      least = distance
    }
  }
  return best
}

/** End of an error sentence: `; did you mean "view"?`, or nothing when no word is close. */
export function didYouMean(word: string, list: Iterable<string>): string {
  const found = closest(word, list)
  return found === undefined ? '' : `; did you mean ${JSON.stringify(found)}?`
}

/** A value as quoted in an error: JSON, cut after 60 characters. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = visible(JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** "a", "b" or "c" for sentences; long lists are cut. */
export function oneOf(list: readonly string[], most = 12): string {
  const quoted = list.slice(0, most).map((item) => JSON.stringify(item))
  if (list.length > most) return `${quoted.join(', ')} … (${list.length} in all)`
  return quoted.length > 1 ? `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}` : (quoted[0] ?? 'nothing')
}

/** "$10", "$9.98", and "$0.0042" where cents would say nothing. */
export function money(dollars: number): string {
  if (Number.isInteger(dollars)) return `$${dollars}`
  return `$${dollars < 0.01 ? dollars.toPrecision(2) : dollars.toFixed(2)}`
}

/** Words that are looked up by other people's: without it, every table would have a "constructor". */
export const tableOf = <T>(entries: Record<string, T>): Record<string, T> => Object.assign(Object.create(null) as Record<string, T>, entries)

/** Text as a part of a regular expression that matches just it, with the `u` flag too. */
export const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/** One word as a POSIX shell reads it back: bare where that is safe, else in single quotes. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Characters by which a text shows a person or a terminal something else than it is: controls, line separators, and what turns the direction of writing. */
export const deceiving = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

/** The text with these characters spelt out, as in `\u001b[2J`; with `lines`, line feeds stay. */
export function visible(text: string, { lines = false }: { lines?: boolean } = {}): string {
  return text.replace(new RegExp(deceiving, 'gu'), (found) => (found === '\n' ? (lines ? found : '\\n') : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`))
}

/** The first sentence, cut at a word; no final full stop. */
export function shorten(text: string, most: number): string {
  const sentence = text.replace(/\s+/g, ' ').trim().split(/(?<=[.;])\s/)[0]!.replace(/[.;]$/, '')
  return sentence.length <= most ? sentence : sentence.slice(0, most + 1).replace(/\s+\S*$/, '').slice(0, most)
}

/** JSON for people: what fits into a line stands in one. @param width characters a line, with its indent */
export function readableJson(value: unknown, width = 100, indent = ''): string {
  const short = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || indent.length + short.length <= width) return short
  const inside = `${indent}  `
  const items = Array.isArray(value) ? value.map((item) => readableJson(item, width, inside)) : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${readableJson(item, width, inside)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return items.length === 0 ? `${open}${close}` : `${open}\n${items.map((item) => inside + item).join(',\n')}\n${indent}${close}`
}
