import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { load } from '../../../src/index.ts'
import { ask } from '../../../src/inference/ask.ts'
import { packBundle, writeBundle } from '../../../src/inference/bundle.ts'
import { cli } from '../../../src/tasks/cli/index.ts'
import { randomModel, scratchTemplate as template } from './random-model.ts'

const schemaText = `
cli_name: lamp
description: A lamp
commands:
  - {name: "on", description: Light it, flags: [{name: dim}]}
  - {name: "off", description: Darken it, args: [{name: minutes, type: integer}]}
`
const schema = cli.parse({ name: 'lamp', file: 'lamp.yaml', text: schemaText })
const folder = mkdtempSync(join(tmpdir(), 'clitron-ask-'))
const bundle = join(folder, 'training', 'models', 'lamp')
const content = { name: 'lamp', kind: 'cli', quantization: 'f32', base: 'scratch', template, schemaText }
const cwd = process.cwd()

beforeAll(async () => {
  mkdirSync(join(folder, 'training', 'models', 'lamp'), { recursive: true })
  const gguf = randomModel({ pieces: cli.pieces(schema) })
  await writeBundle(bundle, { ...content, gguf, grammar: cli.grammar(schema), calibration: { method: 'identity' } })
  await packBundle(bundle, join(folder, 'lamp.tgz'))
}, 60_000)
afterEach(() => process.chdir(cwd))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a model loads by its training\'s name, by its bundle and by the .tgz, and answers the same', async () => {
  process.chdir(folder)
  process.env.CLITRON_CACHE = join(folder, 'cache')
  const answers = []
  for (const at of ['lamp', bundle, 'lamp.tgz']) {
    const lamp = await load(at)
    answers.push(await lamp.ask('light it', { context: null }))
    await lamp.close()
  }
  delete process.env.CLITRON_CACHE
  for (const { output, line, confidence, action, latency_ms } of answers) {
    expect(output).toEqual(answers[0]!.output)
    expect(line).toEqual(answers[0]!.line)
    expect((output as { confidence: number }).confidence).toBeCloseTo(confidence, 2)
    expect(action).toBe('ask') // random weights are sure of nothing that the grammar allows
    expect(latency_ms).toBeGreaterThan(0)
  }
}, 30_000)

test('the thresholds act on the calibrated confidence', async () => {
  const sure = join(folder, 'sure')
  await writeBundle(sure, { ...content, gguf: join(bundle, 'random.gguf'), grammar: 'root ::= "{\\"type\\":\\"command\\",\\"command\\":\\"on\\",\\"subcommand\\":null,\\"args\\":{},\\"flags\\":[\\"dim\\"]}"', calibration: { method: 'platt', slope: 0, intercept: 5, rows: 9 } })
  expect(await ask({ bundle: sure, instruction: 'dim the light' })).toMatchObject({
    output: { type: 'command', command: 'on', flags: ['dim'], confidence: expect.closeTo(0.993, 2) },
    line: 'lamp on --dim',
    argv: ['lamp', 'on', '--dim'],
    action: 'execute',
  })
  const asking = join(folder, 'asking')
  await writeBundle(asking, { ...content, gguf: join(bundle, 'random.gguf'), grammar: 'root ::= "{\\"type\\":\\"clarification\\",\\"message\\":\\"What would you like to do?\\",\\"suggestions\\":[]}"', calibration: { method: 'platt', slope: 0, intercept: 5, rows: 9 } })
  expect(await ask({ bundle: asking, instruction: 'help me' })).toMatchObject({ output: { type: 'clarification' }, line: null, argv: null, action: 'clarify' })
}, 30_000)

test('an empty question is refused', () => expect(ask({ bundle, instruction: ' ' })).rejects.toThrow('The question is empty'))
