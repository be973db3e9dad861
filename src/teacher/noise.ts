import type { Random } from './random.ts'

/**
 * Values are wrapped in these while a sentence is built, so that noise never touches what has to be copied.
 * They are private-use characters: nobody types them.
 */
export const guard = (value: string) => `\uE000${value}\uE001`
export const unguard = (text: string) => text.replace(/[\uE000\uE001\uE100-\uE4FF]/g, '')

/** A mark says where in a sentence thing number `index` is named; `unguard` takes it away. */
export const mark = (index: number) => String.fromCharCode(0xe100 + index)
/** The numbers marked in a text, each once, in the order of their first marks. */
export const marked = (text: string): number[] => [...new Set([...text.matchAll(/[\uE100-\uE4FF]/g)].map(([found]) => found.charCodeAt(0) - 0xe100))]

/** Applies `change` to the words outside guarded values. */
export const outsideValues = (text: string, change: (plain: string) => string) =>
  text.split(/(\uE000[^\uE001]*\uE001)/).map((part) => (part.startsWith('\uE000') ? part : change(part))).join('')

const neighbours: Record<string, string> = {
  a: 'sqz', b: 'vn', c: 'xv', d: 'sf', e: 'wr', f: 'dg', g: 'fh', h: 'gj', i: 'uo', j: 'hk', k: 'jl', l: 'k', m: 'n', n: 'bm', o: 'ip', p: 'o', q: 'wa', r: 'et', s: 'ad', t: 'ry', u: 'yi', v: 'cb', w: 'qe', x: 'zc', y: 'tu', z: 'xa',
}

/** One slip of the fingers inside a word: swap, drop, double or a neighbouring key; the first letter mostly stays. */
export function misspell(word: string, r: Random): string {
  if (word.length < 3) return word
  const i = r.chance(0.9) ? r.int(1, word.length - 2) : 0
  const at = word[i]!
  switch (r.weighted([['swap', 4], ['drop', 4], ['double', 2], ['near', 3]] as const)) {
    case 'swap': return word.slice(0, i) + word[i + 1] + at + word.slice(i + 2)
    case 'drop': return word.slice(0, i) + word.slice(i + 1)
    case 'double': return word.slice(0, i) + at + word.slice(i)
    default: return word.slice(0, i) + r.pick([...(neighbours[at.toLowerCase()] ?? at)]) + word.slice(i + 1)
  }
}

/** Misspells one word of at least five letters; `allowed` refuses misspellings that would mean something else. */
export function withTypo(text: string, r: Random, allowed: (typo: string, word: string) => boolean): string {
  const words = [...outsideValues(text, (plain) => plain).replace(/\uE000[^\uE001]*\uE001/g, (value) => ' '.repeat(value.length)).matchAll(/(?<![-\w])[a-zA-Z]{5,}/g)]
  if (words.length === 0) return text
  const { 0: word, index } = r.pick(words)
  const typo = misspell(word, r)
  return allowed(typo.toLowerCase(), word.toLowerCase()) ? text.slice(0, index) + typo + text.slice(index + word.length) : text
}

const openers = ['please', 'pls', 'hey', 'hi', 'ok', 'okay', 'so', 'quickly', 'yo', 'just', 'now', 'alright', 'um', 'plz', 'hello', 'right', 'well', 'ok so', 'hey there', 'quick one:', 'next', 'then', 'also', 'and now', 'never mind,', 'ok then', 'right so', 'cool,', 'great,', 'sorry,', 'hm,', 'actually', 'one more thing:', 'thanks!', 'good,', 'ah', 'oh,', 'no,', 'yes,', 'yeah', 'sure,']
const closers = ['please', 'pls', 'thanks', 'thx', 'for me', 'now', 'plz', 'ty', 'thank you', 'quickly', 'asap', 'real quick', 'if you can', 'ok?', 'right now', 'when you can', 'would you', 'cheers', 'then', 'instead', 'after all', 'for now', 'again', 'yes really', 'thats all', "that's it", 'if possible', 'first', 'today', 'already', 'here', 'actually', 'quick', 'i think', 'or so', 'will you', 'please and thank you']

/** A word of small talk before or after; text in front of which nothing fits stays as it is. */
export function withFiller(text: string, r: Random, closing: boolean): string {
  if (closing && r.chance(0.5)) return `${text}${r.chance(0.3) ? ',' : ''} ${r.pick(closers)}`
  const opener = r.pick(openers)
  return `${opener}${r.chance(0.25) && /\w$/.test(opener) ? ',' : ''} ${text}`
}

const contractions: [RegExp, string][] = [
  [/\bwhat is\b/gi, "what's"], [/\bi would\b/gi, "i'd"], [/\blet us\b/gi, "let's"], [/\bi am\b/gi, "i'm"], [/\bdo not\b/gi, "don't"], [/\bwant to\b/gi, 'wanna'], [/\bgive me\b/gi, 'gimme'], [/\blet me\b/gi, 'lemme'], [/\bgoing to\b/gi, 'gonna'], [/\byou\b/gi, 'u'],
]

/** Spoken short forms: gimme, wanna, what's, and apostrophes left out. */
export function contracted(text: string, r: Random): string {
  return outsideValues(text, (plain) => {
    let out = plain
    for (const [long, short] of contractions) if (r.chance(0.6)) out = out.replace(long, short)
    return r.chance(0.5) ? out.replace(/(\w)'(\w)/g, '$1$2') : out
  })
}

const shortForms: [RegExp, string[]][] = [
  [/ and /g, [' & ', ' n ', ' + ']], [/\bwith(?=[ ])/g, ['w/']], [/\bwithout\b/g, ['w/o']], [/\bincluding\b/g, ['incl.', 'incl']], [/\bbecause\b/g, ['cuz', 'bc']], [/\bplease\b/gi, ['pls', 'plz']], [/\bthanks\b/g, ['thx']],
  [/\brepository\b/g, ['repo']], [/\bdirectory\b/g, ['dir']], [/\bnamespace\b/g, ['ns']], [/\bmessages?\b/g, ['msg']],
]

/** One short form as people type it: "&", "w/", "incl."; of those that the text has words for. */
export function abbreviated(text: string, r: Random): string {
  const possible = shortForms.filter(([long]) => outsideValues(text, (plain) => plain.replace(long, '')) !== text)
  if (possible.length === 0) return text
  const [long, short] = r.pick(possible)
  return outsideValues(text, (plain) => plain.replace(long, () => r.pick(short)))
}

/** Letter case as people type it: mostly lower, a capital at the start, rarely all capitals. */
export function cased(text: string, r: Random): string {
  const capital = (value: string) => value.replace(/^[a-z]/, (letter) => letter.toUpperCase())
  switch (r.weighted([['as is', 45], ['lower', 30], ['capital', 24], ['upper', 1]] as const)) {
    case 'lower': return outsideValues(text, (plain) => plain.toLowerCase())
    case 'capital': return outsideValues(capital(text), (plain) => plain.replace(/\bi\b(?=[ '])/g, 'I'))
    case 'upper': return outsideValues(text, (plain) => plain.toUpperCase())
    default: return text
  }
}

const emoji = ['🙏', '👍', '😅', '🚀', '🙂', '🎉']

/** End of the sentence: mostly nothing; a period, a question mark after a question, rarely an exclamation mark or an emoji. */
export function punctuated(text: string, r: Random, question: boolean): string {
  if (/[.?!]$/.test(text) && !question) return text
  // Behind a value only what nobody takes for a part of it.
  if (/["'\uE001]$/.test(text) && !question) return text + r.weighted([['', 84], ['.', 12], ['!', 4]] as const)
  if (question) return r.chance(0.6) && !text.endsWith('?') ? `${text}?` : text
  const end = r.weighted([['', 80], ['.', 15], ['!', 2], ['!!', 0.5], ['...', 0.7], [' ' + r.pick(emoji), 1.2]] as const)
  return text + end
}
