import type { TaskFamily } from '../family.ts'
import { readGates } from '../gates.ts'
import { moreLike, wantedBy } from '../more-like.ts'
import { normalise } from '../normalise.ts'
import { answers, isClarification, isFree, isQuotes, isRefusal, readAnswer } from './answer.ts'
import { caseOf, completion, spoken } from './completion.ts'
import { coverable, coverage } from './coverage.ts'
import { doubts } from './doubts.ts'
import { evidence } from './evidence.ts'
import { fromForeign } from './foreign.ts'
import { gather } from './gather.ts'
import { grammar } from './grammar.ts'
import { lastQuoted, withLastQuestion } from './history.ts'
import { nearMisses } from './near-misses.ts'
import { writeOffline } from './offline.ts'
import { outputSchema } from './output-schema.ts'
import { parse } from './parse.ts'
import { pieces } from './pieces.ts'
import { plan, usualCount } from './plan.ts'
import { search } from './retrieval.ts'
import { figures, findPassage, findSection, type AssistantSchema } from './schema.ts'
import { metrics, score } from './score.ts'
import { fromTeacher, teacherRequest } from './teacher.ts'
import { otherReading, systemText, userText } from './user-text.ts'
import { validate } from './validate.ts'
import { variations } from './variations.ts'

/** A search refuses what it finds less of than this share of a question's words. */
const leastShare = 0.4

/** Questions about a domain to answers that stand in its documents, each shown with its file and line. */
export const assistant: TaskFamily<AssistantSchema> = {
  kind: 'assistant',
  slices: ['group', 'case', 'turns', 'asks', 'phrasing'],
  gather,
  parse,
  describe: (schema) => ({
    title: schema.description ?? `Questions about ${schema.name}`,
    counts: {
      documents: schema.files.length - schema.heldOut.length, sections: schema.sections.length, passages: schema.sections.reduce((sum, { passages }) => sum + passages.length, 0),
      ...(schema.heldOut.length > 0 && { 'documents held out': schema.heldOut.length }), ...(schema.left_out && { 'files left out': schema.left_out.reduce((sum, { behind = 0 }) => sum + 1 + behind, 0) }),
    },
  }),
  notes: (schema) => (schema.left_out ?? []).map(({ file, why, behind }) => (behind ? `${file} and ${behind} files behind it are left out: ${why}.` : `${file} is left out: ${why}.`)),
  logs: ({ logs }) => logs,
  plan,
  usualCount,
  teacherRequest,
  fromTeacher,
  writeOffline,
  // What is confused stands in one section; a group has many.
  reinforce: (_schema, outcomes, options) => moreLike(wantedBy(['topic', 'case'], outcomes), options),
  validate,
  fromForeign,
  // The same words after another answer are another question.
  fingerprint: (schema, row) => [normalise(row.instruction).toLowerCase(), ...lastQuoted(schema, row.context).map(({ id }) => id)].join(' '),
  coverage,
  coverable,
  // Nothing of a question stands in an answer: ids are all that an answer has.
  copiedValues: () => [],
  nearMisses,
  userText,
  systemText,
  completion,
  target: completion,
  grammar,
  doubts,
  otherReading,
  outputSchema,
  pieces,
  score,
  metrics,
  evidence,
  gates: ({ gates }) => readGates(figures, gates),
  variations,
  augmentation: ({ augmentation }) => augmentation,
  answer: (schema, text, confidence) => {
    const { answer } = readAnswer(text)
    if (!answer) return { response: 'The model gave no readable answer.', confidence }
    if (isClarification(answer)) return { ...answer, confidence }
    if (isRefusal(answer)) return { response: spoken(schema, answer), refusal: answer.refusal, confidence }
    if (isFree(answer)) return { response: answer.answer, confidence }
    const sources = answer.quotes.flatMap((id) => findPassage(schema, id) ?? []).map(({ id, text: words, file, line }) => ({ id, text: words, file, line }))
    return { response: sources.map(({ text: words }) => words).join(sources.some(({ text: words }) => words.includes('\n')) ? '\n' : ' '), sources, confidence }
  },
  // An answer may be given without asking; there is nothing to run.
  executable: (schema, text) => {
    const { answer } = readAnswer(text)
    return answer !== undefined && answers(answer) && (isFree(answer) || (isQuotes(answer) && answer.quotes.every((id) => findPassage(schema, id))))
  },
  clarificationCase: (_schema, text) => {
    const { answer } = readAnswer(text)
    const kind = answer && caseOf(answer)
    return kind === 'positive' ? undefined : kind
  },
  alternatives: (schema, text, instruction) => {
    const { answer } = readAnswer(text)
    if (!answer || !isQuotes(answer)) return []
    const own = schema.sections.filter(({ id }) => answer.quotes.some((quote) => quote.startsWith(`${id}/`)))
    const others = search(schema, instruction).map(({ section }) => section).filter((section) => !own.includes(section))
    return [...own, ...others].slice(0, 3).map(({ id }) => ({ label: findSection(schema, id)!.heading, command: id }))
  },
  lookup: (schema, instruction, context) => {
    const [best] = search(schema, withLastQuestion(instruction, context), 1)
    if (!best || best.share < leastShare) return JSON.stringify({ refusal: 'not_in_sources' })
    return JSON.stringify(schema.answers === 'quotes' ? { quotes: [best.passage.id] } : { answer: best.passage.text })
  },
}
