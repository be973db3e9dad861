import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { takeFence } from '../../../src/store/fence.ts'

const newStore = () => new ArtifactStore(mkdtempSync(join(tmpdir(), 'fence-')))

test('of two attempts of a stage the later one is right, and of another stage neither knows', async () => {
  const store = newStore()
  const [first, other] = [await takeFence(store, 'sft', 'a'), await takeFence(store, 'sft', 'ab')]
  expect(await first()).toBe(true)
  const second = await takeFence(store, 'sft', 'a')
  expect([await first(), await second(), await other()]).toEqual([false, true, true])
})

test('attempts that begin at the same moment have different numbers, and the highest is right', async () => {
  const store = newStore()
  const fences = await Promise.all(Array.from({ length: 12 }, () => takeFence(store, 'sft', 'a')))
  expect(readdirSync(join(store.root, 'fences/sft'))).toHaveLength(12)
  expect((await Promise.all(fences.map((fence) => fence()))).filter(Boolean)).toHaveLength(1)
})
