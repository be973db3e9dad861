import type { Row } from '../dataset/row.ts'
import { hash53 } from '../dataset/text.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { escapeRegExp } from '../text.ts'
import { randomFrom } from './intervals.ts'

/** Rewrites the free stretches of an instruction; values that the answer copies are not among them. */
type Rewrite = (free: Stretch[], random: () => number) => void
interface Stretch {
  text: string
  free: boolean
}

const contractions: [RegExp, string][] = [
  [/\bwhat is\b/i, "what's"], [/\bwhat's\b/i, 'what is'], [/\blet us\b/i, "let's"], [/\bi want to\b/i, 'i wanna'], [/\bi would like\b/i, "i'd like"], [/\bi'd like\b/i, 'i would like'],
  [/\bdo not\b/i, "don't"], [/\bdon't\b/i, 'do not'], [/\bi am\b/i, "i'm"], [/\bit is\b/i, "it's"], [/\bgive me\b/i, 'gimme'], [/\bgoing to\b/i, 'gonna'], [/\bcannot\b/i, "can't"], [/\bwithout\b/i, 'w/o'], [/\band\b/i, '&'],
]

/** Ways to type the same that must not change the answer. */
export const perturbations: Record<string, Rewrite> = {
  typo: inWord((word, at) => word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2)),
  'dropped letter': inWord((word, at) => word.slice(0, at) + word.slice(at + 1)),
  case: (stretches) => each(stretches, (text) => text.toUpperCase()),
  punctuation: (stretches, random) => {
    const last = stretches.at(-1)!
    last.text = /[.?!]$/.test(last.text) && last.free ? last.text.replace(/[.?!]+$/, '') : `${last.text}${['.', '!', '?'][Math.floor(random() * 3)]}`
  },
  filler: (stretches, random) => {
    const fillers = ['please ', 'hey, ', 'um ', 'ok so ', 'quickly ']
    stretches.unshift({ text: fillers[Math.floor(random() * fillers.length)]!, free: true })
  },
  contraction: (stretches) => {
    for (const stretch of stretches.filter(({ free }) => free)) {
      const found = contractions.find(([long]) => long.test(stretch.text))
      if (!found) continue
      stretch.text = stretch.text.replace(found[0], found[1])
      return
    }
  },
  quotes: (stretches) => {
    for (const stretch of stretches) stretch.text = stretch.text.replace(/"([^"]*)"/g, '\u201c$1\u201d').replace(/'/g, '\u2019')
  },
  spaces: (stretches) => {
    each(stretches, (text) => text.replace(/ /, '  '))
    stretches.unshift({ text: ' ', free: true })
    stretches.push({ text: '  ', free: true })
  },
  emoji: (stretches, random) => {
    const emojis = [' 🙏', ' 🚀', ' 👍', ' 😅']
    stretches.push({ text: emojis[Math.floor(random() * emojis.length)]!, free: true })
  },
}

/** Cases of which a typo is the very subject. */
const aboutTypos = new Set(['typo_ambiguity'])

/** The row asked otherwise, or undefined where this way changes nothing. Deterministic. */
export function perturb(name: string, family: TaskFamily, schema: unknown, row: Row): Row | undefined {
  if ((name === 'typo' || name === 'dropped letter') && aboutTypos.has(row.slice?.case ?? '')) return undefined
  const begin = name === 'filler' ? (family.wordsBegin?.(row.instruction) ?? 0) : 0
  const stretches = stretchesOf(row.instruction.slice(begin), protectedValues(family, schema, row))
  perturbations[name]!(stretches, randomFrom(hash53(`${name}\n${row.instruction}`)))
  const instruction = row.instruction.slice(0, begin) + stretches.map(({ text }) => text).join('')
  return instruction === row.instruction ? undefined : { ...row, instruction }
}

/** The row with one copied value exchanged, in the question and in the answer; undefined where none can be. Deterministic. */
export function swapValue(family: TaskFamily, schema: unknown, row: Row, others: ReadonlyMap<string, readonly string[]>): Row | undefined {
  const context = JSON.stringify(row.context)
  for (const { value, kind } of family.copiedValues(schema, row)) {
    // A value that the context holds as well would no longer say where it comes from.
    if (context.includes(value)) continue
    const random = randomFrom(hash53(`swap\n${row.instruction}\n${value}`))
    const choices = (others.get(kind) ?? []).filter((other) => other !== value && !row.instruction.includes(other) && !context.includes(other))
    const other = choices[Math.floor(random() * choices.length)]
    if (other === undefined) continue
    const stretches = stretchesOf(row.instruction, [value])
    if (!stretches.some(({ free }) => !free)) continue
    const instruction = stretches.map((stretch) => (stretch.free ? stretch.text : other)).join('')
    const output = swapLeaves(row.output, value, other)
    const swapped: Row = { ...row, instruction, output, ...(row.accepted && { accepted: row.accepted.map((accepted) => swapLeaves(accepted, value, other)) }) }
    if (output !== row.output && family.validate(schema, swapped).length === 0) return swapped
  }
  return undefined
}

/** What stands in for a copied value: the others of its kind. */
export function valuesByKind(family: TaskFamily, schema: unknown, rows: readonly Row[]): Map<string, string[]> {
  const values = new Map<string, Set<string>>()
  for (const row of rows) for (const { value, kind } of family.copiedValues(schema, row)) values.set(kind, (values.get(kind) ?? new Set()).add(value))
  return new Map([...values].map(([kind, set]) => [kind, [...set].sort()]))
}

/** Copied values, every text of the answer, and what stands in quotes. */
function protectedValues(family: TaskFamily, schema: unknown, row: Row): string[] {
  const quoted = [...row.instruction.matchAll(/"[^"]+"|`[^`]+`|\B'[^']+'\B/g)].map(([text]) => text)
  return [...quoted, ...family.copiedValues(schema, row).map(({ value }) => value), ...leavesOf(row.output)].filter((value) => value !== '')
}

function leavesOf(output: string): string[] {
  const leaves: string[] = []
  try {
    JSON.parse(output, (_key, value) => {
      if (typeof value === 'string' || typeof value === 'number') leaves.push(String(value))
      return value
    })
  } catch {
    // Free text: nothing but its copied values.
  }
  return leaves
}

function swapLeaves(output: string, value: string, other: string): string {
  try {
    return JSON.stringify(JSON.parse(output), (_key, leaf: unknown) => (String(leaf) !== value || typeof leaf === 'object' ? leaf : typeof leaf === 'number' ? Number(other) : other))
  } catch {
    return output.replaceAll(value, other)
  }
}

/** Cuts a text at whole-word occurrences of the values, the longest first. Everything with a digit or a sign of code is no free text either. */
function stretchesOf(text: string, values: readonly string[]): Stretch[] {
  let stretches: Stretch[] = [{ text, free: true }]
  for (const value of [...new Set(values)].sort((a, b) => b.length - a.length)) {
    const found = new RegExp(`(?<![\\p{L}\\p{N}_])${escapeRegExp(value)}(?![\\p{L}\\p{N}_])`, 'u')
    stretches = stretches.flatMap((stretch) => (stretch.free ? cut(stretch.text, found, value) : [stretch]))
  }
  return stretches
}

function cut(text: string, found: RegExp, value: string): Stretch[] {
  const at = found.exec(text)?.index
  if (at === undefined) return text === '' ? [] : [{ text, free: true }]
  return [...(at > 0 ? [{ text: text.slice(0, at), free: true }] : []), { text: value, free: false }, ...cut(text.slice(at + value.length), found, value)]
}

function each(stretches: Stretch[], rewrite: (text: string) => string): void {
  for (const stretch of stretches) if (stretch.free) stretch.text = rewrite(stretch.text)
}

/** Changes one word of five letters or more, neither its first nor its last letter. */
function inWord(change: (word: string, at: number) => string): Rewrite {
  return (stretches, random) => {
    const places = stretches.flatMap((stretch) => (stretch.free ? [...stretch.text.matchAll(/(?<![\p{L}\p{N}_#@/.-])[a-z]{5,}(?![\p{L}\p{N}_/-])/giu)].map((match) => ({ stretch, word: match[0], at: match.index })) : []))
    const place = places[Math.floor(random() * places.length)]
    if (!place) return
    const { stretch, word, at } = place
    const inner = 1 + Math.floor(random() * (word.length - 3))
    stretch.text = stretch.text.slice(0, at) + change(word, inner) + stretch.text.slice(at + word.length)
  }
}
