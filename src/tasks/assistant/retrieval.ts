import { meant } from '../strange-words.ts'
import type { AssistantSchema, Passage, Section } from './schema.ts'
import { contentWords, isEmpty, stem, wordsIn } from './words.ts'

/** A section that a question may be about, with the passage that shares most words with it. */
export interface Hit {
  section: Section
  passage: Passage
  score: number
  /** How much of what the question says the section says too, 0 to 1, rare words counting more. */
  share: number
}

/** What a search needs to know of the sources; made once a schema. */
interface Index {
  sections: { section: Section; names: string[][]; counts: Map<string, number>; length: number }[]
  /** Inverse document frequency of each stem. */
  rarity: Map<string, number>
  usual: number
  words: Set<string>
  /** The same, and those by which questions are asked. */
  vocabulary: Set<string>
  /** Stems by which questions are asked, whatever they are about: "default", "example". */
  asking: Set<string>
}

const indexes = new WeakMap<AssistantSchema, Index>()

function indexOf(schema: AssistantSchema): Index {
  let found = indexes.get(schema)
  if (found) return found
  const sections = schema.sections.map((section) => {
    const names = section.names.map((name) => [...new Set(contentWords(name))]).filter((name) => name.length > 0)
    const counts = new Map<string, number>()
    for (const word of [...section.passages.flatMap(({ text }) => contentWords(text)), ...new Set(names.flat())]) counts.set(word, (counts.get(word) ?? 0) + 1)
    return { section, names, counts, length: [...counts.values()].reduce((sum, count) => sum + count, 0) }
  })
  const frequency = new Map<string, number>()
  for (const { counts } of sections) for (const word of counts.keys()) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  const rarity = new Map([...frequency].map(([word, count]) => [word, Math.log(1 + (sections.length - count + 0.5) / (count + 0.5))]))
  const phrases = schema.questions.flatMap(({ say, follow }) => [...say, ...follow]).map((phrase) => phrase.replace(/\{\w+\}|[()|]/g, ' '))
  const words = new Set(schema.sections.flatMap(({ names, passages }) => [...names, ...passages.map(({ text }) => text)]).flatMap(wordsIn))
  found = {
    sections, rarity, words,
    vocabulary: new Set([...words, ...phrases.flatMap(wordsIn)]),
    usual: sections.reduce((sum, { length }) => sum + length, 0) / Math.max(1, sections.length),
    // What all of it is about tells no section from another.
    asking: new Set([...phrases, schema.name].flatMap(contentWords)),
  }
  indexes.set(schema, found)
  return found
}

/** Constants of BM25 as Robertson and Zaragoza (2009) give them; a name that the question says whole counts as so many words of the text. */
const [k1, b, nameWeight] = [1.2, 0.75, 3]
/** What a word counts that questions of every kind have. */
const askingWeight = 0.25

/** Topic words of a question, misspelt ones read as the sources spell them. */
function queryOf({ words, asking }: Index, question: string): string[] {
  const asked = wordsIn(question).filter((word) => !isEmpty(word))
  return [...new Set(asked.map((word) => stem(asking.has(stem(word)) ? word : (meant(word, words) ?? word))))]
}

/** The sections that fit a question best by their words and by what they are called, the best first. */
export function search(schema: AssistantSchema, question: string, most = 3): Hit[] {
  const index = indexOf(schema)
  const query = queryOf(index, question)
  // A word that the sources lack is as rare as can be.
  const rarest = Math.log(1 + 2 * index.sections.length)
  const weight = (word: string) => (index.rarity.get(word) ?? rarest) * (index.asking.has(word) ? askingWeight : 1)
  const sumOf = (words: readonly string[]) => words.reduce((sum, word) => sum + weight(word), 0)
  const whole = sumOf(query)
  if (whole === 0) return []
  return index.sections
    .map(({ section, names, counts, length }) => {
      const inText = query.filter((word) => counts.has(word))
      const text = inText.reduce((sum, word) => sum + weight(word) * ((counts.get(word)! * (k1 + 1)) / (counts.get(word)! + k1 * (1 - b + (b * length) / index.usual))), 0)
      // Half a name is worth a quarter: what is called nothing else is meant.
      const called = Math.max(0, ...names.map((name) => sumOf(name.filter((word) => query.includes(word))) ** 2 / sumOf(name)))
      // "What is the default" is about nothing yet.
      const about = called > 0 || inText.some((word) => !index.asking.has(word))
      return { section, score: about ? text + nameWeight * called : 0, share: sumOf(inText) / whole }
    })
    .filter(({ score }) => score > 0)
    .sort((x, y) => y.score - x.score)
    .slice(0, most)
    .map((hit) => ({ ...hit, passage: nearestPassage(index, hit.section, query) }))
}

/** The passage of a section that shares most with the question beside the section's own name. */
function nearestPassage({ rarity }: Index, section: Section, query: readonly string[]): Passage {
  const shared = (passage: Passage) => {
    const words = new Set(contentWords(passage.text))
    return query.reduce((sum, word) => sum + (words.has(word) ? (rarity.get(word) ?? 0) : 0), 0)
  }
  return section.passages.map((passage) => ({ passage, score: shared(passage) })).reduce((best, each) => (each.score > best.score + 1e-9 ? each : best)).passage
}

/** Every word of the sources and of the schema's phrases, in small letters. */
export const vocabulary = (schema: AssistantSchema): Set<string> => indexOf(schema).vocabulary
