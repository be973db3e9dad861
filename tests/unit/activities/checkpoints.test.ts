import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { carryCheckpoints, checkpointInterval } from '../../../src/activities/checkpoints.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

inOwnFolder('checkpoints-')

/** Of an attempt that nobody disputes its place. */
const attempt = (check = async () => {}) => ({ store: new ArtifactStore(), key: 'key', check })
const pointer = 'store/checkpoints/sft-key.json'
const carried = () => carryCheckpoints(attempt(), 'sft', 'work')

/** A training whose newest checkpoint is in the store, on a host that has none of it. */
async function moved(): Promise<void> {
  const checkpoint = 'elsewhere/checkpoint-00000010'
  mkdirSync(checkpoint, { recursive: true })
  writeFileSync(`${checkpoint}/state.pt`, 'weights')
  mkdirSync('work')
  const { onEvent } = await carried()
  onEvent({ event: 'checkpoint', step: 10, path: checkpoint })
  await expect.poll(() => existsSync(pointer)).toBe(true)
}

test('a training on another host goes on from the stored checkpoint', async () => {
  await moved()
  expect((await carried()).there).toBe(true)
  expect(existsSync('work/checkpoint-00000010/state.pt')).toBe(true)
})

test.each([
  ['is gone', () => rmSync('store/objects', { recursive: true })],
  ['is named by a file that was cut', () => truncateSync(pointer, 20)],
])('one whose stored checkpoint %s waits for a person, and begins again only when told to', async (_, harm) => {
  await moved()
  harm()
  await expect(carried()).rejects.toMatchObject({ type: 'NeedsPerson', message: expect.stringMatching(/remove \S+sft-key\.json to begin again from step 0/) })
  rmSync(pointer)
  expect((await carried()).there).toBe(false)
})

test('a checkpoint on this host needs no stored one', async () => {
  await moved()
  await carried()
  rmSync('store/objects', { recursive: true })
  expect((await carried()).there).toBe(true)
})

const large = (letter: string) => letter.repeat(1_100_000)

/** A checkpoint as a trainer leaves it. */
function write(step: number, files: Record<string, string>): string {
  const folder = join(process.cwd(), 'work', `checkpoint-${step}`)
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

test('the store keeps the newest checkpoint of a training whole, and of those before only what may be shared', async () => {
  const store = new ArtifactStore()
  const schedule = await store.putText('the schedule at step 1', 'checkpoint')
  const { onEvent, done } = await carryCheckpoints(attempt(), 'sft', join(process.cwd(), 'work'))
  for (const [step, letter] of [[1, 'a'], [2, 'b'], [3, 'c']] as const) {
    onEvent({ event: 'checkpoint', step, path: write(step, { 'weights.bin': large(letter), 'tokenizer.json': large('t'), 'scheduler.pt': `the schedule at step ${step}` }) })
  }
  await expect.poll(() => existsSync('store/checkpoints/sft-key.json') && readFileSync('store/checkpoints/sft-key.json', 'utf8'), { timeout: 10_000 }).toContain('"checkpoint-3"')
  expect(await carryCheckpoints(attempt(), 'sft', join(process.cwd(), 'elsewhere'))).toMatchObject({ there: true })
  expect(readFileSync('elsewhere/checkpoint-3/weights.bin', 'utf8')).toBe(large('c'))
  expect(readFileSync('elsewhere/checkpoint-3/tokenizer.json', 'utf8')).toBe(large('t'))
  await done()
  const sizes = readdirSync('store/objects', { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => statSync(join(entry.parentPath, entry.name)).size)
  expect(sizes.filter((size) => size > 1_000_000)).toHaveLength(2)
  expect(await store.has(schedule)).toBe(true)
})

test('a training that comes back to a host with an older checkpoint goes on from the newest', async () => {
  const store = new ArtifactStore()
  const newer = await carryCheckpoints(attempt(), 'sft', join(process.cwd(), 'elsewhere'))
  newer.onEvent({ event: 'checkpoint', step: 20, path: write(20, { 'weights.bin': 'newer' }) })
  await newer.stored()
  const here = join(process.cwd(), 'here')
  mkdirSync(join(here, 'checkpoint-10'), { recursive: true })
  const { there, onEvent, stored } = await carryCheckpoints(attempt(), 'sft', here)
  expect(there).toBe(true)
  expect(readFileSync('here/checkpoint-20/weights.bin', 'utf8')).toBe('newer')
  // Nor does one that another attempt stores late take its place.
  onEvent({ event: 'checkpoint', step: 15, path: write(15, { 'weights.bin': 'late' }) })
  await stored()
  expect(readFileSync('store/checkpoints/sft-key.json', 'utf8')).toContain('"checkpoint-20"')
})

test('a person may set seconds, steps or both between two checkpoints', () => {
  expect(checkpointInterval()).toEqual({})
  vi.stubEnv('CLITRON_CHECKPOINT_STEPS', '200')
  expect(checkpointInterval()).toEqual({ checkpoint_steps: 200 })
  vi.stubEnv('CLITRON_CHECKPOINT_SECONDS', '7.5')
  expect(checkpointInterval()).toEqual({ checkpoint_steps: 200, checkpoint_seconds: 7.5 })
})
