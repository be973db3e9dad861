import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, test } from 'vitest'
import { layOut, publish } from '../../../src/activities/publish.ts'
import type { Plan } from '../../../src/plan.ts'
import { champion } from '../../../src/registry/registry.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import type { Ref } from '../../../src/store/ref.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

inOwnFolder('publish-')

test('a version tells the options of its run, which a retrain goes on with', async () => {
  mkdirSync('made')
  writeFileSync('made/clitron.json', '{}')
  const store = new ArtifactStore()
  const tree = await store.putTree('made', 'report')
  const plan = { name: 'notes', schema: tree, base: 'scratch', quant: 'q8_0', seed: 1, retrain: false, options: { quant: 'q8_0', budget: 20 } } as unknown as Plan
  await new MockActivityEnvironment().run(publish, plan, { dataset: tree, sft: tree, dpo: tree, report: tree, facts: {} })
  expect((await champion(store, 'notes'))!.options).toEqual({ quant: 'q8_0', budget: 20 })
})

test('the log of the rounds stands beside the report of the version that they made, and leaves with it', async () => {
  mkdirSync('made')
  writeFileSync('made/clitron.json', '{}')
  const store = new ArtifactStore()
  const tree = await store.putTree('made', 'report')
  const improvement = await store.putText('{"best":1}', 'improvement log')
  const plan = { name: 'notes', schema: tree, base: 'scratch', quant: 'q8_0', seed: 1, retrain: false, options: {} } as unknown as Plan
  const published = (report: Ref, log?: Ref) => new MockActivityEnvironment().run(publish, plan, { dataset: tree, sft: tree, dpo: tree, report, facts: {}, improvement: log })
  const log = 'training/models/notes/improvement_log.json'
  await published(tree, improvement)
  expect(readFileSync(log, 'utf8')).toBe('{"best":1}')
  expect((await champion(store, 'notes'))!.improvement).toEqual(improvement)
  writeFileSync('made/clitron.json', '{"other":1}')
  await published(await store.putTree('made', 'report'))
  expect(existsSync(log)).toBe(false)
})

test('figures of a training leave with the version whose report has them', async () => {
  mkdirSync('made')
  writeFileSync('made/clitron.json', '{}')
  const store = new ArtifactStore()
  const before = await store.putTree('made', 'report')
  const files = ['training_metrics.json', 'error_analysis_report.json']
  for (const file of files) writeFileSync(`made/${file}`, '{"version":2}')
  const report = await store.putTree('made', 'report')
  const there = () => files.filter((file) => existsSync(`training/models/notes/${file}`))
  await layOut(store, 'notes', { report, sft: before, dpo: before })
  expect(there()).toEqual(files)
  await layOut(store, 'notes', { report: before, sft: before, dpo: before })
  expect(there()).toEqual([])
})
