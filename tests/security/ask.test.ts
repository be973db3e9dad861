import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeBundle } from '../../src/inference/bundle.ts'
import { cli } from '../../src/tasks/cli/index.ts'
import { randomModel, scratchTemplate as template } from '../unit/inference/random-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'clitron-ask-security-'))
const schemaText = `
cli_name: lamp
commands:
  - {name: say, description: "Say \\e[31mit", args: [{name: text, positional: true}]}
  - {name: shine}
`

/** Real weights that can say only this, and are sure of it. */
async function model(name: string, answer: unknown) {
  const schema = cli.parse({ name, file: `${name}.yaml`, text: schemaText })
  const json = JSON.stringify(answer).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const says = json.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  await writeBundle(join(folder, 'training', 'models', name), {
    name, kind: 'cli', quantization: 'f32', base: 'scratch', template, schemaText, gguf: randomModel({ pieces: cli.pieces(schema) }),
    grammar: `root ::= "${says}"`, calibration: { method: 'platt', slope: 0, intercept: 5, rows: 9 },
  })
}

const text = 'hi\u001b[2J\u009b31m\u202egpj'
beforeAll(async () => {
  mkdirSync(join(folder, 'bin'))
  await model('lamp', { type: 'command', command: 'say', subcommand: null, args: { text }, flags: [] })
  await model('asker', { type: 'clarification', message: 'Did you\u001b]0;x\u0007 mean this?', suggestions: [{ label: 'Say \u001b[31mit', command: 'say', subcommand: null }] })
  await model('flood', { type: 'command', command: 'shine', subcommand: null, args: {}, flags: [] })
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ask = (name: string, ...args: string[]) => execa(process.execPath, [resolve(import.meta.dirname, '../../bin/clitron.js'), 'ask', name, 'say it', '--no-context', ...args], {
  cwd: folder, reject: false, stdin: 'ignore', env: { PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`, FORCE_COLOR: undefined, NO_COLOR: '1' },
})
const lamp = (script: string) => {
  writeFileSync(join(folder, 'bin', 'lamp'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'bin', 'lamp'), 0o755)
}
const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/

test('control characters of an answer are spelt out on the terminal', async () => {
  const { stdout } = await ask('lamp')
  expect(stdout).toMatch(/^lamp say 'hi\\u001b\[2J\\u009b31m\\u202egpj'$/m)
  expect(stdout).not.toMatch(raw)
})

test('and of a question back, with its labels', async () => {
  const { stdout } = await ask('asker')
  expect(stdout).toMatch(/^Did you\\u001b\]0;x\\u0007 mean this\?\n  - Say \\u001b\[31mit \(say\)/)
  expect(stdout).not.toMatch(raw)
})

test('a document holds them escaped: read as JSON it is what the model said', async () => {
  const { stdout } = await ask('lamp', '--json')
  expect(stdout).not.toMatch(raw)
  expect(JSON.parse(stdout).output.args.text).toBe(text)
})

test('they are not executed, and the reason says so', async () => {
  lamp(`touch ${join(folder, 'ran')}`)
  const { exitCode, stderr } = await ask('lamp', '--execute')
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/An argument holds control characters \("hi\\+u001b\[2J/)
  expect(stderr).not.toMatch(raw)
  expect(existsSync(join(folder, 'ran'))).toBe(false)
})

test('a program that never ends goes with the command that started it', async () => {
  lamp(`echo $$ > ${join(folder, 'pid')}\nexec sleep 600`)
  const asking = ask('flood', '--execute')
  while (!existsSync(join(folder, 'pid')) || !readFileSync(join(folder, 'pid'), 'utf8').trim()) await new Promise((resolve) => setTimeout(resolve, 50))
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
  const started = performance.now()
  asking.kill('SIGTERM')
  await asking
  while (alive(pid) && performance.now() - started < 10_000) await new Promise((resolve) => setTimeout(resolve, 50))
  expect(alive(pid)).toBe(false)
}, 60_000)

test('a program that prints without end stops when nobody reads', async () => {
  lamp('exec yes')
  const asking = ask('flood', '--execute')
  asking.stdout!.once('data', () => asking.stdout!.destroy())
  await asking
}, 60_000)

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
