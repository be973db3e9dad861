import { expect, test } from 'vitest'
import { gbnfAccepts } from '../../../src/tasks/gbnf-accepts.ts'

test.each([
  ['a literal with a quote and a line break', 'root ::= "a\\"b\\nc"', ['a"b\nc'], ['a"b', 'a"b\nc ']],
  ['alternatives and groups', 'root ::= "a" ("b" | "cd") "e"', ['abe', 'acde'], ['ae', 'abcde']],
  ['what may be left out', 'root ::= "a"? "b"', ['ab', 'b'], ['aab', 'a']],
  ['bounds of a repetition', 'root ::= [0-9]{2,3}', ['12', '123'], ['1', '1234']],
  ['an exact count, any number, at least one', 'root ::= "a"{2} "b"* "c"+', ['aac', 'aabbcc'], ['ac', 'aab']],
  ['classes with their opposite and signs', 'root ::= [^"\\\\\\x00-\\x1F]{1,2}', ['é!', '😀😀'], ['"', '\\', '\n', '😀😀😀']],
  ['rules of one another, also later ones', 'root ::= item ("," item){0,1}\nitem ::= word "!"\nword ::= "x" | "xx"', ['xx!', 'x!,xx!'], ['x!,', 'x!,x!,x!']],
  ['what only the longer or the shorter end lets go on', 'root ::= ("a" | "ab") "bc"', ['abc', 'abbc'], ['ac']],
])('%s', (_, grammar, accepted, refused) => {
  const accepts = gbnfAccepts(grammar)
  expect([accepted.filter((text) => !accepts(text)), refused.filter(accepts)]).toEqual([[], []])
})

test('what is no grammar is told', () => {
  expect(() => gbnfAccepts('root ::= "a" & "b"')).toThrow('expected a rule of a grammar, found " & ')
  expect(() => gbnfAccepts('root ::= item')('x')).toThrow('expected the grammar to have a rule "item", found none')
})
