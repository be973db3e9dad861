import { describe, expect, test } from 'vitest'
import type { TaskFamily } from '../../../src/tasks/family.ts'
import { wordingOf } from '../../../src/dataset/wording.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'

const wording = (instruction: string, ...values: string[]) => {
  const family: TaskFamily = { ...fakeFamily, copiedValues: () => values.map((value) => ({ value, kind: 'word' })) }
  return wordingOf(family, fakeSchema, { instruction, context: { pr: 5 }, output: '{"do":"open"}' })
}

describe('the wording of a question', () => {
  test('is the same for all values, whatever their case, and leaves the context out', () => {
    expect(wording('Open a/b.ts', 'a/b.ts')).toBe('open \0')
    expect(wording('open README', 'README')).toBe(wording('open 5', '5'))
  })
  test('blanks whole words only, the longest value first', () => {
    expect(wording('open opener fix/a fix', 'fix', 'fix/a')).toBe('open opener \0 \0')
    expect(wording('fixing fix (x+)', 'fix', '(x+)')).toBe('fixing \0 \0')
  })
  test('is none where nothing is copied, or only from the context', () => {
    expect(wording('list all')).toBeUndefined()
    expect(wording('close it', '5')).toBeUndefined()
  })
})
