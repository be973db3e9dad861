/** One mail as far as it can be read; nothing in it is certain. */
export interface Mail {
  /** As it is shown: "Dana Whitfield <dana@norvik.example>". */
  from: string
  subject: string
  body: string
  /** Milliseconds since 1970, where the date can be read. */
  at?: number | undefined
  thread?: string | undefined
}

export interface Batch {
  id?: string | undefined
  /** The oldest first, as far as dates tell; each once. */
  mails: Mail[]
  /** What of it could not be read, in people's words. */
  gaps: string[]
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A field under any of its usual names, in any letter case. */
function field(record: Record<string, unknown>, names: readonly string[]): unknown {
  const keys = Object.keys(record)
  for (const name of names) {
    const key = keys.find((each) => each.toLowerCase() === name)
    if (key !== undefined && record[key] !== null && record[key] !== undefined) return record[key]
  }
  return undefined
}

/** A text, a list of lines, or what mail APIs wrap one in; '' for anything else. */
function text(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.filter((line) => typeof line === 'string').join('\n')
  if (isRecord(value)) {
    const inner = field(value, ['text', 'content', 'plain', 'name', 'html', 'value', 'address', 'email'])
    return typeof inner === 'string' ? inner : ''
  }
  return ''
}

/** What the list of a batch's mails is called; the last may as well be something else. */
const listNames = ['emails', 'mails', 'messages', 'thread', 'items']
const senders = ['from', 'sender', 'from_name']
const subjects = ['subject', 'title']
const bodies = ['body', 'text', 'content', 'bodytext', 'html', 'snippet']

/** Are most of these objects with two of the three things that a mail has? */
const looksLikeMails = (list: readonly unknown[]): boolean => 2 * list.filter((each) => isRecord(each) && [senders, subjects, bodies].filter((names) => field(each, names) !== undefined).length >= 2).length > list.length

/** The list of mails of a batch, or the batch where it is one: by its name, else the first that looks like mails. */
export function mailsIn(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return looksLikeMails(value) ? value : undefined
  if (!isRecord(value)) return undefined
  const lists = Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]))
  const named = listNames.flatMap((name) => lists.filter(([key]) => key.toLowerCase() === name))
  const sure = named.find(([key, list]) => key.toLowerCase() !== 'items' && list.some(isRecord)) ?? lists.find(([, list]) => looksLikeMails(list)) ?? named[0]
  return sure?.[1]
}

/** Does it look like a batch of mails? */
export const isBatch = (value: unknown): value is Record<string, unknown> => isRecord(value) && mailsIn(value) !== undefined

/** What something is called: a text or a number, or that of an object. */
function nameOf(value: unknown): string | undefined {
  const name = isRecord(value) ? field(value, ['id', 'name', 'number']) : value
  return typeof name === 'string' || typeof name === 'number' ? String(name) : undefined
}

/** The last moment that a date of JavaScript can be, in milliseconds (ECMAScript, 21.4.1.1). */
const lastMoment = 8.64e15

/** Counts since 1970 by their size: up to 1e11 they are seconds (the year 5138), then milliseconds, microseconds and nanoseconds. */
function readDate(value: unknown): number | undefined {
  const count = typeof value === 'number' ? value : typeof value === 'string' && /^\s*-?\d{9,}(?:\.\d+)?\s*$/.test(value) ? Number(value) : undefined
  if (count === undefined) return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? Date.parse(value) : undefined
  const size = Math.abs(count)
  const at = size < 1e11 ? count * 1e3 : size < 1e14 ? count : size < 1e17 ? count / 1e3 : size < 1e20 ? count / 1e6 : NaN
  return Math.abs(at) <= lastMoment ? at : undefined
}

/** Reads a batch in the forms that exports have. It never throws: what is missing or of another kind is named in `gaps`. */
export function readBatch(value: unknown): Batch {
  const list = isRecord(value) ? mailsIn(value) : value
  if (!Array.isArray(list)) return { mails: [], gaps: ['no list of mails'] }
  const id = isRecord(value) ? nameOf(field(value, ['batch_id', 'id', 'batch', 'batch_number', 'number'])) : undefined
  const gaps: string[] = []
  const mails: Mail[] = []
  list.forEach((each: unknown, i) => {
    if (!isRecord(each)) return void gaps.push(`mail ${i + 1} is no object`)
    const from = text(field(each, senders))
    const subject = text(field(each, subjects))
    const body = text(field(each, bodies))
    if (from === '') gaps.push(`mail ${i + 1} has no sender`)
    if (body.trim() === '') gaps.push(`mail ${i + 1} has no body`)
    if (subject === '') gaps.push(`mail ${i + 1} has no subject`)
    const date = field(each, ['date', 'sent', 'received', 'timestamp', 'time'])
    const at = readDate(date)
    if (date !== undefined && at === undefined) gaps.push(`mail ${i + 1} has a date that cannot be read`)
    const thread = nameOf(field(each, ['thread', 'thread_id', 'conversation']))
    mails.push({ from, subject, body, ...(at !== undefined && { at }), ...(thread !== undefined && { thread }) })
  })
  if (list.length === 0) gaps.push('no mails')
  return { ...(id !== undefined && { id }), mails: inOrder(mails), gaps }
}

/** By date where every mail has one, else as they stand; the same mail twice is one. */
function inOrder(mails: Mail[]): Mail[] {
  const sorted = mails.every(({ at }) => at !== undefined) ? mails.toSorted((a, b) => a.at! - b.at!) : mails
  const seen = new Set<string>()
  return sorted.filter(({ from, subject, body }) => {
    const key = JSON.stringify([from, subject, body])
    return !seen.has(key) && seen.add(key)
  })
}
