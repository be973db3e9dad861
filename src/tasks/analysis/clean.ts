import { luhn } from '../../dataset/secrets.ts'
import type { AnalysisSchema } from './schema.ts'

interface Compiled {
  end: RegExp[]
  skip: RegExp[]
  sanitize: { pattern: RegExp; by: string; luhn: boolean }[]
}

const known = new WeakMap<AnalysisSchema, Compiled>()

function compiled(schema: AnalysisSchema): Compiled {
  let found = known.get(schema)
  if (!found) {
    const lines = (patterns: readonly string[]) => patterns.map((pattern) => new RegExp(pattern, 'iu'))
    found = { end: lines(schema.mail.end), skip: lines(schema.mail.skip), sanitize: schema.sanitize.map(({ pattern, by, check }) => ({ pattern: new RegExp(pattern, 'giu'), by, luhn: check === 'luhn' })) }
    known.set(schema, found)
  }
  return found
}

/** The text without personal data, by the schema's rules: nothing of a mail is stored or shown before. */
export function sanitized(schema: AnalysisSchema, text: string): string {
  return compiled(schema).sanitize.reduce((rest, { pattern, by, luhn: checked }) => rest.replace(pattern, (found) => (checked && !luhn(found.replace(/\D/g, '')) ? found : by)), text)
}

/** How many pieces of personal data each rule found, by the rule's name. */
export function personalData(schema: AnalysisSchema, text: string): Record<string, number> {
  const counts: Record<string, number> = {}
  let rest = text
  compiled(schema).sanitize.forEach(({ pattern, by, luhn: checked }, i) => {
    rest = rest.replace(pattern, (found) => {
      if (checked && !luhn(found.replace(/\D/g, ''))) return found
      const { name } = schema.sanitize[i]!
      counts[name] = (counts[name] ?? 0) + 1
      return by
    })
  })
  return counts
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', euro: '€', pound: '£', ouml: 'ö', auml: 'ä', uuml: 'ü', szlig: 'ß', eacute: 'é' }

/** HTML as text: blocks and rows are lines, cells are words. */
function withoutMarkup(text: string): string {
  if (!/<\/?(?:p|div|br|html|body|table|tr|td|span|b|i|a|li|ul|font|h\d)\b/i.test(text)) return text
  return text
    .replace(/<(style|script|head)\b[^>]*>[\s\S]{0,20000}?<\/\1>/gi, ' ')
    .replace(/<\/?(?:p|div|br|tr|li|table|h\d|html|body)\b[^>]{0,500}>/gi, '\n')
    .replace(/<[^<>]{0,500}>/g, ' ')
    .replace(/&(#\d{1,6}|[a-z]{2,8});/gi, (whole, name: string) => (name.startsWith('#') ? String.fromCodePoint(Math.min(Number(name.slice(1)), 0x10ffff)) : (entities[name.toLowerCase()] ?? whole)))
}

/** Text that quoted-printable was left in: soft line ends, and bytes as =C3=A9. */
function withoutTransfer(text: string): string {
  if (!/=(?:[0-9A-F]{2}|\r?\n)/.test(text)) return text
  return text.replace(/=\r?\n/g, '').replace(/(?:=[0-9A-F]{2})+/g, (bytes) => {
    const decoded = Buffer.from(bytes.replaceAll('=', ''), 'hex').toString('utf8')
    return decoded.includes('\uFFFD') ? bytes : decoded
  })
}

/** The text of a body, quoted mails and signature with it. */
export const readable = (body: string): string => withoutTransfer(withoutMarkup(body))

const withoutControls = (line: string) => line.replace(/[\p{Cc}\p{Cs}\p{Co}\uFFFD]/gu, ' ').replace(/\s+/g, ' ').trim()

/** Runs of signs that are no words. */
const withoutNoise = (line: string) => withoutControls(line.replace(/([^\p{L}\p{N}\s])\1{3,}/gu, ' '))

/** What the writer of a mail says in it, in one line: without markup, quoted mails, signature and disclaimer. Letters there are none of: ''. */
export function said(schema: AnalysisSchema, body: string): string {
  const { end, skip } = compiled(schema)
  const lines: string[] = []
  for (const raw of readable(body).split(/\r?\n/)) {
    const whole = withoutControls(raw)
    const line = withoutNoise(whole)
    if (end.some((pattern) => pattern.test(whole))) {
      // A mail that begins with what it quotes is answered below.
      if (lines.length > 0) break
      continue
    }
    if (line !== '' && !skip.some((pattern) => pattern.test(line))) lines.push(line)
  }
  const text = lines.map((line) => (/[.!?:,;]$/.test(line) ? line : `${line}.`)).join(' ').replace(/\.$/, (stop) => (/[.!?]$/.test(lines.at(-1) ?? '') ? stop : ''))
  return /\p{L}/u.test(text) ? text : ''
}

/** The subject without what mail programs put before it. */
export const matter = (subject: string): string => {
  const text = withoutNoise(subject).replace(/^(?:\s*(?:re|fw|fwd|aw|wg|sv|antw|tr|rv)\s*(?:\[\d+\])?\s*:)+/i, '').replace(/\s+/g, ' ').trim()
  return /[\p{L}\p{N}]/u.test(text) ? text : ''
}

/** The name that a sender shows; '' where there is nothing but an address. */
export function shownName(from: string): string {
  const name = from.replace(/<[^>]*>/g, ' ').replace(/["']/g, '').replace(/\s+/g, ' ').trim()
  return name.includes('@') || !/\p{L}/u.test(name) ? '' : name
}
