import { expect, test } from 'vitest'
import { actionFor, Thresholds } from '../../../src/inference/thresholds.ts'

test.each([
  [0.9, 'execute'],
  [0.8999, 'confirm'],
  [0.7, 'confirm'],
  [0.6999, 'clarify'],
  [0.5, 'clarify'],
  [0.4999, 'ask'],
  [NaN, 'ask'],
])('a command with confidence %d leads to %s', (confidence, action) => expect(actionFor(confidence, true)).toBe(action))

test('a clarification is never executed, however sure', () => {
  expect(actionFor(1, false)).toBe('clarify')
  expect(actionFor(0.3, false)).toBe('ask')
})

test('thresholds out of order are refused', () => expect(Thresholds.safeParse({ execute: 0.5, confirm: 0.7, clarify: 0.2 }).success).toBe(false))
