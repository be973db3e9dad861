import type { TaskFamily } from '../tasks/family.ts'
import type { Corpus } from './corpus.ts'
import { findDuplicates, nearThreshold } from './duplicates.ts'
import { gramsOf, jaccard } from './grams.ts'
import type { Hooks } from './hooks.ts'
import { similarPairs } from './similar.ts'
import { heldOutNames, leakThreshold, type Split } from './split.ts'
import { fold } from './text.ts'

interface Joining {
  family: TaskFamily
  schema: unknown
  /** The rows that were split, and how. */
  corpus: Corpus
  split: Split
  /** Folded texts of hand-written rows. */
  golden: readonly string[]
  /** Rows that a further round wrote, and variants of imported ones. */
  added: Corpus
}

/** A row that does not join; `reason` is what such rows are counted by. */
export interface Refused {
  index: number
  reason: 'exact duplicate' | 'near duplicate' | 'contradiction' | 'intent of a held-out row' | 'near a held-out row' | 'near a hand-written row'
  why: string
}

/**
 * Which added rows join the training split, ascending, and why the others do not. Nothing that is there moves: what shares an intent with
 * a held-out row, reads like one or like a hand-written one, or asks what is asked already, is left out.
 */
export async function joining({ family, schema, corpus, split, golden, added }: Joining, hooks: Hooks = {}): Promise<{ kept: number[]; refused: Refused[] }> {
  const refused = new Map<number, Refused>()
  const refuse = (index: number, reason: Refused['reason'], why: string) => {
    if (!refused.has(index)) refused.set(index, { index, reason, why })
    return false
  }
  const alone = await findDuplicates({ family, schema, corpus: added }, hooks)
  for (const { index, why } of alone.removed) refuse(index, why, `${why} of another added row`)

  const heldOut = heldOutNames.flatMap((name) => split.rows[name])
  const intents = new Set(heldOut.map((index) => corpus.intents[index]!))
  const asked = new Map(corpus.questions.map((question, index) => [fold(question), corpus.completions[index]!]))
  for (const index of alone.kept) {
    const answered = asked.get(fold(added.questions[index]!))
    if (answered !== undefined) refuse(index, answered === added.completions[index] ? 'exact duplicate' : 'contradiction', 'is asked already')
    else if (intents.has(added.intents[index]!)) refuse(index, 'intent of a held-out row', 'has the intent of a held-out row')
  }

  // One numbering for all texts: the rows that were split, the hand-written ones, the added ones.
  const before = corpus.texts.length + golden.length
  const grams = gramsOf([...corpus.texts, ...golden, ...added.texts])
  const left = () => alone.kept.filter((index) => !refused.has(index)).map((index) => before + index)
  const handWritten = golden.map((_, index) => corpus.texts.length + index)
  await similarPairs({ grams, among: [...heldOut, ...handWritten], of: left(), threshold: leakThreshold, message: 'keeping neighbours out of training', onMatch: (query, row, similarity) =>
    refuse(query - before, row < corpus.texts.length ? 'near a held-out row' : 'near a hand-written row', `reads like a ${row < corpus.texts.length ? 'held-out' : 'hand-written test'} row (similarity ${similarity.toFixed(2)})`) }, hooks)
  await similarPairs({ grams, among: split.rows.train, of: left(), threshold: nearThreshold, message: 'finding near-duplicates', onMatch: (query, row) =>
    // The same words beside another context are another question.
    added.completions[query - before] !== corpus.completions[row] || jaccard(added.questions[query - before]!, corpus.questions[row]!) < nearThreshold || refuse(query - before, 'near duplicate', `near duplicate of ${corpus.rows[row]!.id}`) }, hooks)
  return { kept: alone.kept.filter((index) => !refused.has(index)), refused: [...refused.values()] }
}
