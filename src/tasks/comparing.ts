import type { Row } from '../dataset/row.ts'
import type { Score } from './family.ts'
import { shuffle } from './shuffle.ts'

/** How one kind of task compares its answers, under one schema. */
export interface Comparison<A> {
  /** The answer in a string, as far as it can be read. */
  read(output: string): A | undefined
  isAllowed(answer: A): boolean
  /** Equal strings are equivalent answers. */
  signature(answer: A): string
}

/** The answers that are right for a row, the row's own first. */
const rightOf = <A>({ read }: Comparison<A>, row: Row): A[] => [row.output, ...(row.accepted ?? [])].flatMap((output) => read(output) ?? [])

/** The ladder valid → allowed → equivalent; `nameError` says how an answer differs from the right one. */
export function scoreBy<A>(by: Comparison<A>, predicted: string, row: Row, nameError: (answer: A, truth: A) => string): Score {
  const answer = by.read(predicted)
  if (answer === undefined) return { valid: false, allowed: false, equivalent: false, error: 'not JSON' }
  const allowed = by.isAllowed(answer)
  const right = rightOf(by, row)
  if (allowed && right.some((truth) => by.signature(truth) === by.signature(answer))) return { valid: true, allowed, equivalent: true }
  return { valid: true, allowed, equivalent: false, error: right[0] === undefined ? 'not JSON' : nameError(answer, right[0]) }
}

const mostMisses = 8

/** Of the candidates beside a row's answer those that are allowed and equivalent neither to a right one nor to each other, some of them; `salt` picks which. */
export function missesOf<A>(by: Comparison<A>, row: Row, salt: number, beside: (truth: A) => A[]): A[] {
  const right = rightOf(by, row)
  const truth = right[0]
  if (truth === undefined || !by.isAllowed(truth)) return []
  const taken = new Set(right.map(by.signature))
  const misses: A[] = []
  for (const answer of shuffle(beside(truth), salt)) {
    if (!by.isAllowed(answer)) continue
    const known = by.signature(answer)
    if (taken.has(known)) continue
    taken.add(known)
    misses.push(answer)
    if (misses.length === mostMisses) break
  }
  return misses
}
