import type { TaskFamily } from '../tasks/family.ts'
import type { Corpus } from './corpus.ts'
import { gramsOf, jaccard } from './grams.ts'
import { eachWithProgress } from './hooks.ts'
import type { Hooks } from './hooks.ts'
import { similarPairs } from './similar.ts'
import type { Row } from './row.ts'
import { fold } from './text.ts'

export interface RemovedRow {
  index: number
  why: 'exact duplicate' | 'near duplicate' | 'contradiction'
  /** The row that stays, or the one it contradicts. */
  because: number
}

export interface Duplicates {
  /** Ascending indices into the corpus. */
  kept: number[]
  removed: RemovedRow[]
}

/** How much a row outweighs others of its question: a person's correction is the last word, and what people wrote counts for more than what was made, however often that was. */
const weight = ({ source, rejected }: Row): number => (rejected !== undefined ? 2 : source === 'import' || source === 'hand' ? 1 : 0)

/** Similarity of two paraphrases with one answer from which the second teaches nothing. */
export const nearThreshold = 0.9

/**
 * Takes out what is there twice and what is answered in two ways.
 * Questions are compared folded; two that differ only in case keep answers that differ only in case ("label Bug", "label bug").
 * A question with two answers keeps a correction's, else people's, else the majority's if that has at least two rows and twice as many as the next; otherwise all its rows go.
 * Near-duplicates (fingerprint and whole question ≥ threshold, same completion) leave their first row.
 */
export async function findDuplicates({ family, schema, corpus, threshold = nearThreshold }: { family: TaskFamily; schema: unknown; corpus: Corpus; threshold?: number }, hooks: Hooks = {}): Promise<Duplicates> {
  const removed: RemovedRow[] = []
  const gone = new Uint8Array(corpus.rows.length)
  const remove = (index: number, why: RemovedRow['why'], because: number) => {
    if (gone[index]) return
    gone[index] = 1
    removed.push({ index, why, because })
  }

  const byQuestion = new Map<string, number | number[]>()
  await eachWithProgress('finding doubled questions', corpus.rows.length, hooks, (index) => {
    const key = fold(corpus.questions[index]!)
    const group = byQuestion.get(key)
    if (group === undefined) byQuestion.set(key, index)
    else if (typeof group === 'number') byQuestion.set(key, [group, index])
    else group.push(index)
  })
  for (const group of byQuestion.values()) {
    if (typeof group === 'number') continue
    for (const same of differingInCaseOnly(corpus, group) ?? [group]) settle(same)
  }
  byQuestion.clear()

  function settle(group: readonly number[]) {
    const weightOf = (index: number) => weight(corpus.rows[index]!)
    const answers = answersOf(family, schema, corpus, group).sort((a, b) => b.length - a.length)
    const heaviest = group.reduce((most, index) => Math.max(most, weightOf(index)), 0)
    const [most, next] = answers.filter((answer) => answer.some((index) => weightOf(index) === heaviest))
    if (!most) return
    const clear = !next || (most.length >= 2 && most.length >= 2 * next.length)
    for (const answer of answers) {
      if (clear && answer === most) continue
      for (const index of answer) remove(index, 'contradiction', (answer === most ? next : most)![0]!)
    }
    if (!clear) return
    const stays = most.find((index) => weightOf(index) === heaviest)!
    for (const index of most) if (index !== stays) remove(index, 'exact duplicate', stays)
  }

  const left = []
  for (let index = 0; index < gone.length; index++) if (!gone[index]) left.push(index)
  await similarPairs({
    grams: gramsOf(corpus.texts),
    among: left,
    of: left,
    threshold,
    once: true,
    message: 'finding near-duplicates',
    onMatch(query, row) {
      if (gone[row] || corpus.completions[query] !== corpus.completions[row]) return true
      if (jaccard(corpus.questions[query]!, corpus.questions[row]!) < threshold) return true
      remove(query, 'near duplicate', row)
      return false
    },
  }, hooks)

  return { kept: left.filter((index) => !gone[index]), removed: removed.sort((a, b) => a.index - b.index) }
}

/** Rows of one folded question grouped by equal answers, each group in row order. */
function answersOf(family: TaskFamily, schema: unknown, corpus: Corpus, group: readonly number[]): number[][] {
  const byCompletion = new Map<string, number[]>()
  for (const index of group) {
    const completion = corpus.completions[index]!
    const known = byCompletion.get(completion)
    if (known) known.push(index)
    else byCompletion.set(completion, [index])
  }
  const answers: number[][] = []
  for (const [completion, indices] of byCompletion) {
    const equal = answers.find((answer) => family.score(schema, completion, corpus.rows[answer[0]!]!).equivalent)
    if (equal) equal.push(...indices)
    else answers.push(indices)
  }
  return answers.map((answer) => answer.sort((a, b) => a - b))
}

/** The group by exact question, when questions and answers alike differ in nothing but case; otherwise undefined. */
function differingInCaseOnly(corpus: Corpus, group: readonly number[]): number[][] | undefined {
  const completions = new Set(group.map((index) => corpus.completions[index]!))
  if (completions.size === 1 || new Set([...completions].map((completion) => completion.toLowerCase())).size > 1) return undefined
  return [...Map.groupBy(group, (index) => corpus.questions[index]!).values()]
}
