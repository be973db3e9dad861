import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, test } from 'vitest'
import { planCoverage } from '../../../src/activities/plan-coverage.ts'
import { Plan } from '../../../src/plan.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

inOwnFolder('coverage-')

async function covered(batch: boolean, budget?: number): Promise<Awaited<ReturnType<typeof planCoverage>>> {
  const schema = await new ArtifactStore().putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  const plan = Plan.parse({ name: 'notes', kind: 'cli', schema, retrain: false, seed: 1, count: 3000, pairs: 10, quant: 'q4_k_m', base: 'scratch', force: false, teacher: { kind: 'anthropic', model: 'claude-x', batch }, budget, configs: { sft: {}, dpo: {} }, searchAttributes: false })
  return new MockActivityEnvironment().run(planCoverage, plan) as ReturnType<typeof planCoverage>
}

test('a train by Message Batches is a handful of them, one by call many short ranges', async () => {
  expect((await covered(true)).ranges).toEqual([{ from: 0, to: 2000 }, { from: 2000, to: 3000 }])
  expect((await covered(false)).ranges).toHaveLength(30)
})

test('Message Batches under a budget go one after the other: side by side they would share its reserve', async () => {
  expect((await covered(true, 20)).parallel).toBe(1)
  expect((await covered(true)).parallel).toBe(4)
  expect((await covered(false, 20)).parallel).toBe(4)
})
