import { InputError } from '../errors.ts'
import { keyPatterns, passwordPatterns } from '../secret-patterns.ts'
import { Random } from '../teacher/random.ts'
import { hosts, randomWord, tlds } from '../teacher/values.ts'
import { escapeRegExp } from '../text.ts'
import { hash53 } from './text.ts'

/** What has no business in a training set. */
export type SecretKind = 'key' | 'password' | 'e-mail address' | 'card number' | 'phone number'

export interface Secret {
  kind: SecretKind
  value: string
  /** Where it begins in the text. */
  index: number
}

// A name before the @ begins where a word does; remotes (git@host:path) and logins (ssh user@host) are looked at afterwards.
const email = /(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@((?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24})(?![\w@-])/g
const reserved = /(^|\.)(example\.(com|org|net|edu)|example|test|invalid|localhost|local|internal|lan|home|arpa|svc|cluster)$/i
const fileEnding = /\.(png|jpe?g|gif|svg|webp|ico|pdf|json|ya?ml|toml|txt|csv|log|html?|css|scss|[cm]?[jt]sx?|lock|conf|cfg|ini|zip|gz|tgz)$/i
const madeUp = new Set(hosts.flatMap((host) => tlds.map((tld) => `${host}.${tld}`)))

const card = /(?<![\w.+-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})(?![\w-]|\.\d)/g
// Visa, Mastercard, American Express, Diners Club, Discover, JCB, UnionPay: first digits and lengths (ISO/IEC 7812).
const issued = /^(4\d{15}|5[1-5]\d{14}|2(22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(0[0-5]|[68]\d)\d{11}|6(011|4[4-9]\d|5\d\d)\d{12}|35(2[89]|[3-8]\d)\d{12}|62\d{14,17})$/

const phone = /(?<![\w.+-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){2,4}|\(\d{3}\) ?\d{3}[-. ]\d{4}|\d{3}([-.])\d{3}\1\d{4})(?![\w-]|\.\d)/g
/** Numbers that belong to nobody (North American Numbering Plan: 555-0100 to 555-0199). */
const fictional = /55501\d\d$/

/** More of them in one row are a dump, not an example. */
const mostSecrets = 50

const digitsOf = (text: string) => text.replace(/\D/g, '')
/** What stands in for a key or a password; found again, it is left. */
const standIn = /^masked-[a-z]+$/

/** Secrets and personal data in a text; none overlaps another. */
export function findSecrets(text: string): Secret[] {
  const found: Secret[] = []
  let rest = text
  const take = (kind: SecretKind, pattern: RegExp, accepts: (match: RegExpExecArray) => boolean = () => true) => {
    const before = found.length
    for (const match of rest.matchAll(pattern)) {
      const value = match.groups?.secret ?? match[0]
      if (!standIn.test(value) && accepts(match)) found.push({ kind, value, index: match.index + match[0].lastIndexOf(value) })
    }
    // What is found is no part of anything else.
    let at = 0
    const pieces = found.slice(before).map(({ value, index }) => {
      const piece = rest.slice(at, index) + '\0'.repeat(value.length)
      at = index + value.length
      return piece
    })
    if (pieces.length) rest = pieces.join('') + rest.slice(at)
  }
  for (const { pattern } of keyPatterns) take('key', pattern)
  for (const { pattern } of passwordPatterns) take('password', pattern)
  take('e-mail address', email, (match) => isPersonal(text, match))
  take('card number', card, ([value]) => issued.test(digitsOf(value)) && luhn(digitsOf(value)))
  take('phone number', phone, ([value]) => /^\d{9,15}$/.test(digitsOf(value)) && !fictional.test(digitsOf(value)))
  return found
}

function isPersonal(text: string, { 0: address, 1: domain, index }: RegExpExecArray): boolean {
  const before = text.slice(Math.max(0, index - 60), index)
  const after = text.slice(index + address.length, index + address.length + 2)
  if (address.startsWith('git@') || /:\/\/[^\s/@]*$/.test(before) || /^:[^\s"']/.test(after)) return false
  if (/\b(ssh|scp|sftp|mosh|rsync|ssh-copy-id)(\s+-\S+(\s+[^-\s]\S*)?)*\s+$/.test(before)) return false
  return !reserved.test(domain!) && !fileEnding.test(domain!) && !madeUp.has(domain!.toLowerCase())
}

/** The check digit of card numbers (ISO/IEC 7812-1, annex B). */
export function luhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, i) => total + (i % 2 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][Number(digit)]! : Number(digit)), 0)
  return sum % 10 === 0
}

/**
 * The same record with a stand-in for each secret, everywhere the same, so that question and answer still fit.
 * A stand-in follows from the rest of the record, never from the secret: it says nothing about it, and the same record gets the same one.
 * @throws InputError for a record that holds very many
 */
export function maskSecrets<T>(record: T): { record: T; masked: SecretKind[] } {
  const found = new Map<string, SecretKind>()
  mapTexts(record, (text) => {
    for (const { kind, value } of findSecrets(text)) if (!found.has(value)) found.set(value, kind)
    return text
  })
  if (found.size === 0) return { record, masked: [] }
  if (found.size > mostSecrets) throw new InputError(`found ${found.size} secrets and personal data in one row, expected at most ${mostSecrets}; it is no example.`)
  // Of two, one may stand within the other.
  const secrets = [...found].sort(([a], [b]) => b.length - a.length || (a < b ? -1 : 1))
  const replaced = (standIns: string[]) => mapTexts(record, (text) => secrets.reduce((rest, [value], i) => rest.replace(alone(value), () => standIns[i]!), text))
  const rest = JSON.stringify(replaced(secrets.map(([, kind]) => kind)))
  const standIns = secrets.map(([value, kind], i) => stand(kind, value, new Random(`${hash53(rest)}/${i}`)))
  return { record: replaced(standIns) as T, masked: [...found.values()] }
}

const alone = (value: string) => new RegExp(`(?<![A-Za-z0-9])${escapeRegExp(value)}(?![A-Za-z0-9])`, 'g')

function stand(kind: SecretKind, value: string, r: Random): string {
  const digits = (keep: (digit: string, i: number) => string) => {
    let i = 0
    return value.replace(/\d/g, (digit) => keep(digit, i++))
  }
  switch (kind) {
    case 'e-mail address':
      return `${randomWord(r, 4, 8)}.${randomWord(r, 4, 8)}@example.com`
    case 'card number': {
      const drawn = digits((digit, i) => (i === 0 ? digit : String(r.int(0, 9))))
      // The last digit, moved on, makes it nobody's.
      return luhn(digitsOf(drawn)) ? `${drawn.slice(0, -1)}${(Number(drawn.at(-1)) + 1) % 10}` : drawn
    }
    case 'phone number': {
      const count = digitsOf(value).length
      return digits((digit, i) => (i < count - 7 ? digit : i < count - 2 ? '55501'[i - count + 7]! : String(r.int(0, 9))))
    }
    default:
      return `masked-${randomWord(r, 8, 12)}`
  }
}

/** Every text in a value through `map`; JSON in a text (an answer) is opened, and a long number is a text of digits. */
function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') {
    const inner = /^\s*[{[]/.test(value) ? parsed(value) : undefined
    if (inner === undefined) return map(value)
    const mapped = mapTexts(inner, map)
    return JSON.stringify(mapped) === JSON.stringify(inner) ? value : JSON.stringify(mapped)
  }
  if (typeof value === 'number' && value > 1e12) {
    const text = map(String(value))
    return text === String(value) ? value : Number.isFinite(Number(text)) ? Number(text) : text
  }
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map))
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, map)]))
  return value
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
