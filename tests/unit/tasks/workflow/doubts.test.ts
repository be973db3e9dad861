import { expect, test } from 'vitest'
import { workflow as family } from '../../../../src/tasks/workflow/index.ts'
import { step, tamarind } from './fixtures.ts'

const doubts = (text: string, ...steps: unknown[]) => family.doubts!(tamarind, JSON.stringify({ steps }), text)
const call = (url: string) => step('http_call', { url })
const gross = (expression: string) => step('map', { column: 'gross', expression })

test.each([
  ['an address', 'call https://api.example.net/weather', call('https://api.example.net/weather'), call('https://api.example.net/wea')],
  ['a decimal', 'multiply price by 1.19 and call that gross', gross('price * 1.19'), gross('price * 1')],
  ['a channel', 'notify oncall@example.com', step('notify', { channel: 'oncall@example.com' }), step('notify', { channel: '@example.com' })],
])('a part of %s is no value that somebody said', (_what, text, whole, part) => {
  expect(doubts(text, whole)).toBe(0)
  expect(doubts(text, part)).toBeGreaterThan(0)
})

test.each([
  ['a file by its name', 'read orders.csv', step('read_csv', { file: 'orders.csv' })],
  ['a column in two words', 'sort by order date', step('sort', { by: 'order_date' })],
  ['a number in words', 'keep the first ten rows', step('limit', { count: 10 })],
])('nothing speaks against %s', (_what, text, given) => expect(doubts(text, given)).toBe(0))
