import type { Random } from '../../../teacher/random.ts'
import { digitsLike } from './digits.ts'
import type { WrittenMail } from './mail.ts'
import type { Scene } from './scene.ts'

const closings = ['Best regards', 'Kind regards', 'Regards', 'Best wishes', 'Thanks', 'Thank you', 'Cheers', 'Sincerely', 'Many thanks', 'Yours sincerely', 'Mit freundlichen Grüßen', 'Warm regards', 'Best']
const roles = ['Purchasing', 'Sales', 'Account Manager', 'IT Services', 'Warehouse', 'Customer Care', 'Procurement', 'Office Manager', 'Logistics', 'Accounting']

/** The name, and what stands under a mail: none of it is said about the matter. */
export function signature(name: string, r: Random): string[] {
  const lines = [r.chance(0.15) ? '-- ' : r.pick(closings), name]
  if (r.chance(0.5)) lines.push(r.pick(roles))
  if (r.chance(0.4)) lines.push(`Tel. +1 (555) ${digitsLike('###-####', r)}`)
  if (r.chance(0.3)) lines.push(`Mobile: 555-${digitsLike('###-####', r)} | ${name.split(' ')[0]!.toLowerCase()}@office.example`)
  if (r.chance(0.3)) lines.push('This e-mail and any attachments are confidential and intended for the addressee only.')
  if (r.chance(0.15)) lines.push('Sent from my phone')
  return lines
}

/** An older mail under a newer one, in the ways of mail programs. */
export function quoted({ from, subject, lines }: Pick<WrittenMail, 'from' | 'subject' | 'lines'>, r: Random): string[] {
  const name = from.replace(/ ?<[^>]*>/, '')
  switch (r.pick(['marks', 'marks', 'original', 'header', 'wrote'])) {
    case 'original': return ['-----Original Message-----', `From: ${name}`, `Subject: ${subject}`, '', ...lines]
    case 'header': return [`From: ${name}`, 'Sent: Tuesday', `Subject: ${subject}`, '', ...lines]
    case 'wrote': return [`On Tue, ${name} wrote:`, ...lines.map((line) => `> ${line}`)]
    default: return lines.map((line) => `> ${line}`)
  }
}

type Email = Record<string, unknown>

/** One mail as broken exports have it: markup, other field names, lists of lines, bytes spelt out, dates that are none. */
export function broken(email: Email, r: Random): unknown {
  const body = String(email.body)
  const { body: _, from, subject, ...rest } = email
  switch (r.pick(['html', 'table', 'fields', 'lines', 'bytes', 'date', 'wrapped', 'noise'])) {
    case 'html': return { ...email, body: `<html><head><style>p{color:red}</style></head><body>${body.split('\n').filter(Boolean).map((line) => `<p>${escaped(line)}</p>`).join('')}</body></html>` }
    case 'table': return { ...email, body: `<div>${body.split('\n').map(escaped).join('<br>')}</div><div style="color:gray">This message is confidential and intended solely for the addressee.</div>` }
    case 'fields': return { FROM: from, Subject: subject, TEXT: body, ...rest }
    case 'lines': return { ...email, body: body.split('\n') }
    case 'bytes': return { ...email, body: body.replace(/ (\w+)/g, (all) => (r.chance(0.04) ? `=20${all.trim()}` : all)).replace(/(.{40,60}) /g, '$1 =\n') }
    case 'date': return { ...email, date: r.pick(['soon', '31/31/31', '', 'yesterday-ish']), headers: r.int(1, 99) }
    case 'wrapped': return { ...rest, sender: { name: from }, title: subject, body: { text: body } }
    default: return { ...email, body: `\u0001${body}\n[image: logo.png]\n[cid:${digitsLike('###.###', r)}]\n====%%%%====` }
  }
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A batch in which nothing can be read, but perhaps who wrote it. */
export function unreadableMails(scene: Scene): unknown[] {
  const { r } = scene
  const from = () => scene.from(r.pick(['customer', 'desk']), 'plain')
  const bodies = ['', '   \n  ', '\u0001\u0002%%%%====', null, { parts: [] }, '> ', '-----Original Message-----', '[image: logo.png]', '<html><body><br></body></html>', '== -- ==', 42]
  return r.weighted<() => unknown[]>([
    [() => [], 1],
    [() => [{ from: null, subject: null, body: null }, 'no mail'], 1],
    [() => [{ from: from(), subject: r.pick(['', 'Re: ', null, '---', 17]), body: r.pick(bodies) }], 8],
    [() => [{ from: from(), body: r.pick(bodies) }, { from: from(), subject: '', body: r.pick(bodies) }], 5],
  ])()
}
