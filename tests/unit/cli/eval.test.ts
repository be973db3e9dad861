import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { asTyped } from '../../../src/cli/as-typed.ts'
import { main } from '../../../src/cli/main.ts'
import { loadSchema } from '../../../src/tasks/index.ts'
import { randomModel, scratchTemplate } from '../inference/random-model.ts'

// A model with random weights would go on to its longest answer.
vi.mock('../../../src/inference/predictors.ts', () => ({
  loadPredictors: async () => ({ atOnce: 1, promptTokens: () => [], close: async () => {}, predict: async () => ({ completion: '', probability: 0.4, logProbability: -0.9, tokens: 3, endedByEos: true, latencyMs: 5 }) }),
}))
vi.mock('../../../src/cli/start.ts', () => ({ prepare: async (name: string) => ({ name }), start: async () => Promise.reject(new Error('no run is started here')) }))

let folder: string
const said = { out: '', err: '' }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eval-'))
  Object.assign(said, { out: '', err: '' })
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true))
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
})

const announced = asTyped('There is no model of notes in this folder yet: the stages before are run first, as by `clitron train notes`.\n')

test('an evaluation without a model says that it trains one first', async () => {
  expect(await main(['eval', 'notes'])).toBe(1)
  expect(said.out).toBe(announced)
})

test('beside a JSON document it says so on the other stream', async () => {
  await main(['eval', 'notes', '--json'])
  expect(said.err).toContain(announced)
  expect(JSON.parse(said.out)).toMatchObject({ error: { message: 'no run is started here' } })
})

test('with a model, or for another stage, it says nothing', async () => {
  await main(['sft', 'notes'])
  mkdirSync(join(folder, 'training', 'models', 'notes'), { recursive: true })
  writeFileSync(join(folder, 'training', 'models', 'notes', 'clitron.json'), '{}')
  await main(['eval', 'notes'])
  expect(said.out).toBe('')
})

function withSchema(): string {
  mkdirSync(join(folder, 'schemas'))
  copyFileSync(join(import.meta.dirname, '../../fixtures/notes.yaml'), join(folder, 'schemas', 'notes.yaml'))
  const rows = join(folder, 'rows.jsonl')
  writeFileSync(rows, '{"instruction":"list my notes","command":"notes note list"}\n')
  return rows
}

test.each(['--model', '--gguf'])('the file that %s names is the one that is scored, so it must be a model', async (option) => {
  const rows = withSchema()
  expect(await main(['eval', 'notes', '--data', rows, option, rows])).toBe(2)
  expect(said.err).toContain(`Expected a GGUF model at ${rows}; found a file that begins with "{\\"instru"`)
})

test.each([['--teacher', 'anthropic'], ['--batch']])('an evaluation asks no teacher: %s is refused', async (...option) => {
  expect(await main(['eval', 'notes', ...option])).toBe(2)
  expect(said.err).toContain(`unknown option '${option[0]}'`)
})

test.each([['--quant', 'q8_0'], ['--base', 'llama-3.2-1b'], ['--detach']])('rows are scored as they are: %s beside --data is refused', async (...option) => {
  expect(await main(['eval', 'notes', '--data', 'rows.jsonl', ...option])).toBe(2)
  expect(said.err).toContain(`option '--data <file>' cannot be used with option '${option[0]}`)
})

test('rows of the training data are told, as is the size of the model, and a warning stands beside the document', async () => {
  const rows = withSchema()
  const { family, schema } = loadSchema({ name: 'notes', file: 'notes.yaml', text: readFileSync(join(folder, 'schemas', 'notes.yaml'), 'utf8') })
  const model = join(folder, 'random.gguf')
  copyFileSync(randomModel({ pieces: family.pieces(schema) }), model)
  writeFileSync(join(folder, 'prompt_template.json'), JSON.stringify(scratchTemplate))
  expect(await main(['eval', 'notes', '--data', rows, '--model', model, '--json'])).toBe(0)
  expect(JSON.parse(said.out)).toMatchObject({ near_training: null, model: { path: model, bytes: statSync(model).size } })
  expect(said.err).not.toContain('training data')

  mkdirSync(join(folder, 'training', 'data', 'notes'), { recursive: true })
  const output = JSON.stringify({ type: 'command', command: 'note', subcommand: 'list', args: {}, flags: [], confidence: 0.95 })
  writeFileSync(join(folder, 'training', 'data', 'notes', 'train.jsonl'), `${JSON.stringify({ instruction: 'List my notes', context: null, output })}\n`)
  said.out = ''
  expect(await main(['eval', 'notes', '--data', rows, '--model', model, '--json']), said.err).toBe(0)
  expect(JSON.parse(said.out)).toMatchObject({ near_training: 1 })
  expect(said.err).toContain(`${rows}: 1 of 1 rows stand in the training data, word for word or nearly so`)
})

test('a sample for people is written once, and read back by import', async () => {
  withSchema()
  const { family, schema } = loadSchema({ name: 'notes', file: 'notes.yaml', text: readFileSync(join(folder, 'schemas', 'notes.yaml'), 'utf8') })
  const model = join(folder, 'random.gguf')
  copyFileSync(randomModel({ pieces: family.pieces(schema) }), model)
  writeFileSync(join(folder, 'prompt_template.json'), JSON.stringify(scratchTemplate))
  const out = join(folder, 'human_feedback.json')
  expect(await main(['eval', 'notes', '--sample', '2', '--out', out])).toBe(2)
  expect(said.err).toContain('There is no test split of notes here yet')

  mkdirSync(join(folder, 'training', 'data', 'notes'), { recursive: true })
  const output = JSON.stringify({ type: 'command', command: 'note', subcommand: 'list', args: {}, flags: [], confidence: 0.95 })
  const asked = ['list my notes', 'show all notes', 'what notes are there']
  writeFileSync(join(folder, 'training', 'data', 'notes', 'train_test.jsonl'), asked.map((instruction, i) => `${JSON.stringify({ instruction, context: null, output, ...(i === 2 && { part: 'final' }) })}\n`).join(''))
  expect(await main(['eval', 'notes', '--sample', '5', '--out', out, '--model', model, '--json']), said.err).toBe(0)
  const rows = JSON.parse(readFileSync(out, 'utf8')) as Record<string, unknown>[]
  expect(rows.map(({ instruction }) => instruction).sort()).toEqual(asked.slice(0, 2).sort())
  expect(rows[0]).toMatchObject({ context: null, output: expect.anything(), confidence: expect.any(Number), corrected: '' })
  expect(JSON.parse(said.out)).toMatchObject({ name: 'notes', file: out, rows: 2, wrong: 2, of: 2 })

  expect(await main(['eval', 'notes', '--sample', '5', '--out', out, '--model', model])).toBe(2)
  expect(said.err).toContain("is there already, maybe with somebody's corrections")
  writeFileSync(out, JSON.stringify([{ ...rows[0], corrected: 'notes note list' }, rows[1]]))
  said.out = ''
  expect(await main(['import', 'notes', out, '--json']), said.err).toBe(0)
  expect(JSON.parse(said.out)).toMatchObject({ accepted: 1, unreviewed: 1, rejected: [] })
}, 120_000)

test('--out without --sample says what it needs', async () => {
  expect(await main(['eval', 'notes', '--out', 'x.json'])).toBe(2)
  expect(said.err).toContain('--out needs --sample')
})

test('a chat model as it was downloaded is asked with a prompt, and counted in tokens', async () => {
  const rows = withSchema()
  const { family, schema } = loadSchema({ name: 'notes', file: 'notes.yaml', text: readFileSync(join(folder, 'schemas', 'notes.yaml'), 'utf8') })
  const output = JSON.stringify({ type: 'command', command: 'note', subcommand: 'list', args: {}, flags: [], confidence: 0.95 })
  mkdirSync(join(folder, 'training', 'data', 'notes'), { recursive: true })
  writeFileSync(join(folder, 'training', 'data', 'notes', 'train.jsonl'), `${JSON.stringify({ instruction: 'what did I write down', context: null, output })}\n`)
  const model = randomModel({ pieces: family.pieces(schema), chat: true, context: 4_096 })
  expect(await main(['eval', 'notes', '--data', rows, '--model', model, '--untrained', '--json']), said.err).toBe(0)
  const found = JSON.parse(said.out) as Record<string, any>
  expect(found).toMatchObject({ models: { untrained: model, trained: null }, prompt: { examples: 1 }, [rows]: { n: 1, rows: 1, trained: null, gain: null, bad_rows: [] } })
  // The whole prompt of a question, and no less: its fixed part and the question.
  const { tokens } = found[rows].untrained
  expect(tokens.prompt).toBeGreaterThan(found.prompt.tokens)
  expect(tokens.prompt).toBeLessThan(found.prompt.tokens + 60)
  expect(tokens.answer).toBeGreaterThan(0)

  expect(await main(['eval', 'notes', '--data', rows, '--model', randomModel(), '--untrained'])).toBe(2)
  expect(said.err).toContain('found no chat template in it')
  expect(await main(['eval', 'notes', '--untrained'])).toBe(2)
  expect(said.err).toContain('name its GGUF with --model FILE')
})
