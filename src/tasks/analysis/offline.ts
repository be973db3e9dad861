import type { Row } from '../../dataset/row.ts'
import { Random } from '../../teacher/random.ts'
import type { Brief } from '../family.ts'
import { most, type ActionItem, type Answer } from './answer.ts'
import { readBatch } from './batch.ts'
import { stands } from './facts.ts'
import { writeMail, type WrittenMail } from './offline/mail.ts'
import { Scene } from './offline/scene.ts'
import { broken, quoted, signature, unreadableMails } from './offline/shape.ts'
import { priorityOf } from './priority.ts'
import { findAction, findEvent, type AnalysisSchema, type Event, type Task } from './schema.ts'
import { isUnreadable, rendered } from './user-text.ts'

/** Kinds of batches. */
export const kinds = ['plain', 'thread', 'quoted', 'malformed', 'incomplete'] as const
export type Kind = (typeof kinds)[number]

export interface WrittenBatch {
  batch: { id: string; emails: unknown[] }
  /** The truth: the mails as they are rendered and all that they say. */
  text: string
  analysis: Answer
}

/** Writes the row of a brief in the words of the schema's wordings; the same row for the same brief and seed. */
export function writeOffline(schema: AnalysisSchema, brief: Brief, seed: number): Row {
  const { event = '', kind = 'plain', task = 'all' } = brief.slice
  const { text, analysis } = writeBatch(schema, { event, kind: kind as Kind, id: brief.key.slice(0, 8) }, new Random(`${seed}/${brief.key}`))
  return {
    instruction: text,
    context: task === 'all' ? null : { task },
    output: JSON.stringify(task === 'all' ? analysis : { [task]: analysis[task as Task] }),
    intent: brief.key,
    slice: brief.slice,
    source: 'offline',
  }
}

/** A batch of mails that ends with an event, with all that is known about it. */
export function writeBatch(schema: AnalysisSchema, { event: name, kind, id }: { event: string; kind: Kind; id: string }, r: Random): WrittenBatch {
  const { event, state } = findEvent(schema, name)!
  for (let attempt = 0; attempt < 50; attempt++) {
    const scene = new Scene(schema, r.split(attempt))
    const mails = event.empty ? [] : thread(scene, event, kind)
    const emails = event.empty ? unreadableMails(scene) : asEmails(mails, kind, scene)
    const text = rendered(schema, readBatch({ emails }))
    const analysis = truth(schema, { state, event, text, named: scene.named, asked: mails.at(-1)?.asked ?? [] })
    // Noise may have taken a value, and the limit of the text a sentence.
    if (isUnreadable(text) === event.empty && analysis) return { batch: { id, emails }, text, analysis }
  }
  throw new Error(`the wordings of ${name} make no batch that can be read`)
}

/** The mails of a batch, the oldest first: what may have happened before, and the event. */
function thread(scene: Scene, event: Event, kind: Kind): WrittenMail[] {
  const { r, schema } = scene
  const earlier: Event[] = []
  if (kind === 'thread') {
    for (let next = event; next.after.length > 0 && (earlier.length === 0 || (earlier.length < 3 && r.chance(0.4)));) {
      next = findEvent(schema, r.pick(next.after))!.event
      earlier.unshift(next)
    }
  }
  return [...earlier.map((each) => writeMail(scene, each, { last: false, kind })), writeMail(scene, event, { last: true, kind })]
}

/** The mails as an export has them. */
function asEmails(mails: readonly WrittenMail[], kind: Kind, scene: Scene): unknown[] {
  const { r, people } = scene
  const subject = mails.find((mail) => mail.subject !== '')?.subject ?? ''
  const start = Date.UTC(2026, r.int(0, 11), r.int(1, 28), r.int(6, 18))
  const thread = `t${r.int(1, 9999)}`
  const emails = mails.map((mail, i) => {
    const lines = [...mail.lines]
    const quotes = kind === 'quoted' || (kind === 'thread' && i > 0 && r.chance(0.4))
    if (r.chance(quotes ? 0.8 : 0.25)) lines.push('', ...signature(people[mail.by], r))
    if (quotes) lines.push('', ...quoted(mails[i - 1] ?? { from: people[mail.by === 'desk' ? 'customer' : 'desk'], subject, lines: ['Please see to order PO-1 and call me.', 'Thanks'] }, r))
    const email: Record<string, unknown> = {
      from: mail.from, to: 'desk@trade.example', date: new Date(start + i * 5_400_000).toISOString(), thread,
      subject: i === 0 ? mail.subject : r.chance(0.8) ? `${r.pick(['Re: ', 'RE: ', 'Re: ', 'AW: ', 'Fwd: '])}${subject}` : mail.subject,
      body: lines.join('\n'),
    }
    if (kind === 'incomplete' && r.chance(0.4)) delete email.from
    if (kind === 'incomplete' && r.chance(0.4)) delete email.date
    return kind === 'malformed' ? broken(email, r) : email
  })
  if (kind === 'malformed' && r.chance(0.3)) emails.splice(r.int(0, emails.length), 0, r.pick([null, 'not a mail', 17, emails[0]!]))
  return emails
}

interface Known { state: string; event: Event; text: string; named: { type: string; value: string }[]; asked: WrittenMail['asked'] }

/** What a right answer to the rendered text is; undefined where the text lost something that was asked or told. */
function truth(schema: AnalysisSchema, { state, event, text, named, asked }: Known): Answer | undefined {
  const there = named.filter(({ value }) => stands(value, text))
  // Senders and subjects may fall away, what is said may not.
  if (asked.some(({ who, when }) => [who, when].some((value) => value !== undefined && !stands(value, text)))) return undefined
  const lower = text.toLowerCase()
  const entities: Record<string, string[]> = {}
  for (const { type, value } of there.toSorted((a, b) => lower.indexOf(a.value.toLowerCase()) - lower.indexOf(b.value.toLowerCase()))) {
    const values = (entities[type] ??= [])
    if (!values.includes(value) && values.length < most.values) values.push(value)
  }
  const actions = asked.map(({ kind, who, when }) => {
    const what = aboutOf(schema, kind, entities)
    return { kind, ...(who !== undefined && { who }), ...(what !== undefined && { what }), ...(when !== undefined && { when }) } as ActionItem
  })
  const ordered = Object.fromEntries(schema.entities.flatMap(({ name }) => (entities[name] ? [[name, entities[name]]] : [])))
  return { state, priority: priorityOf(schema, { text, state, actions }), summary: { pattern: event.name }, entities: ordered, actions }
}

/** What an action is about: the first value of the first type that the batch has. */
export const aboutOf = (schema: AnalysisSchema, kind: string, entities: Readonly<Record<string, readonly string[]>>): string | undefined =>
  findAction(schema, kind)!.about.flatMap((type) => entities[type] ?? [])[0]
