import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { checkHost } from '../../../src/activities/check-host.ts'
import { missingBriefs } from '../../../src/activities/plan-coverage.ts'
import { rowsIndexFile } from '../../../src/activities/rows-index.ts'
import { sft } from '../../../src/activities/sft.ts'
import type { HostFacts, Plan } from '../../../src/plan.ts'
import { runChild } from '../../../src/process/run.ts'
import { freeBytes } from '../../../src/setup/disk.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { writeAtomically } from '../../../src/store/atomic.ts'
import { sealed } from '../../../src/store/json-file.ts'

// Only what would need Python, and a disk that fills up.
vi.mock('../../../src/process/run.ts', () => ({ runChild: vi.fn(async () => ({ device: 'cpu', precision: 'fp32', bytes_needed: 48e6, memory_needed: 1e9 })) }))
vi.mock('../../../src/setup/llama-cpp.ts', () => ({ llamaPaths: async () => ({ convert: 'convert', library: 'library' }), llamaTag: () => 'b1' }))
vi.mock('../../../src/activities/commands.ts', () => ({ pythonCommand: async () => ({ command: 'python', args: [] }), trainerEnvironment: () => ({}) }))
vi.mock(import('node:fs/promises'), async (original) => {
  const actual = await original()
  return { ...actual, statfs: vi.fn(async (path: string) => ({ bavail: path.endsWith('store') ? (freeInStore ?? free) : free, bsize: 1 })) as never }
})
vi.mock(import('node:os'), async (original) => ({ ...(await original()), freemem: () => memory }))

const plan = { name: 'notes', base: 'scratch', quant: 'q8_0', seed: 1, count: 60, teacher: { kind: 'offline' }, configs: { sft: {}, dpo: {} } } as unknown as Plan
let free = 0
let freeInStore: number | undefined
let memory = 0
let folder: string
beforeEach(() => {
  free = 1e9
  freeInStore = undefined
  memory = 8e9
  folder = mkdtempSync(join(tmpdir(), 'room-'))
  vi.stubEnv('CLITRON_HOME', join(folder, '.clitron'))
  vi.stubEnv('CLITRON_STORE', join(folder, '.clitron/store'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const checked = async (of = plan) => (await (new MockActivityEnvironment().run(checkHost, of) as ReturnType<typeof checkHost>)).host

/** The trainer's calls of a training on the host as it was checked before. */
async function trained(host: HostFacts): Promise<string[]> {
  mkdirSync(join(folder, 'data'), { recursive: true })
  writeFileSync(join(folder, 'data', 'system.txt'), '')
  const dataset = await new ArtifactStore().putTree(join(folder, 'data'), 'dataset')
  vi.mocked(runChild).mockClear()
  // The trainer that stands in here leaves no model.
  const error = await (new MockActivityEnvironment().run(sft, plan, host, dataset) as Promise<unknown>).catch((error: Error & { type?: string }) => error)
  return vi.mocked(runChild).mock.calls.length ? ['trained'] : [(error as { type: string }).type, (error as Error).message]
}

test('a later train on a full disk waits for a person, although its host was checked before', async () => {
  await checked()
  free = 20e6
  const host = await checked()
  expect(await freeBytes(folder)).toBe(20e6)
  expect(await trained(host)).toEqual(['NeedsPerson', expect.stringMatching(/^A training of scratch needs 48 MB at .*; only 20 MB are free there.*clitron gc --yes/)])
  free = 1e9
  expect(await trained(host)).toEqual(['trained'])
})

test.runIf(process.platform === 'linux')('and so does one with too little memory', async () => {
  const host = await checked()
  memory = 0.5e9
  expect(await trained(host)).toEqual(['NeedsPerson', expect.stringContaining('needs about 1.0 GB of memory; 0.5 GB are available')])
})

test('a full store on another disk is found as well', async () => {
  const host = await checked()
  freeInStore = 20e6
  expect(await trained(host)).toEqual(['NeedsPerson', expect.stringMatching(/^A training of scratch needs 48 MB at \S+\/store;/)])
})

test('a paid teacher writes nothing for a training that has no room, although its host was checked before; with all rows there nothing is asked', async () => {
  const store = new ArtifactStore()
  const schema = await store.putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  const paid: Plan = { ...plan, schema, teacher: { kind: 'anthropic', model: 'claude', batch: false } }
  await checked(paid)
  for (const full of [() => (free = 20e6), () => (freeInStore = 20e6)]) {
    full()
    await expect(checked(paid)).rejects.toMatchObject({ type: 'NeedsPerson', message: expect.stringContaining('A training of scratch needs 48 MB') })
    free = 1e9
  }
  const { briefs } = await missingBriefs(store, paid)
  const rows = await store.putText(briefs.map(({ key }) => JSON.stringify({ id: key })).join('\n'), 'rows')
  await writeAtomically(rowsIndexFile(store, paid), sealed({ rows, batches: [] }))
  expect(await checked(paid)).toMatchObject({ device: 'cpu' })
  // An index or rows of which a byte was flipped count as none: the ledger gives the answers back for nothing.
  const object = join(store.root, 'objects', rows.sha256.slice(0, 2), rows.sha256)
  for (const file of [rowsIndexFile(store, paid), object]) {
    const whole = readFileSync(file, 'utf8')
    writeFileSync(file, whole.replace(/[0-9a-f]{8}/, (found) => found.replace(found[0]!, found[0] === '0' ? '1' : '0')))
    expect(await missingBriefs(store, paid)).toMatchObject({ earlier: { lines: [], batches: [] }, missing: briefs })
    writeFileSync(file, whole)
  }
})

test('a training that goes on from its checkpoint is not asked for the whole again', async () => {
  const host = await checked()
  await trained(host)
  const work = join(folder, '.clitron', 'work', 'notes')
  mkdirSync(join(work, readdirSync(work).find((name) => name.startsWith('sft-'))!, 'checkpoints', 'checkpoint-10'), { recursive: true })
  free = 20e6
  expect(await trained(host)).toEqual(['trained'])
})
