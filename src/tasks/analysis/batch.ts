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

export const mailsKey = (record: Record<string, unknown>): unknown => field(record, ['emails', 'mails', 'messages', 'items'])

/** Does it look like a batch of mails? */
export const isBatch = (value: unknown): value is Record<string, unknown> => isRecord(value) && Array.isArray(mailsKey(value))

/** Reads a batch in the forms that exports have. It never throws: what is missing or of another kind is named in `gaps`. */
export function readBatch(value: unknown): Batch {
  const list = isRecord(value) ? mailsKey(value) : value
  if (!Array.isArray(list)) return { mails: [], gaps: ['no list of mails'] }
  const id = isRecord(value) ? field(value, ['id', 'batch_id', 'batch', 'number']) : undefined
  const gaps: string[] = []
  const mails: Mail[] = []
  list.forEach((each: unknown, i) => {
    if (!isRecord(each)) return void gaps.push(`mail ${i + 1} is no object`)
    const from = text(field(each, ['from', 'sender', 'from_name']))
    const subject = text(field(each, ['subject', 'title']))
    const body = text(field(each, ['body', 'text', 'content', 'bodytext', 'html', 'snippet']))
    if (from === '') gaps.push(`mail ${i + 1} has no sender`)
    if (body.trim() === '') gaps.push(`mail ${i + 1} has no body`)
    if (subject === '') gaps.push(`mail ${i + 1} has no subject`)
    const date = field(each, ['date', 'sent', 'received', 'timestamp', 'time'])
    const at = typeof date === 'number' ? date : typeof date === 'string' ? Date.parse(date) : NaN
    if (date !== undefined && Number.isNaN(at)) gaps.push(`mail ${i + 1} has a date that cannot be read`)
    const thread = field(each, ['thread', 'thread_id', 'conversation'])
    mails.push({ from, subject, body, ...(!Number.isNaN(at) && { at }), ...(thread !== undefined && { thread: String(thread) }) })
  })
  if (list.length === 0) gaps.push('no mails')
  return { ...(id !== undefined && { id: String(id) }), mails: inOrder(mails), gaps }
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
