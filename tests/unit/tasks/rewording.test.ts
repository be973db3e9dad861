import { expect, test } from 'vitest'
import { inTone, withSynonym } from '../../../src/tasks/augment/rewording.ts'
import { Random } from '../../../src/teacher/random.ts'

const seeds = Array.from({ length: 100 }, (_, seed) => seed)

test('words within a longer phrase that has synonyms of its own are not exchanged by themselves', () => {
  const groups = [['show', 'display'], ['show me', 'give me']]
  expect(new Set(seeds.map((seed) => withSynonym('show me the logs', groups, new Random(seed))))).toEqual(new Set(['give me the logs']))
  expect(withSynonym('show the logs', groups, new Random(1))).toBe('display the logs')
})

test('a formal question ends as a question', () => {
  for (const seed of seeds) expect(inTone('is it up?', new Random(seed), ['formal'])).toMatch(/: is it up\?$/)
  for (const seed of seeds) expect(inTone('start it!', new Random(seed), ['formal'])).toMatch(/: start it\.$/)
})
