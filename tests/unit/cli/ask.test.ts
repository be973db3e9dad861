import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asTyped } from '../../../src/cli/as-typed.ts'
import { writeBundle } from '../../../src/inference/bundle.ts'
import { cli } from '../../../src/tasks/cli/index.ts'
import { randomModel, scratchTemplate as template } from '../inference/random-model.ts'

const schemaText = `
cli_name: lamp
description: A lamp
commands:
  - {name: "on", description: Light it, flags: [{name: dim}]}
  - {name: "set", description: Set the colour, args: [{name: colour, required: true}]}
`
const folder = mkdtempSync(join(tmpdir(), 'clitron-ask-command-'))
const program = join(folder, 'bin', 'lamp')

const dimmed = '{\\"type\\":\\"command\\",\\"command\\":\\"on\\",\\"subcommand\\":null,\\"args\\":{},\\"flags\\":[\\"dim\\"]}'
const asking = '{\\"type\\":\\"clarification\\",\\"message\\":\\"Did you mean one of these?\\",\\"suggestions\\":[{\\"label\\":\\"Light it\\",\\"command\\":\\"on\\",\\"subcommand\\":null}]}'

/** Real weights that can say only `lamp on --dim`, or `says`, as sure as `intercept` makes them. */
async function model(name: string, intercept: number, says = dimmed) {
  const schema = cli.parse({ name, file: `${name}.yaml`, text: schemaText })
  await writeBundle(join(folder, 'training', 'models', name), {
    name, kind: 'cli', quantization: 'f32', base: 'scratch', template, schemaText, gguf: randomModel({ pieces: cli.pieces(schema) }),
    grammar: `root ::= "${says}"`, calibration: { method: 'platt', slope: 0, intercept, rows: 9 },
  })
}

beforeAll(async () => {
  for (const name of ['bin', 'schemas']) mkdirSync(join(folder, name))
  writeFileSync(program, '#!/bin/sh\necho "the lamp is on: $*"\nexit 7\n')
  chmodSync(program, 0o755)
  await model('lamp', 5)
  await model('unsure', -5)
  await model('middling', 0.405)
  await model('asker', 5, asking)
  await model('wondering', 5, asking.replace(/\[.*\]/, '[]'))
  await model('incomplete', 5, dimmed.replace('on', 'set').replace('\\"dim\\"', ''))
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ask = (name: string, ...args: string[]) => execa(process.execPath, [resolve(import.meta.dirname, '../../../bin/clitron.js'), 'ask', name, 'dim the light', '--no-context', ...args], {
  cwd: folder, reject: false, stdin: 'ignore', env: { PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`, FORCE_COLOR: undefined, NO_COLOR: '1' },
})

test('with --json the program speaks on stderr, and the document tells that it ran', async () => {
  const { stdout, stderr, exitCode } = await ask('lamp', '--execute', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ line: 'lamp on --dim', action: 'execute', executed: true, exit_code: 7 })
  expect(stderr).toContain('the lamp is on: on --dim')
  expect(exitCode).toBe(7)
})

test('a file is asked about with --data; one that is not there is told', async () => {
  writeFileSync(join(folder, 'wish.txt'), 'dim the light, please')
  const asked = (...args: string[]) => execa(process.execPath, [resolve(import.meta.dirname, '../../../bin/clitron.js'), 'ask', 'lamp', ...args], { cwd: folder, reject: false, stdin: 'ignore' })
  expect(JSON.parse((await asked('--data', 'wish.txt', '--json')).stdout)).toMatchObject({ line: 'lamp on --dim' })
  expect((await asked('--data', 'none.txt')).stderr).toContain('none.txt cannot be read; --data takes the file that is asked about.')
  expect((await asked()).stderr).toContain('The question is empty')
})

test('without --json it speaks on stdout', async () => {
  const { stdout, exitCode } = await ask('lamp', '--execute')
  expect(stdout).toMatch(/^lamp on --dim\nconfidence 99.*\nthe lamp is on: on --dim$/)
  expect(exitCode).toBe(7)
})

test('a command that it is not sure of comes with what to choose from', async () => {
  expect((await ask('middling')).stdout).toMatch(/^lamp on --dim\n  - Light it \(on\)\nconfidence 60\.\d%, not sure: choose one, /)
  expect(JSON.parse((await ask('middling', '--json')).stdout)).toMatchObject({ action: 'clarify', suggestions: [{ label: 'Light it', command: 'on', subcommand: null }] })
})

test('what is no allowed command comes with what to choose from, however sure the model is', async () => {
  expect((await ask('incomplete')).stdout).toMatch(/\n  - Set the colour \(set\)\n  - Light it \(on\)\nconfidence 99\.\d%, not sure: choose one, /)
})

test('nobody is asked to choose where nothing is to choose from', async () => {
  expect((await ask('wondering')).stdout).toMatch(/^Did you mean one of these\?\nconfidence 99\.\d%, please say it differently, /)
})

test('a question back is no doubt', async () => {
  expect((await ask('asker')).stdout).toMatch(/^Did you mean one of these\?\n  - Light it \(on\)\nconfidence 99\.\d%, choose one, or say more, /)
})

test('the document tells why nothing was executed', async () => {
  const { stdout, exitCode } = await ask('unsure', '--execute', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ action: 'ask', executed: false, reason: expect.stringContaining('not sure enough') })
  expect(exitCode).toBe(4)
})

test('a program that is not installed is told in the document, beside the answer', async () => {
  rmSync(program)
  const { stdout, stderr, exitCode } = await ask('lamp', '--execute', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ line: 'lamp on --dim', executed: false, reason: expect.stringContaining('"lamp" is not installed') })
  expect(stderr).toContain('"lamp" is not installed')
  expect(exitCode).toBe(2)
})

test('a model that is older than its schema says so on stderr, and what to do', async () => {
  const schema = join(folder, 'schemas', 'lamp.yaml')
  writeFileSync(schema, schemaText)
  expect((await ask('lamp', '--json')).stderr).toBe('')
  writeFileSync(schema, schemaText.replace('Light it', 'Switch it on'))
  const { stdout, stderr } = await ask('lamp', '--json')
  expect(JSON.parse(stdout)).not.toHaveProperty('executed')
  expect(stderr).toBe(asTyped('The model of lamp is older than schemas/lamp.yaml and knows nothing of its changes: `clitron train lamp` makes a new one.'))
  expect((await ask('lamp', '--json', '--model', join('training', 'models', 'lamp'))).stderr).toBe('')
})
