import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { main } from '../../../src/cli/main.ts'
import { JudgeResults } from '../../../src/evaluation/judge-results.ts'
import { assistant } from '../../../src/tasks/assistant/index.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'
import { standIn, type StandInOptions } from '../../standin/server.ts'
import { randomModel, scratchTemplate } from '../inference/random-model.ts'
import { kettle, kettleYaml } from '../tasks/assistant/fixtures.ts'
import { billed } from '../../standin/bill.ts'

const off = JSON.stringify({ quotes: ['use/boil-lock/off'] })
const wrong = JSON.stringify({ quotes: ['use/lid-lock/off'] })

// What answers: every second question is answered rightly.
vi.mock('../../../src/inference/predictors.ts', () => ({
  loadPredictors: async () => ({
    atOnce: 1, promptTokens: () => [], close: async () => {},
    predict: async (instruction: string) => ({ completion: Number(instruction.split(' ').at(-1)) % 2 ? wrong : off, probability: 0.9, logProbability: -0.1, tokens: 5, endedByEos: true, latencyMs: 7 }),
  }),
}))

inOwnFolder('judge-')
const said = { out: '', err: '' }
const key = 'test-key-of-nobody'
beforeEach(() => {
  Object.assign(said, { out: '', err: '' })
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true))
  vi.stubEnv('ANTHROPIC_API_KEY', '')
  vi.stubEnv('ANTHROPIC_BASE_URL', '')
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
})

const jsonl = (count: number, more: object = {}) => Array.from({ length: count }, (_, n) => `${JSON.stringify({ instruction: `turn the boil lock off ${n}`, context: null, output: off, ...more })}\n`).join('')

/** A folder with a schema, a model's file and its held-out rows, and a stand-in that judges; `evaluate` runs the command on it. */
async function kettleFolder(options: Partial<StandInOptions> = {}) {
  for (const folder of ['schemas', 'training/data/kettle']) mkdirSync(folder, { recursive: true })
  writeFileSync('schemas/kettle.yaml', kettleYaml())
  writeFileSync('training/data/kettle/train_test.jsonl', jsonl(12))
  writeFileSync('schemas/kettle.golden.jsonl', jsonl(4, { part: 'final' }))
  copyFileSync(randomModel({ pieces: assistant.pieces(kettle) }), 'random.gguf')
  writeFileSync('prompt_template.json', JSON.stringify(scratchTemplate))
  const server = await standIn({ knowledge: [], key, ...options })
  onTestFinished(() => server.close())
  vi.stubEnv('ANTHROPIC_BASE_URL', server.url)
  vi.stubEnv('ANTHROPIC_API_KEY', key)
  const evaluate = (...args: string[]) => {
    Object.assign(said, { out: '', err: '' })
    return main(['eval', 'kettle', '--model', 'random.gguf', ...args])
  }
  return { server, evaluate }
}
const results = () => JudgeResults.parse(JSON.parse(readFileSync('training/models/kettle/judge.json', 'utf8')))

test('after the scores a sample of each set is judged; terminal, document and file have the result, and the second time it is free', async () => {
  const { server, evaluate } = await kettleFolder({ judge: () => ({ correct: true, complete: true, grounded: true }) })
  expect(await evaluate('--judge', '--budget', '2', '--sample', '5', '--seed', '3', '--json'), said.err).toBe(0)
  const document = JSON.parse(said.out) as Record<string, any>
  expect(document).toMatchObject({
    test: { n: 12, equivalent: 0.5, judge: { judge: 'claude-opus-4-5', rows: 12, sampled: 5, judged: 5, seed: 3, passed: { rate: 1 } } },
    golden: { n: 4, judge: { rows: 4, sampled: 4, judged: 4, calls: 1, counted_wrong_judged_right: [] } },
  })
  expect(said.err).toMatch(/9 answers judged by claude-opus-4-5 in 2 calls cost about \$0\.\d\d, \$0\.\d\d at most; the budget of all judging of kettle is \$2\./)
  expect(results()).toMatchObject({
    name: 'kettle', command: 'npx clitron eval kettle --model random.gguf --judge --judge-model claude-opus-4-5 --sample 5 --seed 3',
    model: { path: 'random.gguf', bytes: statSync('random.gguf').size }, sets: { test: document.test.judge, golden: document.golden.judge },
  })
  expect(document.test.judge.dollars + document.golden.judge.dollars).toBeCloseTo(billed(server.log), 10)

  expect(await evaluate('--judge', '--sample', '5', '--seed', '3'), said.err).toBe(0)
  expect(server.paid()).toHaveLength(2)
  expect(said.err).toContain('9 answers judged by claude-opus-4-5 cost nothing: their 2 calls are recorded.')
  expect(said.out).toMatch(/test: 50\.0% of 12 rows equivalent[^]*golden: [^]*test, judged by claude-opus-4-5: 100\.0% of 5 answers pass \(95% interval 57–100%\), a random sample of 12 \(seed 3\)/)
  expect(said.out).toMatch(/golden, judged by claude-opus-4-5: 100\.0% of 4 answers pass \(95% interval 51–100%\), all rows there are/)
  expect(said.out).toMatch(/judge and program agree +\d+\.\d% of the answers, Cohen's kappa /)
  expect(said.out).toMatch(/\$0\.\d\d for 1 call, \$0 of it paid now/)
  expect(said.out).toContain('All of it stands in training/models/kettle/judge.json.')

  await main(['ledger'])
  expect(said.out).toMatch(/kettle \(judge\) +claude-opus-4-5 +2 /)
}, 120_000)

test('what the judge did not answer as asked is said, on the other stream beside a document too', async () => {
  const { server, evaluate } = await kettleFolder()
  server.faults.push({ kind: 'broken', times: 2 })
  writeFileSync('rows.jsonl', jsonl(3))
  expect(await evaluate('--data', 'rows.jsonl', '--judge', '--json'), said.err).toBe(0)
  expect(JSON.parse(said.out)).toMatchObject({ n: 3, judge: { sampled: 3, judged: 0, not_judged: { "the judge's answer is not JSON": 3 }, passed: { rate: null } } })
  expect(said.err).toContain("rows.jsonl: 3 of 3 answers not judged: the judge's answer is not JSON")
  expect(said.err).toContain('no --budget limits it')
}, 120_000)

test('an answer that was judged wrong stands there with the reason, what a provider repeats of the key is masked, and what a terminal obeys is spelt out', async () => {
  const { server, evaluate } = await kettleFolder()
  writeFileSync('rows.jsonl', jsonl(2))
  server.faults.push({ kind: 'says', reason: `it echoes ${key} and \u001b[2J clears the screen` })
  expect(await evaluate('--data', 'rows.jsonl', '--judge'), said.err).toBe(0)
  const all = said.out + said.err + readFileSync('training/models/kettle/judge.json', 'utf8')
  expect(all).not.toContain(key)
  expect(said.out).not.toContain('\u001b[2J')
  expect(said.out).toMatch(/counted (wrong, judged right|right, judged wrong): "turn the boil lock off \d"\n +right: \{"quotes":.* {2}answered: \{"quotes":.*\n +correct: it echoes \*\*\* and \\u001b\[2J clears the screen/)
}, 120_000)

test('a budget too small for one call ends it after the scores, before anything is spent, and names the option of the judge', async () => {
  const { server, evaluate } = await kettleFolder()
  expect(await evaluate('--judge', '--budget', '0.01')).toBe(2)
  expect(said.out).toMatch(/test: 50\.0% of 12 rows equivalent/)
  expect(said.err).toMatch(/The budget of \$0\.01 is too small for one call, which may cost up to \$0\.\d\d with claude-opus-4-5: give --budget 1 or more, or a cheaper --judge-model\./)
  expect(server.paid()).toEqual([])
  expect(existsSync('training/models/kettle/judge.json')).toBe(false)
}, 120_000)

test('a key that the provider refuses is told with what to do, and the key in no word of it', async () => {
  const { evaluate } = await kettleFolder({ key: 'another' })
  writeFileSync('rows.jsonl', jsonl(2))
  expect(await evaluate('--data', 'rows.jsonl', '--judge')).toBe(2)
  expect(said.err).toContain('invalid x-api-key ***). Set a valid ANTHROPIC_API_KEY, then run the same command again.')
}, 120_000)

test('without a key it ends before a row is asked', async () => {
  const { evaluate } = await kettleFolder()
  vi.stubEnv('ANTHROPIC_API_KEY', '')
  vi.stubEnv('ANTHROPIC_BASE_URL', '')
  expect(await evaluate('--judge')).toBe(2)
  expect(said.err).toContain('The judge needs a key: set ANTHROPIC_API_KEY, or leave --judge out, for the scores need none.')
  expect(said.out).toBe('')
})

test('without --judge nothing is asked of it, nor written', async () => {
  const { server, evaluate } = await kettleFolder()
  writeFileSync('rows.jsonl', jsonl(2))
  expect(await evaluate('--data', 'rows.jsonl', '--json'), said.err).toBe(0)
  expect(JSON.parse(said.out)).not.toHaveProperty('judge')
  expect([server.log, existsSync('training/models/kettle/judge.json'), existsSync('store/ledger.db')]).toEqual([[], false, false])
}, 120_000)

test.each([
  [['--budget', '3'], '--budget needs --judge'],
  [['--judge-model', 'claude-haiku-4-5'], '--judge-model needs --judge'],
  [['--data', 'rows.jsonl', '--seed', '2'], '--seed is for a run, or for the sample of --judge'],
  [['--judge', 'openai'], "argument 'openai' is invalid. Allowed choices are anthropic"],
  [['--judge', '--ensemble', '1,2'], "option '--judge [who]' cannot be used with option '--ensemble <versions>'"],
  [['--judge', '--detach'], "option '--judge [who]' cannot be used with option '--detach'"],
  [['--judge', '--sample', '0'], '--sample says how many answers are judged'],
])('%j is refused', async (options, words) => {
  expect(await main(['eval', 'kettle', ...options])).toBe(2)
  expect(said.err).toContain(words)
})
