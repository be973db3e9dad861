import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { exportData } from '../../../src/cli/commands/export.ts'
import { dataVersions } from '../../../src/registry/data-versions.ts'
import { addVersion } from '../../../src/registry/registry.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'

let folder: string
let store: ArtifactStore
const home = process.cwd()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'data-versions-'))
  process.chdir(folder)
  mkdirSync('training/models/notes', { recursive: true })
  store = new ArtifactStore()
})
afterEach(() => {
  vi.restoreAllMocks()
  process.chdir(home)
  rmSync(folder, { recursive: true })
})

const nothing = { exact_duplicates: 0, near_duplicates: {}, two_answers: 0, shared_intents: 0, same_wording: {}, nearest: 0, compared: {}, threshold: 0.5, passed: true, examples: { exact: [], near: [], two_answers: [], intents: [], same_wording: [] } }

/** A finished train on these rows. */
async function trained(rows: (string | object)[], golden: number, { schema = 's', more = {}, yaml }: { schema?: string; more?: object; yaml?: string } = {}): Promise<void> {
  const data = mkdtempSync(join(folder, 'work-'))
  writeFileSync(join(data, 'train.jsonl'), rows.map((row) => `${JSON.stringify(typeof row === 'string' ? { instruction: row } : row)}\n`).join(''))
  writeFileSync(join(data, 'sft.train.jsonl'), 'for trainers only')
  writeFileSync(join(data, 'system.txt'), 'Answer in JSON.')
  writeFileSync(join(data, 'DATASET.md'), '# Examples')
  writeFileSync(join(data, 'dataset.json'), JSON.stringify({
    name: 'notes', kind: 'cli', seed: 1, rows: rows.length, splits: { train: rows.length, validation: 0, calibration: 0, test: 0 }, split_ratios: { train: 1 }, split_groups: 1, intents: rows.length,
    sources: { offline: rows.length }, slices: {}, slices_by_split: {}, coverage: { counts: {}, uncovered: [] },
    diversity: { unique_before: 1, unique: 1, distinct_1: 1, distinct_2: 1, mean_similarity: 0, words: 3 }, read: rows.length + 10,
    rejected: { rows: 4, rate: 0.1, by_rule: { type: 4 }, examples: {} }, removed: { exact_duplicates: 2, near_duplicates: 1, contradictions: 1, near_golden: 1, near_held_out: 1 },
    drop_rate: 0, held_out_chosen_apart: false, leakage: nothing, hashes: {}, warnings: [], ...more,
  }))
  const model = mkdtempSync(join(folder, 'work-'))
  const section = (equivalent: number) => ({ n: 10, equivalent, valid: 1, allowed: 1, baseline: 0.4, latency_ms: { p50: 5, p95: 9 }, ece: 0.02 })
  writeFileSync(join(model, 'report.json'), JSON.stringify({ scores: { test: section(0.9), golden: section(golden) }, dataset: {} }))
  writeFileSync(join(model, 'MODEL.md'), '# notes')
  if (yaml !== undefined) writeFileSync(join(model, 'notes.yaml'), yaml)
  const [report, dataset] = [await store.putTree(model, 'report'), await store.putTree(data, 'dataset')]
  await addVersion(store, 'notes', { report, dataset, sft: report, dpo: report, schema, base: 'scratch', quant: 'q4_k_m', seed: 1, scores: {}, verdict: 'v' }, true)
}

test('a version of the data says what it comes from, how it was made, who used it and what that brought', async () => {
  await trained(['a', 'b', 'c'], 0.5)
  await trained(['a', 'b', 'c'], 0.6)
  await trained(['b', 'c', 'd', 'e'], 0.8, { schema: 't', more: { slices: { augmentation: { none: 3, 'word order': 1 }, case: { positive: 4 } }, quality: [{ name: 'execution_validation', method: 'dry_run', value: 0.99, least: 0.95 }] } })
  const { versions: [first, second, ...none], gone } = await dataVersions(store, 'notes')
  expect([none, gone]).toEqual([[], []])
  expect(first!.usage.map(({ version, champion }) => [version, champion])).toEqual([[1, false], [2, false]])
  expect(first!.lineage).toEqual({ sources: { offline: 3 }, schema_changed: false, rows_kept: 0, rows_added: 3, rows_gone: 0 })
  expect(first!.transformations.map(({ stage, rows }) => [stage, rows])).toEqual([
    ['collection', 13], ...[9, 7, 6, 5, 4, 3].map((left) => ['cleaning and validation', left]), ['format conversion', 3], ['quality assurance', 3], ['versioning', 3],
  ])
  expect(first!.performance.golden).toEqual({ rows: 10, equivalent: 0.6, version: 2 })
  expect(second!.lineage).toEqual({ sources: { offline: 4 }, from: first!.dataset, schema_changed: true, rows_kept: 2, rows_added: 2, rows_gone: 1 })
  expect(second!.performance.golden!.gain).toBeCloseTo(0.2)
  // Each version has a test split of its own: nothing to compare.
  expect(second!.performance.test).not.toHaveProperty('gain')
  // The order of the stages is one for all kinds of task.
  expect(second!.transformations.slice(7)).toEqual([
    { stage: 'annotation', step: 'labelled by case', rows: 4 }, { stage: 'augmentation', step: 'varied, 1 ways; 3 stand as they were written', rows: 1 },
    { stage: 'format conversion', step: 'written as question and answer for the trainers: training and validation split', rows: 4 },
    { stage: 'quality assurance', step: 'execution_validation 0.99, at least 0.95, over all rows as they were written', rows: 14 }, { stage: 'quality assurance', step: 'leakage between the splits looked for, none found', rows: 4 },
    { stage: 'versioning', step: 'kept under its hash', rows: 4 },
  ])
  expect(second!.augmentation).toEqual({ none: 3, 'word order': 1 })
})

test('an export can be kept by git, and a later version goes over it', async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  await trained(['a', 'b'], 0.5)
  await exportData('notes', 'out', {})
  const { versions: [first] } = await dataVersions(store, 'notes')
  expect(readFileSync('out/data/train.jsonl', 'utf8').split('\n')).toHaveLength(3)
  expect(readFileSync('out/data/system.txt', 'utf8')).toBe('Answer in JSON.')
  expect(existsSync('out/data/sft.train.jsonl')).toBe(false)
  expect(readFileSync('out/MODEL.md', 'utf8')).toBe('# notes')
  const git = (...args: string[]) => execFileSync('git', ['-C', 'out', ...args], { encoding: 'utf8' })
  git('init', '-q')
  expect(git('check-attr', 'filter', 'data/train.jsonl', 'data/dataset.json')).toBe('data/train.jsonl: filter: lfs\ndata/dataset.json: filter: unspecified\n')

  await trained(['b', 'c', 'd'], 0.7)
  await exportData('notes', 'out', {})
  expect(JSON.parse(readFileSync('out/versions.json', 'utf8')).versions).toHaveLength(2)
  expect(readFileSync('out/README.md', 'utf8')).toContain(`Of the version before, ${first!.dataset.slice(0, 8)}, 1 rows were kept, 1 are gone, 2 are new.`)
  await exportData('notes', 'out', { dataVersion: first!.dataset.slice(0, 6) })
  expect(readFileSync('out/data/train.jsonl', 'utf8')).toContain('"a"')
})

test('an export has the rows as records of the datasets of their kind, and none of an earlier export', async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const asked = { instruction: 'read src/a.ts', context: { load: { level: 'low' } }, output: JSON.stringify({ command: { command_type: 'read_file', intent: 'inspect', parameters: { path: 'src/a.ts' } } }), bookkeeping: { success: false, execution_time: 2.5 } }
  const failed = {
    instruction: 'a.txt was moved to b.txt', context: { failed_command: { command_type: 'read_file', parameters: { path: 'a.txt' } } },
    output: JSON.stringify({ recovery: { error_type: 'file_not_found', root_cause: 'file_moved', correction: { command_type: 'read_file', parameters: { path: 'b.txt' } }, recovery_steps: [{ step: 'refresh_index' }, { step: 'apply_correction' }] } }),
  }
  await trained([asked, failed], 0.5, { yaml: readFileSync(join(home, 'schemas/claude-control.yaml'), 'utf8') })
  await exportData('notes', 'out', {})
  expect(JSON.parse(readFileSync('out/records/command_dataset/train.jsonl', 'utf8'))).toEqual({
    raw_input: 'read src/a.ts', normalized_input: 'read file path=src/a.ts', command_type: 'read_file', parameters: { path: 'src/a.ts' }, context: { load: { level: 'low' } }, success: false, execution_time: 2.5,
    intent_labels: ['inspect'], parameter_boundaries: [{ parameter: 'path', start: 5, end: 13 }], entity_tags: [{ word: 'read', tag: 'O' }, { word: 'src/a.ts', tag: 'B-path' }], complexity_score: 0.13,
  })
  expect(JSON.parse(readFileSync('out/records/error_dataset/train.jsonl', 'utf8'))).toMatchObject({ error_category: 'resource', severity_level: 'medium', recovery_complexity: 0.25, success_indicator: true })
  expect(readFileSync('out/README.md', 'utf8')).toContain('`records/error_dataset/` | 1 of the rows')

  await trained([{ ...asked, instruction: 'show src/a.ts' }], 0.6)
  await exportData('notes', 'out', { dataVersion: (await dataVersions(store, 'notes')).versions[1]!.dataset })
  expect(existsSync('out/records')).toBe(false)
})

test('an export writes over nobody\'s files, and says which versions there are', async () => {
  await expect(exportData('notes', 'out', {})).rejects.toThrow('notes was never trained here')
  await trained(['a'], 0.5)
  const { versions: [only] } = await dataVersions(store, 'notes')
  await expect(exportData('notes', 'out', { dataVersion: 'zz' })).rejects.toThrow(`There are: ${only!.dataset.slice(0, 8)}.`)
  mkdirSync('mine')
  writeFileSync('mine/letter.txt', 'Dear')
  await expect(exportData('notes', 'mine', {})).rejects.toThrow('it holds other files')
  await expect(exportData('notes', 'mine/letter.txt', {})).rejects.toThrow('Expected a folder at mine/letter.txt')
  expect(existsSync('out')).toBe(false)
})

test('data that was cleaned up is named, the rest stays', async () => {
  await trained(['a'], 0.5)
  await trained(['a', 'b'], 0.6)
  const { versions: [first] } = await dataVersions(store, 'notes')
  rmSync(join(store.root, 'objects', first!.dataset.slice(0, 2), first!.dataset))
  const { versions, gone } = await dataVersions(store, 'notes')
  expect([versions.length, gone]).toEqual([1, [first!.dataset]])
})
