import { z } from 'zod'
import { augmentationOf } from '../augment/section.ts'
import { gatesOf } from '../gates.ts'

/** Names of kinds of questions and of groups; the former become the last part of a passage's id. */
const Name = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/)
const Text = z.string().min(1).max(2_000)
const Phrases = z.array(z.string().min(1).max(500)).max(500)
/** Paths under the folder, with slashes. */
const Paths = z.array(z.string().min(1).max(500)).max(1_000)

/** Which passages answer a kind of question: by their form, by words in them, or by their place in the section. */
export const takes = ['cues', 'signature', 'example', 'first', 'rest'] as const

/** A kind of question: what its passages look like, and how it is asked. */
export const Question = z.strictObject({
  asks: Name,
  takes: z.enum(takes).default('cues'),
  cues: Phrases.default([]).describe('Words by which a passage is known to answer it: "turn it off", or "^never" at its beginning'),
  say: Phrases.min(1).describe('How it is asked of a {topic}, or of a {problem} (a heading that is a symptom); of "(a|b)" one is said'),
  follow: Phrases.default([]).describe('How it is asked of what was spoken of last: "and how do i turn it off"'),
  only: z.enum(['functions', 'texts']).optional().describe('Asked only of functions, or only of sections of text'),
})

export const Group = z.strictObject({ description: Text.optional(), files: Paths.min(1).describe('Files, or folders of them') })

/** Words that several topics share. */
export const Ambiguous = z.strictObject({
  topics: z.array(Text).min(2).max(3).describe('Headings to choose from'),
  say: Phrases.min(1),
})

/** A document as it stands in the schema once the folder was read. */
export const Document = z.strictObject({ file: z.string(), text: z.string() })

/** Figures of score.ts that a schema may bound. */
export const figures = {
  groundedness: 'groundedness', right_and_grounded: 'right and grounded', right_topic: 'right topic', asked_back: 'asked back', wrongly_asked_back: 'wrongly asked back',
  refused: 'refused what is not in the sources', wrongly_refused: 'wrongly refused', wrongly_answered: 'answered when it should not', rouge_l: 'ROUGE-L', bleu: 'BLEU', chrf: 'chrF',
} as const
export const Gates = gatesOf(figures)

export const LeftOut = z.strictObject({
  file: z.string(),
  why: z.string(),
  behind: z.int().min(1).optional().describe('So many files behind it, in the order of their names, are left out for the same reason'),
})

export const AssistantYaml = z.strictObject({
  kind: z.literal('assistant'),
  name: z.string().min(1).max(63).describe('What the questions are about'),
  description: Text.optional(),
  answers: z.enum(['quotes', 'free']).default('quotes').describe('quotes: one to three passages of the sources, word for word; free: own words, each sentence covered by a passage (for large bases)'),
  sources: z.strictObject({
    folder: z.string().min(1).max(500).describe('Folder of Markdown, text and Elixir, relative to this file'),
    symptoms: Paths.default([]).describe('Files whose headings are symptoms: "The node does not start"'),
    logs: Paths.default([]).describe('JSONL files of interactions, or folders of them, relative to this file: read at the start of every train'),
    held_out: Paths.default([]).describe('Files that are never learned from: questions about them must be refused'),
  }),
  groups: z.record(Name, Group),
  questions: z.array(Question).min(1).max(60).describe('In the order in which a passage is asked whether it answers them'),
  general: Phrases.default([]).describe('How a passage is asked for by {words} of its own'),
  terms: z.record(z.string(), Phrases).default({}).describe('Headings, and what else people call them'),
  ambiguous: z.record(Name, Ambiguous).default({}),
  refusals: z.strictObject({
    off_topic: Phrases.default([]).describe('Requests about the world, beside the built-in ones'),
    not_in_sources: Phrases.default([]).describe('Questions of the domain that the sources do not answer'),
  }).default({ off_topic: [], not_in_sources: [] }),
  gates: Gates.optional(),
  augmentation: augmentationOf(['phrasing']).optional(),
  documents: z.array(Document).optional().describe('Written by Clitron when it reads the folder: the schema then holds all it needs'),
  left_out: z.array(LeftOut).optional().describe('Written by Clitron: files of the folder that were not read'),
})
export type AssistantYaml = z.output<typeof AssistantYaml>
export type Question = z.output<typeof Question>
export type Ambiguous = z.output<typeof Ambiguous>

/** A piece of the sources that can be quoted. */
export interface Passage {
  /** `docs/memory/memory-decay/off`: document, section, the kind of question it answers. It stays when other passages change. */
  id: string
  asks: string
  text: string
  file: string
  /** 1-based. */
  line: number
}

/** What stands under one heading, or of one function. */
export interface Section {
  /** `docs/memory/memory-decay` */
  id: string
  heading: string
  group: string
  sort: 'text' | 'function' | 'symptom'
  /** What people call it, the heading's own words first. */
  names: string[]
  passages: Passage[]
}

export interface AssistantSchema extends Omit<AssistantYaml, 'documents' | 'sources'> {
  sections: Section[]
  /** Files that nothing is learned from. */
  heldOut: string[]
  /** Interactions beside the schema, files and folders. */
  logs: string[]
  files: string[]
}

const passagesOf = new WeakMap<AssistantSchema, Map<string, Passage>>()

export function findPassage(schema: AssistantSchema, id: string): Passage | undefined {
  let found = passagesOf.get(schema)
  if (!found) passagesOf.set(schema, (found = new Map(schema.sections.flatMap(({ passages }) => passages.map((passage) => [passage.id, passage])))))
  return found.get(id)
}

/** The section a passage stands in, as the path says it. */
export const sectionOf = (id: string): string => id.slice(0, id.lastIndexOf('/'))
export const findSection = (schema: AssistantSchema, id: string): Section | undefined => schema.sections.find((section) => section.id === id)

/** At most so many passages make an answer. */
export const mostQuotes = 3

/** What a section answers to a kind of question, in its order. */
export const answerTo = (section: Section, asks: string): Passage[] => section.passages.filter((passage) => passage.asks === asks).slice(0, mostQuotes)

/** The kinds of questions that a section answers, in the schema's order. */
export const asksOf = (schema: AssistantSchema, section: Section): Question[] => schema.questions.filter(({ asks }) => section.passages.some((passage) => passage.asks === asks))
