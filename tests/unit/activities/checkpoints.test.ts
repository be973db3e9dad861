import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { carryCheckpoints } from '../../../src/activities/checkpoints.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

inOwnFolder('checkpoints-')

const pointer = 'store/checkpoints/sft-key.json'
const carried = () => carryCheckpoints(new ArtifactStore(), 'sft', 'key', 'work')

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
