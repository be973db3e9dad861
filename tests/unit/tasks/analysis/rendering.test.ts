import { describe, expect, test } from 'vitest'
import { readBatch } from '../../../../src/tasks/analysis/batch.ts'
import { personalData, sanitized } from '../../../../src/tasks/analysis/clean.ts'
import { analysis as family } from '../../../../src/tasks/analysis/index.ts'
import { taskOf, unreadable } from '../../../../src/tasks/analysis/user-text.ts'
import { mail, orderText, schema, shown } from './fixtures.ts'

describe('what a model reads of a mail', () => {
  test.each([
    ['marks', 'We accept.\n> Please accept.\n> Call me.'],
    ['an original message', 'We accept.\n\n-----Original Message-----\nFrom: Tom\nSubject: x\n\nPlease accept.'],
    ['a line that says who wrote', 'We accept.\n\nOn Mon, Mar 1, 2026 Rob Finch wrote:\n> Please accept.'],
    ['a header', 'We accept.\n\nFrom: Buyer\nSent: Tuesday\n\nPlease accept.'],
  ])('ends where a quoted mail begins: %s', (_what, body) => expect(shown(mail(body))).toBe('Dana Whitfield | PO-4471 | We accept.'))

  test.each([
    ['regards', 'We accept.\n\nBest regards\nDana\nNorvik\nTel. 555'],
    ['two dashes', 'We accept.\n-- \nDana'],
    ['thanks', 'We accept.\nThanks,\nDana'],
    ['a phone', 'We accept.\nSent from my iPhone'],
  ])('has no signature: %s', (_what, body) => expect(shown(mail(body))).toBe('Dana Whitfield | PO-4471 | We accept.'))

  test('a mail that begins with what it quotes is read below', () => expect(shown(mail('> Please accept.\n\nWe accept.'))).toContain('We accept'))

  test('a thread has its subject once, the newest mail last', () => {
    const thread = [mail('It came.', { subject: 'RE: AW: PO-4471', date: '2026-03-02' }), mail('Where is it?', { date: '2026-03-01' })]
    expect(shown(...thread)).toBe('Dana Whitfield | PO-4471 | Where is it?\nDana Whitfield | It came.')
  })

  test.each([
    ['HTML', mail('<html><body><p>Please&nbsp;book</p><table><tr><td>10</td><td>MX-220</td></tr></table></body></html>'), /Please book\. 10 MX-220/],
    ['other names of fields, and a list of lines', { SENDER: 'Dana', Title: 'x', TEXT: ['one', 'two'] }, /^Dana \| x \| one\. two$/],
    ['bytes spelt out', mail('caf=C3=A9 and a long =\nline'), /café and a long line/],
    ['dates that are none', mail('It came.', { date: 'soon' }), /It came/],
  ])('is made of %s', (_what, given, expected) => expect(shown(given)).toMatch(expected))

  test.each([[], [null, 'x', 3], [{ body: '' }], [{ subject: 4, body: { parts: [] } }], [{ body: '\u0001%%%%====' }]])('says so where nothing can be read: %j', (...emails) => {
    expect(shown(...emails)).toBe(unreadable)
    expect(readBatch({ emails }).gaps.length).toBeGreaterThan(0)
  })

  test('too long a batch loses what says nothing first, and never more than it must', () => {
    const talk = 'It has been raining here for days on end and everybody is tired of it. '
    const long = shown(mail(talk.repeat(30)), mail(`${talk.repeat(10)}Please cancel order PO-4471 and call me. ${talk.repeat(10)}`))
    expect(long.length).toBeLessThanOrEqual(schema.mail.longest)
    expect(long.length).toBeGreaterThan(schema.mail.longest - talk.length * 2)
    expect(long).toContain('Please cancel order PO-4471')
  })
})

describe('personal data', () => {
  test.each([
    ['an e-mail address', 'write to dana.w+x@norvik-supply.co.uk', 'write to [e-mail]'],
    ['a phone number', 'call (555) 014-2200 or +44 20 7946 0123', 'call [phone] or [phone]'],
    ['a card number', 'card 4111 1111 1111 1111 please', 'card [card] please'],
  ])('%s is replaced', (_what, given, expected) => expect(sanitized(schema, given)).toBe(expected))

  test.each(['PO-4471', '4500118273', '1Z999AA10123456784', 'JD014600006281230704', '9405511899223857264837', '$18,240.00', '1234 5678 9012 3456', 'RMA-30912', '71-0042'])('%s is none', (value) => expect(sanitized(schema, value)).toBe(value))

  test('is counted by kind', () => expect(personalData(schema, 'a@b.example, c@d.example, 555-014-2200')).toEqual({ 'e-mail address': 2, 'phone number': 1 }))

  test('stands in no row that is made of mails', () => {
    const given = family.fromForeign(schema, { batch: { emails: [mail('Call 555-014-2200 or write to dana@norvik.example.')] }, analysis: {} })
    expect(JSON.stringify(given)).not.toMatch(/2200|norvik/)
  })
})

describe('the user text', () => {
  test('is the same again, and of a batch that is the context', () => {
    const batch = { id: 'b1', emails: [mail('Please book 40 MX-220.')] }
    const first = family.userText(schema, 'analyse', batch)
    expect(family.userText(schema, first, null)).toBe(first)
    expect(family.userText(schema, 'what is the state?', batch)).toBe(`[state] ${first}`)
    expect(family.userText(schema, orderText, { task: 'entities' })).toBe(`[entities] ${orderText}`)
  })

  test.each([['state', 'state'], ['entites please', 'entities'], ['which action items are open', 'actions'], ['SUMMARY', 'summary'], ['analyse this', undefined], ['state and priority', undefined]])('%s asks for %s', (words, task) => expect(taskOf(words)).toBe(task))
})
