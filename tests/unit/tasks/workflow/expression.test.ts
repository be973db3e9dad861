import { describe, expect, test } from 'vitest'
import { canonicalExpression, evaluate, ExpressionError, parseExpression, type Scalar } from '../../../../src/tasks/workflow/expression.ts'

const cells: Record<string, Scalar> = { status: 'active', amount: 120, price: 2.5, quantity: 4, note: null, created: '2024-03-01', zip: '0123', paid: true }
const value = (text: string) => evaluate(parseExpression(text), { name: (name) => cells[name] ?? null, variable: (name) => (name === 'limit' ? 100 : null) })

describe('evaluating', () => {
  test.each([
    ["status == 'active'", true], ["status != 'active'", false], ['amount > 100 and amount < 130', true], ['amount > 200 or paid == true', true],
    ['not amount > 200', true], ['note == null', true], ['amount != null', true], ["created > '2024-01-01'", true], ["status contains 'act'", true],
    ["status starts_with 'in'", false], ["status ends_with 'ive'", true], ['price * quantity + 1', 11], ['amount / 0', null], ['(amount - 20) * 2', 200],
    ['upper(status)', 'ACTIVE'], ['round(price)', 3], ['length(status)', 6], ['amount > @var:limit', true], ['-price', -2.5], ["zip == '0123'", true],
  ])('%s is %j', (text, expected) => expect(value(text)).toBe(expected))

  test('what cannot be compared holds neither way', () => {
    for (const operator of ['<', '>', '<=', '>=', 'contains']) {
      expect(value(`note ${operator} 5`), operator).toBe(null)
      expect(value(`not note ${operator} 5`), operator).toBe(null)
    }
    expect(value('status > 5')).toBe(null)
    expect(value('not status < 5')).toBe(null)
  })

  test('and binds tighter than or, comparison tighter than both', () => {
    expect(value("status == 'x' and amount > 1 or paid == true")).toBe(true)
    expect(value("status == 'x' and (amount > 1 or paid == true)")).toBe(false)
  })
})

describe('writing', () => {
  test.each([
    ["status='active'", "status == 'active'"], ['status == "active"', "status == 'active'"], ['a>5 AND b<=3', 'a > 5 and b <= 3'], ['a && b || c', 'a and b or c'],
    ['(a and b) or c', 'a and b or c'], ['a and (b or c)', 'a and (b or c)'], ['a - (b - c)', 'a - (b - c)'], ['(a - b) - c', 'a - b - c'], ['not (a and b)', 'not (a and b)'],
    ['name == "it\'s"', 'name == "it\'s"'], ['a <> 3', 'a != 3'], ['a == NULL', 'a == null'],
  ])('%s is written %s, and so again', (given, expected) => {
    expect(canonicalExpression(given)).toBe(expected)
    expect(canonicalExpression(expected)).toBe(expected)
  })
})

test.each(['', 'a ==', '== 3', "a == 'open", 'a ; b', 'f(a)', '(a', 'a b', 'a == 1 2', '('.repeat(40) + 'a', 'a'.repeat(2000)])('%s is refused with a sentence', (text) => {
  expect(() => parseExpression(text)).toThrow(ExpressionError)
  expect(() => parseExpression(text)).toThrow(/expected/)
})
