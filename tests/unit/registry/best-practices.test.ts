import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { writeBestPractices } from '../../../src/cli/commands/runs.ts'
import { experiments } from '../../../src/registry/experiments.ts'
import { type Finding, findings } from '../../../src/registry/findings.ts'
import { addVersion } from '../../../src/registry/registry.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

inOwnFolder('best-practices-')
beforeEach(() => void vi.spyOn(process.stdout, 'write').mockReturnValue(true))
afterEach(() => vi.restoreAllMocks())

interface Told {
  sft?: Record<string, unknown>
  seed?: number
  options?: object
  /** Rows answered wrongly: the first so many, from an offset. */
  wrong?: number
  from?: number
  /** Of the validation split, whose rows have the same ids in every dataset. */
  rows?: string
  count?: number
  report?: object
  improvement?: object
}

let made = 0
async function trained({ sft = {}, seed = 1, options = {}, wrong = 0, from = 0, rows = 'a', count = 400, report = {}, improvement }: Told): Promise<void> {
  const store = new ArtifactStore()
  mkdirSync('training/models/notes', { recursive: true })
  const tree = (files: Record<string, string>, kind: string) => {
    const folder = mkdtempSync(join(process.cwd(), `${kind}-`))
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
    return store.putTree(folder, kind)
  }
  const jsonl = (each: (index: number) => object) => Array.from({ length: count }, (_, i) => `${JSON.stringify(each(i))}\n`).join('')
  const rate = { n: 400, equivalent: 0.7 }
  const content = { scores: { test: {} }, validation: { sft: rate, dpo: rate }, gates: { quantization: null }, dataset: {}, command: `npx clitron train notes # ${++made}`, ...report }
  const ref = await tree({ 'report.json': JSON.stringify(content), 'outcomes.jsonl': jsonl((i) => ({ id: `${i}`, confidence: 0.9, ...(i >= from && i < from + wrong && { error: 'wrong' }) })) }, 'report')
  const dataset = await tree({ 'train_val.jsonl': jsonl((i) => ({ id: `${i}`, instruction: `${rows} ${i}`, context: null, output: '{}' })) }, 'dataset')
  await addVersion(store, 'notes', {
    report: ref, dataset, sft: ref, dpo: ref, schema: 's', base: 'scratch', quant: 'q8_0', seed, scores: {}, verdict: 'v', options, configs: { sft, dpo: {} },
    ...(improvement && { improvement: await store.putText(JSON.stringify(improvement), 'improvement log') }),
  }, true)
}

const all = async () => {
  const store = new ArtifactStore()
  return findings(store, await experiments(store, 'notes'))
}
const of = (found: Finding[], what: string) => found.find((finding) => finding.what === what)!
const page = async () => {
  await writeBestPractices('notes', 'best_practices.md', {})
  return readFileSync('best_practices.md', 'utf8')
}

test('one changed setting on the same rows: a difference with its interval, and what made it', async () => {
  await trained({ sft: { steps: 100 }, wrong: 200 })
  await trained({ sft: { steps: 200 }, wrong: 120 })
  const { found } = await all()
  expect(of(found, 'sft.steps')).toMatchObject({ from: '100', to: '200', points: 20, verdict: 'better', pairs: [{ n: 400, runs: 'versions 1 and 2', rows: 'validation rows, row by row' }] })
  const [low, high] = of(found, 'sft.steps').interval
  expect([low > 15, high < 25]).toEqual([true, true])
  const text = await page()
  expect(text).toMatch(/## What helped\n\n\| changed .*\n.*\n\| sft\.steps \| 100 → 200 \| \+20\.0 \(\+1\d\.\d to \+2\d\.\d\) \| 1: versions 1 and 2 \| 400 validation rows, row by row \| `npx clitron train notes # 2` \|\n/)
  expect(text).toContain('Nothing was trained twice with the same settings. `npx clitron train notes --retrain`')
})

test('what one pair seems to show is undecided once further pairs contradict it; the other way round counts as well', async () => {
  await trained({ sft: { steps: 100 }, wrong: 200 })
  await trained({ sft: { steps: 200 }, wrong: 160 })
  await trained({ sft: { steps: 100 }, options: { num: 60 }, rows: 'b', wrong: 150 })
  await trained({ sft: { steps: 200 }, options: { num: 60 }, rows: 'b', wrong: 170 })
  const { found, incomparable } = await all()
  const steps = of(found, 'sft.steps')
  expect(steps.pairs.map(({ points }) => points)).toEqual([10, -5])
  expect(steps).toMatchObject({ points: 2.5, verdict: 'undecided' })
  expect(steps.interval[0]).toBeLessThan(-50)
  expect(incomparable).toContainEqual({ what: 'num', runs: 'versions 1 and 3' })
  expect(await page()).toMatch(/## What helped\n\nNothing that was compared is better beyond its interval\./)
})

test('several equal pairs are no surer than one: they were asked the same rows', async () => {
  for (const num of [undefined, 60]) for (const steps of [100, 200]) await trained({ sft: { steps }, options: num ? { num } : {}, wrong: steps === 100 ? 20 : 14 })
  const steps = of((await all()).found, 'sft.steps')
  expect(steps.pairs).toHaveLength(2)
  expect(steps).toMatchObject({ points: 1.5, verdict: 'better' })
  const [low, high] = steps.interval
  expect(high - low).toBeGreaterThan(2)
})

test('what nobody chose is chance, many changes at once are one change, and other rows under the same ids are none', async () => {
  await trained({ sft: { steps: 100, rate: 1 }, wrong: 100 })
  await trained({ sft: { steps: 100, rate: 1 }, seed: 2, wrong: 108 })
  await trained({ sft: { steps: 200, rate: 2 }, seed: 2, wrong: 90 })
  await trained({ sft: { steps: 300, rate: 2 }, seed: 2, rows: 'b', wrong: 0 })
  const { found, chance, incomparable } = await all()
  expect(chance).toMatchObject([{ what: 'seed', points: -2, n: 400 }])
  expect(of(found, 'sft.rate, sft.steps together') ?? of(found, 'sft.steps, sft.rate together')).toMatchObject({ points: 4.5 })
  expect(incomparable).toEqual([{ what: 'sft.steps', runs: 'versions 3 and 4' }])
  expect(await page()).toContain('- sft.steps: versions 3 and 4 were asked no questions in common; `npx clitron eval notes --data rows.jsonl`')
})

test('rounds, preference tuning and quantization are told as they were recorded; of hand-written rows only the half whose errors may be read', async () => {
  const gain = { over: 0, n: 400, points: 3, interval: [1, 5], only_this: 20, only_before: 8, p_value: 0.03 }
  const improvement = { name: 'notes', kind: 'cli', max_rounds: 2, best: 1, rounds: [{ round: 0 }, { round: 1, gain, kept: true }, { round: 2, gain: { ...gain, over: 1, points: -2, interval: [-4, 0.5] }, kept: false }] }
  const golden_dev = (equivalent: number) => ({ scores: { test: {}, golden_dev: { n: 140, equivalent }, golden_final: { n: 140, equivalent: 0 } } })
  await trained({ improvement, report: { validation: { sft: { n: 400, equivalent: 0.6 }, dpo: { n: 400, equivalent: 0.8 } }, gates: { quantization: { rows: 1_200, onlyFull: 30, onlyQuantized: 10 } }, ...golden_dev(0.5) } })
  await trained({ options: { num: 60 }, rows: 'b', report: golden_dev(0.9) })
  const { found } = await all()
  expect(of(found, 'a round of examples of what failed')).toMatchObject({ points: 0.5, verdict: 'undecided', pairs: [{ runs: 'version 1: round 1 over the first training' }, { runs: 'version 1: round 2 over round 1' }] })
  expect(of(found, 'quantization')).toMatchObject({ from: 'f16', to: 'q8_0', verdict: 'worse', pairs: [{ n: 1_200 }] })
  expect(of(found, 'preference tuning').pairs).toHaveLength(2)
  expect(of(found, 'num')).toMatchObject({ points: expect.closeTo(40, 6), verdict: 'better', pairs: [{ rows: 'hand-written rows (dev half), by their counts', n: 140 }] })
})

test('losses of a search are shown and decide nothing; what was not compared has its command', async () => {
  await trained({ sft: { steps: 100 } })
  const trial = (number: number, rate: number, loss?: number) => ({ number, setting: { 'training.rate': rate }, varies: number === 1 ? [] : ['training.rate'], curve: [1], seconds: 1, ...(loss === undefined ? { stopped_at: 40 } : { validation_loss: loss }) })
  writeFileSync('training/models/notes/hyperparameter_results.json', JSON.stringify({ name: 'notes', base: 'scratch', dataset: 'd', seed: 1, best: { trial: 2, setting: { 'training.rate': 0.02 }, validation_loss: 0.4 }, influence: [{ key: 'training.rate', loss: 0.1 }], trials: [trial(1, 0.01, 0.5), trial(2, 0.02, 0.4), trial(3, 0.5)] }))
  const text = await page()
  expect(text).toContain('`npx clitron search notes --vary training.rate=0.01,0.02,0.5`')
  expect(text).toContain('| training.rate | 0.01: 0.5000; 0.02: 0.4000; 0.5: given up at step 40 | 0.1000 |')
  expect(text).toContain('A loss of one run has no interval')
  for (const command of ['npx clitron train notes --rounds 3', 'npx clitron train notes --quant q8_0', '--base smollm2-135m']) expect(text).toContain(command)
})

test('the vote of several versions is a finding, but not by hand-written rows, and not once its versions are other ones', async () => {
  await trained({ sft: { steps: 100 } })
  await trained({ sft: { steps: 200 } })
  expect(await page()).toContain('- an ensemble: `npx clitron eval notes --ensemble 1,2`')
  const versions = (await experiments(new ArtifactStore(), 'notes')).map(({ version, dataset }) => ({ version, champion: version === 2, dataset: dataset.sha256, bytes: 9 })).reverse()
  const figures = { equivalent: 0.7, interval: [0.65, 0.75], ece: 0.1, auroc: null, latency_ms: { p50: 5, p95: 9 } }
  const set = { n: 400, left_out: 0, members: [figures, figures], ensemble: figures, difference: { n: 400, points: 2, interval: [0.5, 3.5], only_first: 10, only_second: 2, p_value: 0.04 } }
  const result = { name: 'notes', created: '', command: 'npx clitron eval notes --ensemble 1,2', versions, sets: { test: set, golden: set } }
  writeFileSync('training/models/notes/ensemble.json', JSON.stringify(result))
  const text = await page()
  expect(text).toMatch(/## What helped\n\n\| changed .*\n.*\n\| an ensemble \| version 2 → a vote of 1, 2 \| \+2\.0 \(\+0\.5 to \+3\.5\) \| 1: versions 1, 2 \| 400 test rows, row by row \| `npx clitron eval notes --ensemble 1,2` \|\n/)
  expect(text).not.toContain('- an ensemble:')
  writeFileSync('training/models/notes/ensemble.json', JSON.stringify({ ...result, versions: versions.map((each) => ({ ...each, dataset: 'other' })) }))
  expect(await page()).not.toContain('| an ensemble |')
})

test('a page is written over an earlier one, and over nothing else', async () => {
  await expect(writeBestPractices('notes', 'best_practices.md', {})).rejects.toThrow(/schemas\/notes\.yaml|never trained/)
  await trained({})
  await page()
  await page()
  writeFileSync('mine.md', '# Mine')
  await expect(writeBestPractices('notes', 'mine.md', {})).rejects.toThrow('Expected mine.md to be new or an earlier page of this command')
  await expect(writeBestPractices('notes', '.', {})).rejects.toThrow('cannot be written (EISDIR)')
})
