import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical } from '../../../../src/tasks/cli/completion.ts'
import { parseLine, renderLine } from '../../../../src/tasks/cli/shell.ts'
import { findLeaf } from '../../../../src/tasks/cli/schema.ts'
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
        const read = parseLine(schema, line)
        // Of a command behind `--` its words count, not how they were quoted.
        for (const { name } of findLeaf(schema, answer.command, answer.subcommand)!.args.filter((arg) => arg.after_dashes && arg.name in answer.args)) {
          expect(renderLine(schema, read).argv).toEqual(argv)
          read.args[name] = answer.args[name]!
        }
        expect(read).toEqual(canonical(schema, answer))
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

describe('a command for another program', () => {
  const kubectl = real('kubectl')
  const exec = (said: string) => renderLine(kubectl, JSON.parse(command('exec', null, { pod: 'store-1', command: said, namespace: 'shop' }, ['stdin', 'tty']))).line
  test.each([
    ['ls -la /data', 'ls -la /data'],
    ['sh -c "date; id"', "sh -c 'date; id'"],
    ['psql -c "a \'b\'"', "psql -c 'a '\\''b'\\'''"],
    ['echo #1', "echo '#1'"],
    ['--', '--'],
    ['cat x | wc', "'cat x | wc'"],
    ["it's", "'it'\\''s'"],
  ])('%s stands behind `--`, word by word where it can be split', (said, written) => {
    expect(exec(said)).toBe(`kubectl exec store-1 --namespace shop --stdin --tty -- ${written}`)
  })
  test.each([
    ['kubectl exec -it store-1 -n shop -- ls -la /data', { pod: 'store-1', namespace: 'shop', command: 'ls -la /data' }],
    ['kubectl exec store-1 -- sh -c "date; id"', { pod: 'store-1', command: "sh -c 'date; id'" }],
    ['kubectl run web --image=nginx -- --port 80', { name: 'web', image: 'nginx', command: '--port 80' }],
    ['kubectl create cronjob tidy --image=busybox --schedule="0 2 * * *" -- /tidy.sh -v', { name: 'tidy', image: 'busybox', schedule: '0 2 * * *', command: '/tidy.sh -v' }],
  ])('%s is read', (line, args) => expect(parseLine(kubectl, line).args).toEqual(args))
})

test('a value that is read only behind `=` stands there', () => {
  const kubectl = real('kubectl')
  const { argv, line } = renderLine(kubectl, JSON.parse(command('apply', null, { filename: ['web.yaml'], 'dry-run': 'client' })))
  expect([argv.at(-1), line]).toEqual(['--dry-run=client', 'kubectl apply --filename web.yaml --dry-run=client'])
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
