import { mailsIn, type Mail } from '../batch.ts'
import { matter, personalData, sanitized } from '../clean.ts'
import { indicatorsIn, valuesIn } from '../indicators.ts'
import type { AnalysisSchema } from '../schema.ts'
import type { Analysed } from './learned.ts'
import { Counter, distribution, pearson, shapeOf, spearman } from './counting.ts'
import type { BatchRecord, Unreadable } from './records.ts'

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value)

/** A name that is longer is no name. */
const longestName = 120

/** What the files hold: structure and types, mails, workflows, entities, and how batch numbers and complexity go together. */
export class DataReport {
  readonly #schema: AnalysisSchema
  readonly #batchFields = new Counter()
  readonly #mailFields = new Counter()
  readonly #subjects = new Counter()
  readonly #personal = new Counter()
  readonly #entities = new Counter()
  readonly #steps = new Counter()
  readonly #gaps = new Counter()
  readonly #mails: number[] = []
  readonly #words: number[] = []
  readonly #threads: number[] = []
  readonly #dates: { first: number; last: number } = { first: Infinity, last: -Infinity }

  constructor(schema: AnalysisSchema) {
    this.#schema = schema
  }

  batch({ text, mails, gaps }: BatchRecord, list: readonly Mail[], value: unknown): void {
    const schema = this.#schema
    for (const field of Array.isArray(value) ? [] : this.#fieldsOf(value)) this.#batchFields.add(field)
    for (const mail of mailsIn(value) ?? []) for (const field of this.#fieldsOf(mail)) this.#mailFields.add(field)
    this.#mails.push(mails)
    this.#words.push(text.split(/\s+/).length)
    this.#threads.push(new Set(list.map(({ thread }) => thread)).size)
    for (const gap of gaps) this.#gaps.add(gap.replace(/^mail \d+/, 'a mail'))
    for (const { subject, body, from, at } of list) {
      const about = matter(subject)
      if (about !== '') this.#subjects.add(shapeOf(sanitized(schema, about)).slice(0, 80))
      for (const [kind, count] of Object.entries(personalData(schema, `${from}\n${body}`))) this.#personal.add(kind, count)
      if (at !== undefined) {
        this.#dates.first = Math.min(this.#dates.first, at)
        this.#dates.last = Math.max(this.#dates.last, at)
      }
    }
    for (const { type } of valuesIn(schema, text)) this.#entities.add(type)
    const states = text.split('\n').map((line) => likely(schema, line))
    for (let i = 1; i < states.length; i++) if (states[i - 1] !== undefined && states[i] !== undefined) this.#steps.add(`${states[i - 1]} → ${states[i]}`)
  }

  #fieldsOf(value: unknown): string[] {
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).map(([name, inner]) => `${sanitized(this.#schema, name.slice(0, longestName))}: ${kindOf(inner)}`)
  }

  document(batches: readonly BatchRecord[], analyses: readonly Analysed[], unreadable: readonly Unreadable[]): Record<string, unknown> {
    const states = new Counter()
    const priorities = new Counter()
    const fields = new Counter()
    const numbered: [number, number][] = []
    const lengths: [number, number][] = []
    for (const { batch, state, priority, fields: names, values, actions, length } of analyses) {
      states.add(state ?? '(none)')
      priorities.add(priority ?? '(none)')
      for (const name of names) fields.add(name)
      const number = batch?.number
      if (number === undefined) continue
      numbered.push([number, values + actions.length])
      lengths.push([number, length])
    }
    const correlated = (pairs: [number, number][]) => ({ pearson: pearson(pairs), spearman: spearman(pairs), n: pairs.length })
    const date = (at: number) => (Number.isFinite(at) ? new Date(at).toISOString() : null)
    return {
      files: { batches: batches.length, unreadable: unreadable.length, examples: unreadable.slice(0, 100) },
      structure: { batch_fields: this.#batchFields.top(60), mail_fields: this.#mailFields.top(60), analysis_fields: fields.top(60), gaps: this.#gaps.top(30) },
      mails: { all: this.#mails.reduce((sum, count) => sum + count, 0), a_batch: distribution(this.#mails), threads_a_batch: distribution(this.#threads), words_as_read: distribution(this.#words), from: date(this.#dates.first), to: date(this.#dates.last), subjects: this.#subjects.top(40), different_subjects: this.#subjects.size },
      workflows: { analyses: analyses.length, states: states.top(), priorities: priorities.top(), processes: this.#steps.top(30) },
      entities_by_pattern: this.#entities.top(),
      personal_data_replaced: this.#personal.top(),
      correlation_of_number_and_complexity: { values_and_actions: correlated(numbered), characters_of_analysis: correlated(lengths) },
    }
  }
}

/** The state that most indicators speak for; undefined where none does. */
export function likely(schema: AnalysisSchema, text: string): string | undefined {
  const found = Object.entries(indicatorsIn(schema, text)).map(([state, words]) => ({ state, weight: words.length }))
  return found.sort((a, b) => b.weight - a.weight)[0]?.state
}

