import type { Random } from '../../../teacher/random.ts'

/** What `\d`, `\w`, `\s` and `.` stand for in made-up values. */
const classes: Record<string, string> = { d: '0123456789', w: 'abcdefghijklmnopqrstuvwxyz0123456789', s: ' ', '.': 'abcdefghijklmnopqrstuvwxyz' }
/** So often is repeated what may be repeated without end. */
const mostRepeats = 6

/** A text that a plain regular expression matches: literals, classes, groups, alternatives, repetitions. Anything else gives a text that may well not match. */
export function likePattern(pattern: string, r: Random): string {
  let at = 0
  const alternatives = (): (() => string) => {
    const options = [sequence()]
    while (pattern[at] === '|') {
      at++
      options.push(sequence())
    }
    return () => r.pick(options)()
  }
  const sequence = (): (() => string) => {
    const parts: (() => string)[] = []
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') parts.push(repeated(atom()))
    return () => parts.map((part) => part()).join('')
  }
  const atom = (): (() => string) => {
    const sign = pattern[at++]!
    if (sign === '^' || sign === '$') return () => ''
    if (sign === '(') {
      at += /^\?(?::|<\w+>)/.exec(pattern.slice(at))?.[0].length ?? 0
      const inside = alternatives()
      at++
      return inside
    }
    const letters = sign === '[' ? inClass() : sign === '\\' ? (classes[pattern[at++]!] ?? pattern[at - 1]!) : sign === '.' ? classes['.']! : sign
    return () => r.pick([...(letters || '-')])
  }
  const inClass = (): string => {
    const [whole, not, inner = ''] = /^(\^?)((?:\\.|[^\]\\])*)\]/.exec(pattern.slice(at)) ?? ['', '', '']
    at += whole.length
    const letters = inner.replace(/\\([dws])/g, (_, name: string) => classes[name]!).replace(/\\(.)/g, '$1').replace(/(.)-(.)/g, (_, from: string, to: string) => String.fromCharCode(...Array.from({ length: Math.max(0, to.charCodeAt(0) - from.charCodeAt(0)) + 1 }, (_each, i) => from.charCodeAt(0) + i)))
    return not ? [...classes.w!].filter((letter) => !letters.includes(letter)).join('') : letters
  }
  const repeated = (part: () => string): (() => string) => {
    const [sign, low, comma, high] = /^(?:[?*+]|\{(\d+)(,?)(\d*)\})/.exec(pattern.slice(at)) ?? ['']
    at += sign.length
    if (sign === '') return part
    if (pattern[at] === '?') at++
    const least = low === undefined ? (sign === '+' ? 1 : 0) : Number(low)
    const most = low === undefined ? (sign === '?' ? 1 : mostRepeats) : comma === '' ? least : high ? Number(high) : least + mostRepeats
    return () => Array.from({ length: r.int(least, Math.min(most, least + 40)) }, part).join('')
  }
  return alternatives()()
}
