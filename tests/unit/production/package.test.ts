import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { packageModel } from '../../../src/cli/commands/package.ts'
import { load } from '../../../src/index.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'
import { trainLamp } from './trained-lamp.ts'

inOwnFolder('package-')
const quick = { seconds: 0.1 }
beforeEach(() => void vi.spyOn(process.stdout, 'write').mockReturnValue(true))
afterEach(() => vi.restoreAllMocks())

const document = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
/** Beside what a train leaves. */
const left = () => readdirSync('.').filter((file) => !['store', 'training'].includes(file))

test('the champion lies there as it is served, with what it came to and pages that name what there is, and goes on its way alone', async () => {
  await trainLamp({ seed: 2 })
  await trainLamp()
  await packageModel('lamp', 'out', quick)
  expect(readdirSync('out').sort()).toEqual(['MODEL.md', 'api_documentation.md', 'deployment_guide.md', 'model_weights', 'monitoring_setup.json', 'performance.json', 'production.json', 'rollback_procedure.md', 'smoke_test.jsonl', 'tokenizer'])
  expect(readdirSync('out/tokenizer')).toEqual(['tokenizer.json'])
  expect(readdirSync('out/model_weights').sort()).toEqual(['Modelfile', 'calibration.json', 'clitron.json', 'grammar.gbnf', 'lamp.yaml', 'prompt_template.json', 'random.gguf'])
  expect(left()).toEqual(['out'])

  const performance = document('out/performance.json')
  expect(performance).toMatchObject({ smoke_test: { recorded: 4, alike: 4, differing: [], test: { n: 2 } }, model: { file: 'random.gguf' } })
  expect(performance.load_test.map(({ at_once }: { at_once: number }) => at_once)).toEqual([1, 4])
  for (const { latency_ms: { p50, p95, p99, longest }, answers } of performance.load_test) {
    expect(answers).toBeGreaterThanOrEqual(20)
    expect([p50, p95, p99, longest]).toEqual([p50, p95, p99, longest].toSorted((a, b) => a - b))
  }
  const { memory: { before_loading, loaded, peak } } = performance
  expect([before_loading, loaded, peak]).toEqual([before_loading, loaded, peak].toSorted((a, b) => a - b))
  const bad = Object.fromEntries(performance.bad_questions.map((each: { what: string; result: string }) => [each.what, each.result]))
  expect(bad).toMatchObject({ empty: 'refused', '5,000 characters': 'refused', 'control characters': 'answered' })
  expect(Object.values(bad)).not.toContain('failed')

  const [guide, back] = ['deployment_guide.md', 'rollback_procedure.md'].map((file) => readFileSync(`out/${file}`, 'utf8'))
  for (const [, file] of guide!.matchAll(/^\| `([\w./]+)`/gm)) expect(existsSync(`out/${file}`), file).toBe(true)
  for (const [, file] of guide!.matchAll(/--(?:model|grammar-file) (\S+)/g)) expect(existsSync(`out/model_weights/${file}`), file).toBe(true)
  expect(JSON.parse(/completion -d '(.*)'/.exec(guide!)![1]!)).toMatchObject({ prompt: expect.stringMatching(/^<s>.*<sep>$/s), stop: ['</s>'] })
  expect(back).toContain('npx clitron package lamp out-version-1 --model-version 1')
  expect(back).toMatch(/^\| 1 \| .* \| yes \|$/m)
  expect(back).not.toContain('--model-version 3')
  for (const [, block] of `${guide}${back}`.matchAll(/^```sh\n([^]*?)^```/gm)) execFileSync('bash', ['-n', '-c', block!])

  renameSync('out', 'elsewhere')
  rmSync('store', { recursive: true })
  const model = await load('elsewhere/model_weights')
  const { output } = await model.ask('on please')
  await model.close()
  expect(readFileSync('elsewhere/api_documentation.md', 'utf8').replace(/\s/g, '')).toContain(JSON.stringify(output).replace(/,"confidence.*/, '').replace(/\s/g, ''))
  await packageModel('lamp', 'elsewhere', { ...quick, check: true })
}, 60_000)

test('a model that answers otherwise than it was evaluated is not packed: nothing is left of it', async () => {
  await trainLamp({ remember: ({ error: _, ...outcome }) => ({ ...outcome, confidence: 1 - outcome.confidence / 2 }) })
  await expect(packageModel('lamp', 'out', quick)).rejects.toMatchObject({ type: 'GateNotPassed', message: expect.stringMatching(/^Version 1 of lamp does not pass its smoke test: 4 of 4 questions are answered otherwise .*"light it": right with confidence .* Nothing was written to out\.$/) })
  expect(left()).toEqual([])
}, 60_000)

test('a package that was changed on its way is told by the file', async () => {
  await trainLamp()
  await packageModel('lamp', 'out', quick)
  const check = () => packageModel('lamp', 'out', { ...quick, check: true })
  const grammar = readFileSync('out/model_weights/grammar.gbnf')
  writeFileSync('out/model_weights/grammar.gbnf', grammar.subarray(0, grammar.length / 2))
  await expect(check()).rejects.toMatchObject({ type: 'GateNotPassed', message: expect.stringMatching(/^model_weights\/grammar\.gbnf is not the file that was packed: expected \d+ bytes/) })
  rmSync('out/model_weights/grammar.gbnf')
  await expect(check()).rejects.toThrow('The package lacks model_weights/grammar.gbnf')
  await expect(packageModel('other', 'out', { ...quick, check: true })).rejects.toThrow('clitron package lamp out --check')
  await expect(packageModel('lamp', 'store', { ...quick, check: true })).rejects.toThrow('Expected production.json in store')

  // Packed again, it is whole again; but nobody's own file is lost.
  writeFileSync('out/notes.txt', 'mine')
  await expect(packageModel('lamp', 'out', quick)).rejects.toThrow('notes.txt in it is not of that package')
  rmSync('out/notes.txt')
  await packageModel('lamp', 'out', quick)
  expect(readFileSync('out/model_weights/grammar.gbnf')).toEqual(grammar)
  expect(left()).toEqual(['out'])
}, 60_000)

test('what cannot be packed says why, before anything is written', async () => {
  mkdirSync('training/models/lamp', { recursive: true })
  await expect(packageModel('lamp', 'out', quick)).rejects.toThrow('lamp was never trained here: `clitron train lamp`.')
  const { report } = await trainLamp()
  await expect(packageModel('lamp', 'out', { ...quick, modelVersion: 7 })).rejects.toThrow('found 7. There are: 1.')
  mkdirSync('mine')
  writeFileSync('mine/letter.txt', 'Dear')
  await expect(packageModel('lamp', 'mine', quick)).rejects.toThrow('Expected mine to be new, empty or an earlier package (with production.json); it holds other files.')
  rmSync('mine', { recursive: true })
  const { 'grammar.gbnf': grammar } = await new ArtifactStore().readTree(report)
  appendFileSync(`store/objects/${grammar!.sha256.slice(0, 2)}/${grammar!.sha256}`, 'x')
  await expect(packageModel('lamp', 'out', quick)).rejects.toMatchObject({ name: 'DamagedArtifact', message: expect.stringMatching(/^Version 1 of lamp cannot be packed: .* is damaged: .* That command is `npx clitron train lamp`\.$/) })
  expect(left()).toEqual([])
}, 60_000)
