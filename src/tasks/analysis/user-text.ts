import type { Row } from '../../dataset/row.ts'
import { oneSlip } from '../../teacher/typing.ts'
import { normalise, quiet } from '../normalise.ts'
import { isBatch, readBatch, type Batch } from './batch.ts'
import { matter, said, sanitized, shownName } from './clean.ts'
import { speaking } from './indicators.ts'
import { statesOf, tasks, type AnalysisSchema, type Task } from './schema.ts'

/** What stands for a batch, or for who wrote it, where nothing can be read. */
export const unreadable = '(nothing readable)'
export const isUnreadable = (text: string): boolean => text.endsWith(unreadable)

/** What each task is asked for by, besides its name. */
const asked: Record<Task, readonly string[]> = {
  state: ['state', 'status', 'workflow', 'stage'],
  priority: ['priority', 'urgency', 'urgent'],
  summary: ['summary', 'summarize', 'summarise'],
  entities: ['entities', 'entity', 'values', 'extract'],
  actions: ['actions', 'action', 'todo', 'tasks'],
}

/** The one task that these words ask for; undefined: all of them. */
export function taskOf(words: string): Task | undefined {
  const found = words.toLowerCase().match(/[a-z]+/g) ?? []
  const wanted = tasks.filter((task) => found.some((word) => asked[task].some((each) => each === word || (word.length > 4 && oneSlip(word, each)))))
  return wanted.length === 1 ? wanted[0] : undefined
}

/** A batch as the few lines that a model reads: a line a mail, "Who | what about | what is said", the newest last. Without personal data. */
export function rendered(schema: AnalysisSchema, { mails }: Batch): string {
  let before = ''
  const lines = mails.slice(-schema.mail.mails).flatMap(({ from, subject, body }): string[] => {
    const about = matter(subject)
    const own = about.toLowerCase() === before ? '' : about
    if (about !== '') before = about.toLowerCase()
    const what = said(schema, body)
    if (what === '' && own === '') return []
    return [[shownName(from), own, what].filter(Boolean).map((part) => normalise(sanitized(schema, part))).join(' | ')]
  })
  if (lines.length > 0) return shortened(schema, lines).join('\n')
  const names = new Set(mails.slice(-schema.mail.mails).map(({ from }) => normalise(sanitized(schema, shownName(from)))).filter(Boolean))
  return names.size === 0 ? unreadable : [...names].map((name) => `${name} | ${unreadable}`).join('\n')
}

/** Where the text of the first mail begins, behind who wrote it and what it is about. */
export const wordsBegin = (instruction: string): number => /^(?:[^|\n]* \| ){0,2}/.exec(instruction)![0].length

/** What is too long loses the sentences that say least: those without a word of the schema or a value first, the oldest of them first. */
function shortened(schema: AnalysisSchema, lines: string[]): string[] {
  const most = schema.mail.longest
  let size = lines.join('\n').length
  if (size <= most) return lines
  const parts = lines.flatMap((line, mail) => line.split(/(?<=[.!?])\s+(?=\p{Lu}|\p{N})/u).map((text, i) => ({ mail, text, weight: (i === 0 ? 2 : 0) + speaking(schema, text) })))
  const kept = new Set(parts)
  for (const part of [...parts].sort((a, b) => a.weight - b.weight || a.mail - b.mail)) {
    if (size <= most || kept.size === 1) break
    kept.delete(part)
    size -= part.text.length + 1
  }
  const texts = lines.map((_, mail) => parts.filter((part) => part.mail === mail && kept.has(part)).map(({ text }) => text).join(' '))
  return texts.filter(Boolean).map((text) => (text.length > most ? text.slice(0, most).replace(/\s+\S*$/, '') : text))
}

/** Mails as they stand in a row: one a line. */
const asLines = (schema: AnalysisSchema, text: string): string => {
  const lines = text.split('\n').map((line) => normalise(sanitized(schema, line))).filter(Boolean)
  return quiet(shortened(schema, lines).join('\n')) || unreadable
}

/** The task alone that a row asks for; undefined: all. */
export const taskIn = (context: Row['context']): Task | undefined => (typeof context?.task === 'string' ? taskOf(context.task) : undefined)

/**
 * The user's turn: the mails, and before them the task where one alone is asked for. A batch stands rendered in the instruction; beside
 * words ("what is the state?") it may also be the context, as a file has it. The one renderer of training, evaluation, serving and export.
 */
export function userText(schema: AnalysisSchema, instruction: string, context: Row['context']): string {
  const batch = isBatch(context)
  const task = taskIn(context) ?? (batch ? taskOf(instruction) : undefined)
  const text = asLines(schema, batch ? rendered(schema, readBatch(context)) : instruction)
  return task === undefined ? text : `${taskMark(task)} ${text}`
}

export const taskMark = (task: Task): string => `[${task}]`

const mark = new RegExp(`^\\[(?:${tasks.join('|')})\\] `)
/** The mails of a user's text, without the task before them. */
export const mailsOf = (text: string): string => text.replace(mark, '')

/** The system turn of chat bases: the names that an answer may hold. */
export function systemText(schema: AnalysisSchema): string {
  return [
    'You analyse a batch of e-mails, one a line: who | subject | text, the newest last. Answer with one line of JSON: {"state","priority","summary","entities","actions"}; where the text begins with one of these in brackets, with that alone.',
    `state, of the newest mail: ${statesOf(schema).join(', ')}.`,
    ...schema.priorities.map(({ name, description }) => `priority ${name}: ${description}`),
    `entities, values copied to the letter: ${schema.entities.map(({ name, description }) => `${name} (${description})`).join(', ')}.`,
    `actions, those still open: {"kind","who"?,"what"?,"when"?} with the kinds ${schema.actions.map(({ name }) => name).join(', ')}; who, what and when copied.`,
    'summary: a sentence in which every fact stands in the mails, or {"pattern": NAME}.',
  ].join('\n')
}
