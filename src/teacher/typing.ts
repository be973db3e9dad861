import { abbreviated, cased, contracted, outsideValues, punctuated, unguard, withFiller, withTypo } from './noise.ts'
import type { Random } from './random.ts'

export interface Typing {
  /** It asks: a question mark may follow. */
  question: boolean
  /** How it is said: "casual" slips most, "precise" hardly, "command line" keeps its form. */
  phrasing: string
  /** Fillers would say something where there is nothing else. */
  fillers: boolean
  /** Slips of the fingers; none where they are what the row is about. */
  slips: boolean
  /** Words that mean something: no slip may make one of another. */
  known: ReadonlySet<string>
}

/** A sentence as people type it: slips, fillers, short forms, case and punctuation. What is guarded stays as it is. */
export function asTyped(text: string, { question, phrasing, fillers, slips, known }: Typing, r: Random): string {
  const commandLine = phrasing === 'command line'
  const casual = phrasing === 'casual'
  let out = text
  if (!commandLine && phrasing !== 'precise') {
    if (r.chance(casual ? 0.45 : 0.13) && fillers) out = withFiller(out, r, !out.endsWith('\uE001') && !question)
    if (r.chance(casual ? 0.5 : 0.12)) out = contracted(out, r)
    else if (r.chance(0.3)) out = outsideValues(out, (plain) => plain.replace(/\b(what|that|it|who|how|there|don|won|doesn|isn|i)'(s|t|m)\b/g, '$1$2'))
    if (r.chance(casual ? 0.2 : 0.06)) out = abbreviated(out, r)
  }
  const slip = casual ? 0.4 : phrasing === 'precise' ? 0.05 : commandLine ? 0.06 : 0.2
  if (slips && r.chance(slip)) out = withTypo(out, r, (typo, word) => !known.has(typo) && ![...known].some((other) => other !== word && other.length > 2 && oneSlip(typo, other)))
  if (commandLine) return unguard(out)
  if (phrasing !== 'precise') out = cased(out, r)
  return unguard(punctuated(out, r, question)).replace(/ {2,}/g, ' ').trim()
}

/** Whether the edit distance is at most 1: a long vocabulary is gone through for every slip of the fingers. */
export function oneSlip(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (long.length - short.length > 1) return false
  let i = 0
  while (i < short.length && short[i] === long[i]) i++
  if (short.length < long.length) return short.slice(i) === long.slice(i + 1)
  return short.slice(i + 1) === long.slice(i + 1) || (short[i] === long[i + 1] && short[i + 1] === long[i] && short.slice(i + 2) === long.slice(i + 2))
}
