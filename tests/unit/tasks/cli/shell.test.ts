import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical } from '../../../../src/tasks/cli/completion.ts'
import { parseLine, renderLine } from '../../../../src/tasks/cli/shell.ts'
import { splitWords } from '../../../../src/tasks/cli/shell-words.ts'
import { anyCommand, command, real, small } from './fixtures.ts'

const render = (...parts: Parameters<typeof command>) => renderLine(small, JSON.parse(command(...parts))).line

describe.each(['gh', 'kubectl'])('%s', (name) => {
  const schema = real(name)
  test('every command that is rendered is read back as the same answer', () => {
    fc.assert(
      fc.property(anyCommand(schema), (answer) => {
        const { argv, line } = renderLine(schema, answer)
        expect(splitWords(line)).toEqual(argv)
        expect(parseLine(schema, line)).toEqual(canonical(schema, answer))
      }),
      { numRuns: 400 },
    )
  })
})

test('a real shell reads the line as the argument vector', () => {
  fc.assert(
    fc.property(anyCommand(small), (answer) => {
      const { argv, line } = renderLine(small, answer)
      const words = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' }).split('\0').slice(0, -1)
      expect(words).toEqual(argv)
    }),
    { numRuns: 25 },
  )
})

test('a value that begins with a dash never becomes an option', () => {
  expect(render('browse', null, { path: '--web' })).toBe('hub browse -- --web')
  expect(render('pr', 'list', { author: '-d' })).toBe('hub pr list --author=-d')
  expect(render('pr', 'close', { number: -5, comment: '-' })).toBe('hub pr close --comment=- -- -5')
})

test('defaults are not written', () => {
  expect(render('pr', 'list', { limit: 30, state: 'open' }, ['web'])).toBe('hub pr list --web')
})

test.each([
  ['hub pr list -L5 -wd --state=all', { limit: 5, state: 'all' }, ['web', 'draft']],
  ['pr list -wL 5 -s every', { limit: 5, state: 'all' }, ['web']],
  ['$ hub pr list --label a,b -l "c d"', { label: ['a', 'b', 'c d'] }, []],
  ['hub -A me pr list --draft=false --web', { author: 'me' }, ['web']],
  ["hub pr list --author='o''k' # mine", { author: 'ok' }, []],
])('%s', (line, args, flags) => {
  expect(parseLine(small, line)).toEqual({ type: 'command', command: 'pr', subcommand: 'list', args, flags })
})

test.each([
  ['hub pr lst', /did you mean "list"/],
  ['hub pr list --lable x', /did you mean "--label"/],
  ['hub pr list | wc', /expected one plain command line, found "\|"/],
  ['hub pr list --author "$(id)"', /substitution/],
  ['hub pr close', /requires "number"/],
  ['hub pr close abc', /to be an integer, found "abc"/],
  ['hub pr view 1 2', /found one more: "2"/],
  ['hub pr list --limit', /expected a value after --limit/],
  ['hub pr list "x', /an open quote/],
])('%s is refused with the reason', (line, reason) => {
  expect(() => parseLine(small, line)).toThrow(reason)
})
