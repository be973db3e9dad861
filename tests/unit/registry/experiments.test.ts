import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { differing, experiments } from '../../../src/registry/experiments.ts'
import { addVersion } from '../../../src/registry/registry.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'

const folder = mkdtempSync(join(tmpdir(), 'experiments-'))
afterAll(() => rmSync(folder, { recursive: true }))
const store = new ArtifactStore(join(folder, 'store'))
const ref = (letter: string) => ({ uri: `cas:${letter}`, sha256: letter.repeat(64), bytes: 1, kind: 'x' })

async function trained(steps: number, equivalent: number, more: object = {}): Promise<void> {
  const work = join(folder, String(steps))
  mkdirSync(work, { recursive: true })
  const section = { n: 10, equivalent, valid: 1, allowed: 1, baseline: 0.4, latency_ms: { p50: 5, p95: 9 }, ece: 0.02, metrics: { groundedness: { served: 0.9, alone: 0.8 } } }
  const dataset = { rows: 1_000 + steps, splits: { train: 800 }, intents: 7, sources: { offline: 1_000 }, slices: {}, diversity: { unique: 0.9 }, rejected: 3, removed: { near_duplicates: 4 } }
  writeFileSync(join(work, 'report.json'), JSON.stringify({ scores: { test: section }, dataset }))
  const report = await store.putTree(work, 'report')
  const configs = { sft: { training: { steps, batch_size: 48 }, model: { layers: 'ca' } }, dpo: {} }
  await addVersion(store, 'notes', { report, dataset: ref('d'), sft: ref('e'), dpo: ref('f'), schema: 's', base: 'scratch', quant: 'q8_0', seed: 1, scores: { test: { n: 10, equivalent } }, verdict: 'v', configs, ...more }, true)
}

test('every version stands with what it was told, what it learned from and what came out', async () => {
  await trained(100, 0.5)
  await trained(200, 0.7, { options: { num: 500 } })
  const all = await experiments(store, 'notes')
  expect(all.map(({ version, champion }) => [version, champion])).toEqual([[1, false], [2, true]])
  expect(all[1]!.configuration).toEqual({ base: 'scratch', quant: 'q8_0', seed: 1, num: 500, 'sft.training.steps': 200, 'sft.training.batch_size': 48, 'sft.model.layers': 'ca' })
  expect(all[1]!.data).toMatchObject({ dataset: 'd'.repeat(64), schema: 's', rows: 1_200, rejected: 3, removed: { near_duplicates: 4 }, diversity: { unique: 0.9 } })
  expect(all[1]!.metrics).toEqual({ test: { rows: 10, equivalent: 0.7, valid: 1, allowed: 1, lookup: 0.4, 'latency p50': 5, 'latency p95': 9, ece: 0.02, groundedness: 0.9 } })
  expect(differing(all)).toEqual(['sft.training.steps', 'num'])
  // An earlier release did not record them.
  expect(differing([{ ...all[0]!, configs: undefined, configuration: { base: 'scratch', quant: 'f16', seed: 1 } }, all[1]!])).toEqual(['quant'])
})

test('a version whose report is gone, or that an earlier release made, still has its scores', async () => {
  await addVersion(store, 'old', { report: ref('a'), dataset: ref('d'), sft: ref('e'), dpo: ref('f'), schema: 's', base: 'scratch', quant: 'q8_0', seed: 1, scores: { test: { n: 10, equivalent: 0.6 } }, verdict: 'v' }, true)
  const [only] = await experiments(store, 'old')
  expect(only).toMatchObject({ configuration: { base: 'scratch', quant: 'q8_0', seed: 1 }, metrics: { test: { rows: 10, equivalent: 0.6 } } })
  expect(only).not.toHaveProperty('data')
})

test('what was never trained has none', async () => expect(await experiments(store, 'never')).toEqual([]))
