import { choose } from '../../teacher/choose.ts'
import { contracted, outsideValues } from '../../teacher/noise.ts'
import type { Random } from '../../teacher/random.ts'
import { escapeRegExp } from '../../text.ts'

/** How often words of these stand in the text as whole words, the longest of two that begin alike. */
export const timesSaid = (text: string, words: readonly string[]): number =>
  [...text.matchAll(new RegExp(`(?<![\\w'-])(?:${[...words].sort((a, b) => b.length - a.length).map(escapeRegExp).join('|')})(?![\\w'-])`, 'gi'))].length

/** The words without those that only stand in the text as a part of others of them: "pull" where "pull request" is said. */
export const longestSaid = (text: string, words: readonly string[]): readonly string[] =>
  words.filter((each) => !words.some((other) => other !== each && timesSaid(other, [each]) > 0 && timesSaid(text, [other]) > 0))

const small = /^(?:an?|the|each|every|as|at|about|by|for|from|in|into|of|on|onto|out|to|under|up|with|without)$/

/** Words that mean the same by those that fit the same sentence: "commas" is no "a comma", nor "review" "do a review of". */
export function alike(words: readonly string[]): string[][] {
  const edge = (word: string | undefined) => (small.test(word ?? '') ? word : '')
  const plain = words.filter((each) => /^[A-Za-z]/.test(each) && !each.includes('{'))
  return [...Map.groupBy(plain, (each) => [edge(each.split(' ')[0]), edge(each.split(' ').at(-1))].join('/')).values()]
}

/** Words that lead to a value ("assigned to") as a group for `withSynonym`, if one of them stands right before one of these values and none elsewhere. */
export function leading(text: string, words: readonly string[], values: readonly string[]): readonly string[] {
  const plain = words.filter((each) => /^[A-Za-z]/.test(each) && !each.includes('{'))
  const behind = values.some((value) => plain.some((each) => new RegExp(`(?<![\\w'-])${escapeRegExp(each)} ["'\`#]?\uE000${escapeRegExp(value)}\uE001`, 'i').test(text)))
  return behind && timesSaid(text, plain) === 1 ? plain : []
}

/** A text whose values are guarded (teacher/noise.ts) with one word or verb phrase said otherwise, by another of a group that has it; undefined where no group has any. */
export function withSynonym(text: string, groups: readonly (readonly string[])[], r: Random): string | undefined {
  const alone = (words: string) => new RegExp(`(?<![\\w'-])${escapeRegExp(words)}(?![\\w'-])`, 'i')
  const said = groups.filter((group) => new Set(group.map((words) => words.toLowerCase())).size > 1).flatMap((group) => group.flatMap((words) => (alone(words).test(text) ? [{ words, group }] : [])))
  // "show" within "show me" would become "display me".
  const whole = longestSaid(text, said.map(({ words }) => words))
  const found = said.filter(({ words }) => whole.includes(words))
  if (found.length === 0) return undefined
  const { words, group } = r.pick(found)
  const instead = r.pick(group.filter((each) => each.toLowerCase() !== words.toLowerCase()))
  let done = false
  const changed = outsideValues(text, (plain) => plain.replace(alone(words), (old) => {
    if (done) return old
    done = true
    return choose(instead, r)
  }))
  return done ? changed : undefined
}

/** Where a detail begins that may as well stand first: a small word, perhaps another, and a value. */
const joint = /\s(?=(?:on|in|with|using|for|at|from|as|via|under|within|of)(?: (?!to )[a-z]+){0,2} \uE000)/

const lowered = (text: string) => text.replace(/^[A-Z](?=[a-z]+ )/, (letter) => letter.toLowerCase())

/** The last detail said first: "with haiku, start agent scout"; undefined where none stands behind a request of one part, with so many words before it. */
export function withDetailFirst(text: string, r: Random, least = 2): string | undefined {
  if (/[,:;]/.test(text)) return undefined
  const core = text.replace(/[.?!]+$/, '')
  const parts = core.split(joint)
  if (parts.length < 2 || parts[0]!.split(' ').length < least) return undefined
  const at = parts.length === 2 ? 1 : r.int(1, parts.length - 1)
  return `${parts.slice(at).join(' ')}${r.pick([', ', ', ', ' '])}${lowered(parts.slice(0, at).join(' '))}`
}

/** Tones of a request: formal, curt, chatty, or as somebody who is in a hurry. The latter two may say something behind it. */
export const tones = ['formal', 'curt', 'chatty', 'hurry'] as const
export type Tone = (typeof tones)[number]

/** The same request in another tone, one of these. */
export function inTone(text: string, r: Random, of: readonly Tone[] = tones): string {
  const core = text.replace(/[.!]+$/, '').replace(/^[A-Z](?=[a-z']* )/, (letter) => letter.toLowerCase())
  switch (r.pick(of)) {
    case 'formal': return `${r.pick(['I would be grateful for this:', 'May I ask for the following:', 'As requested by the team:', 'Kindly note:', 'Would you be so kind:'])} ${core}${core.endsWith('?') ? '' : '.'}`
    case 'curt': return outsideValues(core, (plain) => plain.replace(/\b(please|kindly|could you|can you|would you|i'd like to|i want to|i need to|the|a|an) /gi, ''))
    case 'chatty': return contracted(`${r.pick(['hey,', 'so,', 'ok,', 'hi there,', 'right,', 'alright,'])} ${core}${r.pick([', thanks a lot', ', would be great', ', cheers', ' if you have a minute', ''])}`, r)
    default: return `${core}${r.pick([' - now', ' asap', ' quick', ', hurry', ' right away', ' immediately'])}`
  }
}
