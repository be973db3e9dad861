import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type Arms, type Job, readArms } from '../../../lab/arms.ts'
import { conduct, type Runner, type StageResult, Untrainable } from '../../../lab/conduct.ts'
import type { Exam } from '../../../lab/exam.ts'
import { type Experiment, parseExperiment } from '../../../lab/experiment.ts'
import { Keep } from '../../../lab/keep.ts'
import type { Row } from '../../../src/dataset/row.ts'
import { randomFrom } from '../../../src/evaluation/intervals.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

inOwnFolder('conduct-')
beforeEach(() => {
  mkdirSync('schemas')
  copyFileSync(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schemas/notes.yaml')
})

const variants = 'variants:\n  - {name: good, settings: {training.adamw_learning_rate: 0.02}}\n  - {name: bad, settings: {training.adamw_learning_rate: 0.5}}\n'

async function read(rest: string): Promise<{ experiment: Experiment; arms: Arms }> {
  const experiment = parseExperiment('x.yaml', `question: Does it help?\ntraining: notes\n${rest}`)
  return { experiment, arms: await readArms(experiment) }
}

const rate = ({ settings }: Pick<Job, 'settings'>) => settings['training.adamw_learning_rate']
/** As a person reads which run it was. */
const label = ({ options: { seed }, settings }: Job) => `${settings['training.steps'] ?? 'full'} ${seed} ${rate({ settings }) ?? 'baseline'}`

/** Trains nothing: a quarter more of the rows is right at a good rate, and a quarter less at a bad one. Says what it was asked for. */
function fakeRunner({ fails = (_: Job): string | undefined => undefined, knows = (_job: Job, _index: number): boolean => false } = {}) {
  const trained: string[] = []
  const asked: string[] = []
  const jobs = new Map<string, Job>()
  const runner: Runner = {
    async train(job) {
      const failure = fails(job)
      trained.push(label(job))
      if (failure !== undefined) throw failure === 'crash' ? new Error('the host is gone') : new Untrainable(failure)
      jobs.set(job.training, job)
      const ref = { uri: 'cas:0', sha256: '0', bytes: 1, kind: 'x' }
      return { training: job.training, dataset: ref, gguf: ref, seconds: 10, precision: 'fp32' }
    },
    testRows: async ({ training }) => Array.from({ length: 100 }, (_, index): Row => ({ id: `${training}-${index}`, instruction: `${index}`, context: null, output: '{}' })),
    async answers(job, _trained, { rows }) {
      asked.push(label(job))
      const share = { undefined: 0.5, '0.02': 0.75, '0.5': 0.25 }[String(rate(job))]!
      const random = randomFrom(Number(job.options.seed))
      return rows.map((_, index) => ({ right: random() < share, known: knows(job, index) }))
    },
  }
  return { runner, trained, asked }
}

async function run(rest: string, fake: ReturnType<typeof fakeRunner>, { exam, stages = [] as StageResult[] }: { exam?: Exam; stages?: StageResult[] } = {}) {
  const { experiment, arms } = await read(rest)
  const said: string[] = []
  await conduct(experiment, arms, { runner: fake.runner, keep: new Keep('kept'), exam, tell: (line) => said.push(line), onStage: async (stage) => void stages.push(stage) })
  return { stages, said }
}

const staged = `${variants}proxies: [{steps: 40}, full]\n`

test('seed by seed the baseline and its variants, the proxies first; a variant that loses there is not run in full', async () => {
  const fake = fakeRunner()
  const { stages } = await run(staged, fake)
  expect(fake.trained).toEqual([
    '40 1 baseline', '40 1 0.02', '40 1 0.5', '40 2 baseline', '40 2 0.02', '40 2 0.5', '40 3 baseline', '40 3 0.02', '40 3 0.5',
    'full 1 baseline', 'full 1 0.02', 'full 2 baseline', 'full 2 0.02', 'full 3 baseline', 'full 3 0.02',
  ])
  expect(stages.map(({ stage, variants }) => [stage, ...variants.map(({ name, verdict }) => `${name} ${verdict}`)])).toEqual([['40 steps', 'good better', 'bad worse'], ['full', 'good better']])
  expect(stages[1]!.baseline.per_seed.map(({ seed, n }) => [seed, n])).toEqual([[1, 100], [2, 100], [3, 100]])
})

test('when all variants lose at a proxy nothing is run in full', async () => {
  const fake = fakeRunner()
  const { stages } = await run('variants:\n  - {name: bad, settings: {training.adamw_learning_rate: 0.5}}\nproxies: [{steps: 40}, full]\n', fake)
  expect(stages.map(({ stage }) => stage)).toEqual(['40 steps'])
  expect(fake.trained).toHaveLength(6)
})

test('a variant that a proxy makes the baseline is not trained there, and goes on to the next stage', async () => {
  const fake = fakeRunner()
  const { stages } = await run('variants:\n  - {name: longer, settings: {training.steps: 3000}}\nseeds: [1]\nproxies: [{steps: 40}, full]\n', fake)
  expect(fake.trained).toEqual(['40 1 baseline', 'full 1 baseline', '3000 1 baseline'])
  expect(stages.map(({ variants: [longer] }) => longer!.verdict)).toEqual(['the baseline itself', 'no claim'])
})

test('what is finished is not done again, with one more seed neither; the result is the same', async () => {
  const first = await run(staged, fakeRunner())
  const again = fakeRunner()
  const second = await run(staged, again)
  expect([...again.trained, ...again.asked]).toEqual([])
  expect(second.stages).toEqual(first.stages)
  expect(second.said.every((line) => line.endsWith(': done before'))).toBe(true)
  const more = fakeRunner()
  await run(`${staged}seeds: [1, 2, 3, 4]\n`, more)
  expect(more.trained).toEqual(['40 4 baseline', '40 4 0.02', '40 4 0.5', 'full 4 baseline', 'full 4 0.02'])
})

test('after a crash it goes on where it was', async () => {
  let left = 4
  const broken = fakeRunner({ fails: () => (left-- === 0 ? 'crash' : undefined) })
  await expect(run(staged, broken)).rejects.toThrow('the host is gone')
  const healed = fakeRunner()
  await run(staged, healed)
  expect(healed.trained[0]).toBe(broken.trained.at(-1))
  expect(new Set([...broken.trained.slice(0, -1), ...healed.trained]).size).toBe(15)
})

test('a kept run whose file was cut is done again', async () => {
  await run(staged, fakeRunner())
  const [file] = readdirSync('kept/runs')
  writeFileSync(join('kept/runs', file!), '{"rows"')
  const again = fakeRunner()
  await run(staged, again)
  expect(again.trained).toHaveLength(1)
  rmSync('kept/rows', { recursive: true })
  const anew = fakeRunner()
  await run(staged, anew)
  // Once a seed: proxies and full runs are asked the same rows here.
  expect(anew.trained).toHaveLength(3)
})

test('a variant that cannot be trained is out with its reason, the others go on; the baseline must be trained', async () => {
  const fake = fakeRunner({ fails: (job) => (rate(job) === 0.5 ? 'the loss became NaN' : undefined) })
  const { stages } = await run(staged, fake)
  expect(fake.trained.filter((run) => run.endsWith(' 0.5'))).toEqual(['40 1 0.5'])
  expect(stages[0]!.variants[1]).toMatchObject({ verdict: 'not measured', failed: 'it could not be trained: the loss became NaN' })
  expect(stages[1]!.variants.map(({ name }) => name)).toEqual(['good'])
  await expect(run(`${variants}seeds: [9]\n`, fakeRunner({ fails: (job) => (rate(job) === undefined ? 'no row fits' : undefined) }))).rejects.toThrow('no row fits')
})

test('rows that one of the two has seen are not compared', async () => {
  const { stages } = await run(`${variants}seeds: [1]\n`, fakeRunner({ knows: (job, index) => rate(job) === 0.02 && index < 50 }))
  expect(stages[0]!.variants.map(({ left_out, comparison }) => [left_out, comparison!.per_seed[0]!.n])).toEqual([[50, 50], [0, 100]])
  const all = await run(`${variants}seeds: [2]\n`, fakeRunner({ knows: (job) => rate(job) === 0.02 }))
  expect(all.stages[0]!.variants[0]).toMatchObject({ verdict: 'not measured', failed: expect.stringContaining('with seed 2 it was trained on all rows') })
})

test("a file's rows are asked of every seed, and other rows are other runs", async () => {
  const { arms } = await read(variants)
  const rows = (n: number): Exam => ({ truth: arms.baseline.schema, rows: Array.from({ length: n }, (_, index): Row => ({ id: `line-${index}`, instruction: `${index}`, context: null, output: '{}' })) })
  const { stages } = await run(variants, fakeRunner(), { exam: rows(30) })
  expect(stages[0]!.baseline.per_seed.map(({ n }) => n)).toEqual([30, 30, 30])
  const [same, other] = [fakeRunner(), fakeRunner()]
  await run(variants, same, { exam: rows(30) })
  await run(variants, other, { exam: rows(31) })
  expect([same.trained.length, other.trained.length]).toEqual([0, 9])
})
