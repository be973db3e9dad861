import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { programHelp } from '../../../src/setup/program-help.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'program-help-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A program whose answers are a JavaScript function of its words. */
function program(body: string): string {
  const file = join(folder, 'harbour')
  writeFileSync(file, `#!${process.execPath}\nconst words = process.argv.slice(2)\nrequire('node:fs').appendFileSync(${JSON.stringify(join(folder, 'calls'))}, JSON.stringify([words, process.cwd(), process.env]) + '\\n')\n${body}\n`)
  chmodSync(file, 0o755)
  return file
}
const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as [string[], string, Record<string, string>])

const helpful = `
const page = { '': 'Usage: harbour [command]\\n\\nCommands:\\n  boat  Boats\\n  mute  Says nothing\\n', boat: 'Usage: harbour boat [command]\\n\\nCommands:\\n  list  List them\\n', 'boat list': 'Usage: harbour boat list [flags]\\n\\nFlags:\\n  --all  All\\n' }
const asked = words.slice(0, -1).join(' ')
if (asked === 'mute') process.exit(3)
process.stdout.write(page[asked] ?? '')`

test('asks a program and its commands for their help, and nothing else', async () => {
  process.env.HARBOUR_SECRET = 'not to be handed on'
  const seen: string[] = []
  const pages = await programHelp(program(helpful), { onProgress: ({ message }) => seen.push(message) })
  delete process.env.HARBOUR_SECRET
  expect([...pages.keys()].sort()).toEqual(['', 'boat', 'boat list'])
  expect(pages.get('boat list')!.options).toMatchObject([{ name: 'all' }])
  for (const [words, cwd, environment] of calls()) {
    expect(words.at(-1)).toBe('--help')
    expect(environment).not.toHaveProperty('HARBOUR_SECRET')
    expect(environment.HOME).toBe(cwd)
    expect(existsSync(cwd)).toBe(false)
  }
  expect(seen.some((message) => message.endsWith('boat list --help'))).toBe(true)
})

test('a program without commands, and one that is not there, are told as such', async () => {
  await expect(programHelp(program(`process.stdout.write('Usage: harbour [OPTIONS]\\n\\nOptions:\\n  --all  All\\n')`))).rejects.toThrow('names no commands')
  await expect(programHelp('no-such-program-here')).rejects.toThrow('not on the PATH')
})
