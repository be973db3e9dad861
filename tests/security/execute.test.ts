import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { InputError } from '../../src/errors.ts'
import type { Answer } from '../../src/inference/ask.ts'
import { checkArguments, execute } from '../../src/inference/execute.ts'
import { cli } from '../../src/tasks/cli/index.ts'
import { deceiving, visible } from '../../src/text.ts'
import { real, small } from '../unit/tasks/cli/fixtures.ts'

const root = mkdtempSync(join(tmpdir(), 'clitron-execute-security-'))
const ran = join(root, 'ran.json')

/** `hub`, which writes down what reaches it. */
beforeEach(() => {
  mkdirSync(join(root, 'bin'), { recursive: true })
  writeFileSync(join(root, 'bin', 'hub'), `#!${process.execPath}\nrequire('fs').writeFileSync(${JSON.stringify(ran)}, JSON.stringify(process.argv.slice(2)))\n`)
  chmodSync(join(root, 'bin', 'hub'), 0o755)
  vi.stubEnv('PATH', `${join(root, 'bin')}${delimiter}${process.env.PATH}`)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(ran, { force: true })
})
afterAll(() => rmSync(root, { recursive: true }))

/** What the model says, on its way through the schema and the renderer to the program. */
async function run(command: string, subcommand: string | null, args: Record<string, unknown>, flags: string[] = []) {
  const { argv, line } = cli.commandLine!(small, JSON.stringify({ type: 'command', command, subcommand, args, flags }))!
  const answer: Answer = { output: {}, argv, line, confidence: 0.99, action: 'execute', suggestions: [], latency_ms: 1 }
  const started = performance.now()
  const result = await execute(answer, { cwd: root }).finally(() => expect(performance.now() - started).toBeLessThan(10_000))
  expect(result).toEqual({ executed: true, exitCode: 0 })
  return JSON.parse(readFileSync(ran, 'utf8')) as string[]
}

const touch = join(root, 'pwned')
const shellTricks = ['; rm -rf ~', `$(touch ${touch})`, `\`touch ${touch}\``, `&& touch ${touch}`, `| tee ${touch}`, `> ${touch}`, `' ; touch ${touch} ; '`, `" ; touch ${touch} ; "`, '${IFS}', '$HOME', '~root', '*', '{a,b}', '!!', '\\', '%PATH%', "$'\\x41'", `x=() { :;}; touch ${touch}`, ':(){ :|:& };:', '<(id)', '#']

describe('what only a shell would obey reaches the program as one argument', () => {
  test.each(shellTricks)('%s', async (value) => {
    expect(await run('browse', null, { path: value })).toEqual(['browse', value])
    expect(await run('pr', 'close', { number: 1, comment: value })).toEqual(['pr', 'close', '1', '--comment', value])
    expect(existsSync(touch)).toBe(false)
  })
})

describe('a value that looks like an option', () => {
  const options = ['--web', '-R evil/repo', '-Revil/repo', '--upload-pack=touch pwned', '-oProxyCommand=touch pwned', '--config=core.sshCommand=touch pwned', '--', '---', '-\u2010x']
  test.each(options)('%s as a word of its own is refused: what a program hands on behind `--` may be read as an option after all', async (value) => {
    await expect(run('browse', null, { path: value })).rejects.toThrow(/begins with a dash and could be taken for an option .*it is not executed/)
    expect(existsSync(ran)).toBe(false)
  })

  test.each(options)('%s as the value of an option is glued to its name', async (value) => {
    expect(await run('pr', 'list', { author: value })).toEqual(['pr', 'list', `--author=${value}`])
    expect(await run('pr', 'list', { label: [value, 'x'] })).toEqual(['pr', 'list', `--label=${value}`, '--label', 'x'])
  })

  test('of a command that the program hands on to another is that one\'s', async () => {
    const kubectl = cli.commandLine!(real('kubectl'), JSON.stringify({ type: 'command', command: 'exec', subcommand: null, args: { pod: 'store-1', command: 'ls -la' }, flags: [] }))!
    expect(() => checkArguments(kubectl.argv, kubectl.handedOn)).not.toThrow()
    expect(() => checkArguments(kubectl.argv)).toThrow(/could be taken for an option/)
    const dashed = cli.commandLine!(real('kubectl'), JSON.stringify({ type: 'command', command: 'exec', subcommand: null, args: { pod: '--all', command: 'ls -la' }, flags: [] }))!
    expect(() => checkArguments(dashed.argv, dashed.handedOn)).toThrow(/"--all"\).*not executed/)
  })

  test('standard input is no option', async () => expect(await run('browse', null, { path: '-' })).toEqual(['browse', '--', '-']))
})

describe('what would show a person something else than it does is refused, and shown with its characters spelt out', () => {
  test.each([
    ['a cleared screen', 'a\u001b[2J\u001b[H'], ['a title that a terminal echoes', '\u001b]0;rm -rf ~\u0007'], ['a link in a terminal', '\u001b]8;;https://evil.invalid\u0007x\u001b]8;;\u0007'], ['a C1 control', '\u009b2J'], ['a line feed', 'a\nrm -rf ~'],
    ['a carriage return', 'rm -rf ~\rls'], ['a backspace', 'ab\b\bls'], ['a tab', 'a\tb'], ['DEL', 'a\u007f'], ['text from right to left', '\u202egpj.exe'], ['an isolate', '\u2066x'], ['a direction mark', 'a\u200eb'], ['a line that Unicode separates', 'a\u2028b'],
  ])('%s', async (_, value) => {
    await expect(run('pr', 'close', { number: 1, comment: value })).rejects.toThrow(/holds control characters .*it is not executed/)
    const message = await run('browse', null, { path: value }).catch((error: Error) => error.message)
    expect(message).not.toMatch(deceiving)
    expect(visible(value)).not.toMatch(deceiving)
    expect(existsSync(ran)).toBe(false)
  })
})

test('a NUL, a very long value and half of a surrogate pair are no answer at all', () => {
  for (const value of ['a\0b', 'x'.repeat(401), 'x'.repeat(10_000_000), '\ud800']) expect(cli.commandLine!(small, JSON.stringify({ type: 'command', command: 'browse', subcommand: null, args: { path: value }, flags: [] }))).toBeUndefined()
})

test('whatever an answer holds, long and zero bytes do not reach a program', async () => {
  const answer = (argv: string[]): Answer => ({ output: {}, argv, line: 'hub', confidence: 1, action: 'execute', suggestions: [], latency_ms: 1 })
  await expect(execute(answer(['hub', 'x'.repeat(1_001)]))).rejects.toThrow(InputError)
  await expect(execute(answer(['hub', 'a\0b']))).rejects.toThrow(InputError)
})

describe('the program', () => {
  test.each(['/bin/sh', './hub', '../hub', 'bin/hub', 'C:\\hub.exe'])('%s is refused: only its name is looked up', async (program) => {
    const answer: Answer = { output: {}, argv: [program, 'x'], line: 'x', confidence: 1, action: 'execute', suggestions: [], latency_ms: 1 }
    await expect(execute(answer)).rejects.toThrow(/named by a path/)
    expect(() => cli.parse({ name: 'x', file: 'x.yaml', text: `cli_name: ${JSON.stringify(program)}\ncommands: [{name: x}]` })).toThrow(/x\.yaml:1:11: expected "cli_name" to be/)
  })

  test('of another name in the folder of work is not found', async () => {
    writeFileSync(join(root, 'lure'), `#!/bin/sh\ntouch ${touch}\n`)
    chmodSync(join(root, 'lure'), 0o755)
    const answer: Answer = { output: {}, argv: ['lure'], line: 'lure', confidence: 1, action: 'execute', suggestions: [], latency_ms: 1 }
    await expect(execute(answer, { cwd: root })).rejects.toThrow(/"lure" is not installed, or not on PATH/)
    expect(existsSync(touch)).toBe(false)
  })
})
