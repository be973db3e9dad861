import { mkdirSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, test, vi } from 'vitest'
import { buildDataset } from '../../../src/activities/build-dataset.ts'
import { generateBatch } from '../../../src/activities/generate-batch.ts'
import { planCoverage } from '../../../src/activities/plan-coverage.ts'
import { preferences } from '../../../src/activities/preferences.ts'
import { Plan } from '../../../src/plan.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

/** The frame of a stage without Temporal, and children that only leave a file with their seed. */
vi.mock('../../../src/activities/stage.ts', () => {
  const signal = new AbortController().signal
  const child = async ({ spec }: { spec: { outDir?: string; out?: string; seed: number; command?: string } }) => {
    if (spec.outDir) {
      mkdirSync(spec.outDir)
      writeFileSync(join(spec.outDir, 'DATASET.md'), `${spec.command}\n`)
    }
    writeFileSync(spec.out ?? join(spec.outDir!, 'train.jsonl'), `${spec.seed}\n`)
    return { facts: {} }
  }
  return {
    activity: (_name: string, work: (...args: unknown[]) => unknown) => work(() => {}, signal),
    stage: async (_name: string, _training: string, _inputs: unknown, make: (context: object) => Promise<object>) => {
      const work = mkdtempSync(join(process.cwd(), 'work-'))
      return { ...(await make({ store: new ArtifactStore(), work, signal, progress: () => {}, child })), upToDate: false, seconds: 0 }
    },
  }
})

inOwnFolder('retrain-')

async function planOf(seed: number, retrain = false): Promise<Plan> {
  const schema = await new ArtifactStore().putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  return Plan.parse({ name: 'notes', kind: 'cli', schema, retrain, seed, count: 60, pairs: 10, quant: 'q4_k_m', base: 'scratch', force: false, teacher: { kind: 'offline', model: '', batch: false }, configs: { sft: {}, dpo: {} }, searchAttributes: false })
}

const coverageOf = (plan: Plan) => new MockActivityEnvironment().run(planCoverage, plan) as ReturnType<typeof planCoverage>

/** The stages that leave files under training/data. */
async function run(plan: Plan): Promise<void> {
  const { briefs, ranges, missing, reused } = await coverageOf(plan)
  const batches = [...reused]
  for (const range of ranges) batches.push((await generateBatch(plan, { briefs, ...range, total: missing })).batch)
  const { dataset } = await buildDataset(plan, { batches })
  await preferences(plan, { device: 'cpu', precision: 'fp32', base: 'scratch' }, dataset, dataset)
}

const files = (folder: string) => Object.fromEntries(readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => [name, readFileSync(join(folder, name), 'utf8')]))

test("a challenger leaves the champion's data alone, also what is being written", async () => {
  await run(await planOf(1))
  const folder = join('training', 'data', 'notes')
  writeFileSync(join(folder, 'train_progress.jsonl'), '{"id":"another"}\n')
  const champion = files(folder)
  expect(champion).toMatchObject({ 'DATASET.md': 'npx clitron generate notes --num 60\n', 'train.jsonl': '1\n', 'preferences.jsonl': '1\n' })
  await run(await planOf(1001, true))
  expect(files(folder)).toEqual(champion)
  expect(files(join(folder, 'retrain-1001'))).toEqual({ 'DATASET.md': 'npx clitron generate notes --num 60 --seed 1001\n', 'train.jsonl': '1001\n', 'preferences.jsonl': '1001\n' })
})

test.each([['a challenger', 1001, true], ['a run with another seed', 2, false]])('the rows of the first run are found again after %s', async (_who, seed, retrain) => {
  await run(await planOf(1))
  await run(await planOf(seed, retrain))
  expect(await coverageOf(await planOf(1))).toMatchObject({ total: 60, missing: 0 })
})

test("a round's data stand apart until it is published, and its rows are no part of what the next train begins with", async () => {
  const plan = await planOf(1)
  await run(plan)
  const before = files(join('training', 'data', 'notes'))
  const added = await new ArtifactStore().putText('{"id":"more"}\n', 'rows')
  const { reused } = await coverageOf(plan)
  await buildDataset({ ...plan, rounds: 2, round: 1 }, { batches: reused, added: [added] })
  expect(files(join('training', 'data', 'notes'))).toEqual(before)
  expect(files(join('training', 'data', 'notes', 'round-1'))).toEqual({ 'DATASET.md': expect.stringContaining(' --rounds 1\n'), 'train.jsonl': '1\n' })
  expect(await coverageOf(plan)).toMatchObject({ total: 60, missing: 0, reused })
})

test('an index of rows that was cut is made again', async () => {
  await run(await planOf(1))
  const [index] = readdirSync('store/rows')
  truncateSync(join('store/rows', index!), 10)
  expect(await coverageOf(await planOf(1))).toMatchObject({ missing: 60, reused: [] })
  await run(await planOf(1))
  expect(await coverageOf(await planOf(1))).toMatchObject({ missing: 0 })
})
