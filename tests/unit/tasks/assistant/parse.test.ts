import { describe, expect, test } from 'vitest'
import { parse } from '../../../../src/tasks/assistant/parse.ts'
import { mistakeOf } from '../mistake.ts'
import { kettleYaml } from './fixtures.ts'

const told = (from: string, to: string) => {
  const right = kettleYaml()
  expect(right).toContain(from)
  return mistakeOf(parse, right.replace(from, to))
}

describe('a wrong schema is told with line and column', () => {
  test.each([
    ['an unknown key', 'groups:', 'group: {}\ngroups:', /^schemas\/x\.yaml:5:1: expected one of the keys .*, found "group"; did you mean "groups"\?/],
    ['another way to answer', 'answers: quotes', 'answers: quote', /:3:10: expected "answers" to be "quotes" or "free", found "quote"/],
    ['a slot that there is not', 'what is {topic}', 'what is {topics}', /:13:38: expected the slot \{topic\} or \{problem\}, found \{topics\}; did you mean "topic"\?/],
    ['a phrase about nothing', '"disable {topic}"', '"disable it"', /:9:\d+: expected one slot, \{topic\} or \{problem\}, found 0/],
    ['a follow-up with a slot', 'and how do i turn it off', 'and {topic}', /:9:\d+: expected words without a slot/],
    ['a kind of question twice', 'asks: fix', 'asks: returns', /:11:12: expected every kind of question once, found a second "returns"/],
    ['a kind that no passage can have', 'cues: [turn it off]', 'cues: []', /:9:5: expected cues for "off", or another way to take passages/],
    ['a second kind for the rest', 'takes: first', 'takes: rest', /expected one kind of question that takes "rest", found a second/],
    ['a file that there is not', 'symptoms: [trouble.md]', 'symptoms: [trouble.txt]', /:4:\d+: expected a file or folder of the sources, found "trouble.txt"; did you mean "trouble.md"\?/],
    ['a term that is no heading', 'terms: {Boil lock:', 'terms: {Boil clock:', /expected a heading of the sources, found "Boil clock"; did you mean "Boil lock"\?/],
    ['a choice that is no heading', 'topics: [Boil lock, Lid lock]', 'topics: [Boil lock, Lid]', /expected a heading of the sources, found "Lid"/],
    ['words without their slot', 'what about {words}', 'what about it', /expected the one slot \{words\}/],
    ['no map', 'kind: assistant', '- kind', /expected/],
  ])('%s', (_what, from, to, message) => expect(told(from, to)).toMatch(message))
})
