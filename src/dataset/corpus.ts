import type { TaskFamily } from '../tasks/family.ts'
import { eachWithProgress } from './hooks.ts'
import type { Hooks } from './hooks.ts'
import type { Row } from './row.ts'
import { fold } from './text.ts'
import { wordingOf } from './wording.ts'

/** Accepted rows with the texts by which they are compared; index `i` is the same row everywhere. */
export interface Corpus {
  rows: readonly Row[]
  /** What the model is asked: instruction and context, as rendered by the family. Two answers to one question contradict. */
  questions: string[]
  /** Folded fingerprint: what near-duplicates across splits are found by. */
  texts: string[]
  /** Question with its copied values blanked, where it has any. */
  wordings: (string | undefined)[]
  completions: string[]
  /** Lineage; a row without one is its own. */
  intents: string[]
}

export async function corpusOf(family: TaskFamily, schema: unknown, rows: readonly Row[], hooks: Hooks = {}): Promise<Corpus> {
  const corpus: Corpus = { rows, questions: [], texts: [], wordings: [], completions: [], intents: [] }
  await eachWithProgress('reading rows', rows.length, hooks, (index) => {
    const row = rows[index]!
    const text = fold(family.fingerprint(schema, row))
    corpus.questions.push(family.userText(schema, row.instruction, row.context))
    corpus.texts.push(text)
    corpus.wordings.push(wordingOf(family, schema, row))
    corpus.completions.push(family.completion(schema, row.output))
    corpus.intents.push(row.intent ?? `text:${text}`)
  })
  return corpus
}
