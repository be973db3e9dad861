import type { Random } from './random.ts'

/** Says one of each "(a|b)"; an empty one leaves nothing. */
export function choose(text: string, r: Random): string {
  let out = text
  for (let before = ''; before !== out;) {
    before = out
    out = out.replace(/\(([^()]*\|[^()]*)\)/, (_match, inside: string) => r.pick(inside.split('|')))
  }
  return out.replace(/ {2,}/g, ' ').trim()
}
