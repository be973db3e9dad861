import type { AssistantSchema, Passage } from './schema.ts'
import { sentences } from './sentences.ts'
import { contentWords, isEmpty, stem, wordsIn } from './words.ts'

/** Share of a sentence's content words that one passage must have; its numbers and names must all be there. */
const leastCovered = 0.8

export interface Groundedness {
  /** Share of the sentences that one passage covers each, 0 to 1; 1 without sentences. */
  share: number
  /** The others. */
  uncovered: string[]
}

/**
 * Is each claim found in the sources? A sentence is covered when one passage has 80% of its content words (their stems) and every one of its
 * numbers and names (code, words with a capital inside the sentence). One passage, since words from several can be put together to anything.
 */
export function groundedness(schema: AssistantSchema, answer: string): Groundedness {
  const all = sentences(answer)
  const uncovered = all.filter((sentence) => !coveringPassage(schema, sentence))
  return { share: all.length ? 1 - uncovered.length / all.length : 1, uncovered }
}

interface Known { passage: Passage; words: Set<string>; exact: Set<string> }
const known = new WeakMap<AssistantSchema, Known[]>()

function passages(schema: AssistantSchema): Known[] {
  let found = known.get(schema)
  if (!found) {
    // "It is 0.72" says it of the heading it stands under.
    found = schema.sections.flatMap(({ names, passages: list }) => list.map((passage) => ({ passage, words: new Set([...contentWords(passage.text), ...names.flatMap(contentWords)]), exact: new Set([...wordsIn(passage.text), ...wordsIn(names.join(' '))]) })))
    known.set(schema, found)
  }
  return found
}

/** The passage that covers a sentence best, if any does. */
export function coveringPassage(schema: AssistantSchema, sentence: string): Passage | undefined {
  const words = [...new Set(contentWords(sentence))]
  const strict = strictWords(sentence)
  if (words.length === 0) return undefined
  const scored = passages(schema)
    .filter(({ exact }) => strict.every((word) => exact.has(word)))
    .map(({ passage, words: own }) => ({ passage, share: words.filter((word) => own.has(word)).length / words.length }))
  const best = scored.reduce((before: (typeof scored)[number] | undefined, each) => (!before || each.share > before.share ? each : before), undefined)
  return best && best.share >= leastCovered ? best.passage : undefined
}

/** Numbers and names of a sentence, in small letters. */
function strictWords(sentence: string): string[] {
  const numbers = sentence.match(/\d[\d.,]*\d|\d/g) ?? []
  const code = [...sentence.matchAll(/`([^`]+)`/g)].flatMap((match) => wordsIn(match[1]!))
  const names = [...sentence.matchAll(/(?<=[\p{Ll}\p{N},;:"'`)] )\p{Lu}[\p{L}\p{N}_]*/gu)].map((match) => match[0].toLowerCase()).filter((word) => !isEmpty(word) && stem(word) !== '')
  return [...numbers.map((number) => number.replace(/[.,]+$/, '')), ...code, ...names]
}
