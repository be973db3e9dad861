import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { main } from '../../../src/cli/main.ts'
import { champion, setChampion } from '../../../src/registry/registry.ts'
import { ArtifactStore, hashFile } from '../../../src/store/artifacts.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'
import { schemaText, trainLamp } from '../production/trained-lamp.ts'

inOwnFolder('promote-')
const said = { out: '', err: '' }
beforeEach(() => {
  Object.assign(said, { out: '', err: '' })
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true))
  mkdirSync('schemas')
  writeFileSync('schemas/lamp.yaml', schemaText)
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
})

const twoVersions = async () => {
  for (const seed of [1, 2]) await trainLamp({ seed })
}
const answering = async () => (await champion(new ArtifactStore(), 'lamp'))!.version

test('an earlier version answers again, with its files in the folder, and the way back is told', async () => {
  await twoVersions()
  expect(await answering()).toBe(2)
  expect(await main(['promote', 'lamp', '--model-version', '1']), said.err).toBe(0)
  expect(await answering()).toBe(1)
  expect(said.out).toMatch(/^Version 1 of lamp, 50\.0% right, answers now\. Back to version 2: .*clitron promote lamp --model-version 2/)
  const { report } = (await champion(new ArtifactStore(), 'lamp'))!
  for (const [path, { sha256 }] of Object.entries(await new ArtifactStore().readTree(report))) expect(await hashFile(join('training/models/lamp', path)), path).toMatchObject({ sha256 })
})

test('a version that is not there is refused, with those that are', async () => {
  await twoVersions()
  expect(await main(['promote', 'lamp', '--model-version', '7'])).toBe(2)
  expect(said.err).toContain('found 7. There are: 1, 2.')
  expect(await answering()).toBe(2)
})

test('a version of which a part is gone does not become the champion', async () => {
  await twoVersions()
  const store = new ArtifactStore()
  await setChampion(store, 'lamp', 1)
  const { report } = (await champion(store, 'lamp'))!
  await setChampion(store, 'lamp', 2)
  rmSync(join(store.root, 'objects', report.sha256.slice(0, 2), report.sha256), { force: true })
  expect(readdirSync(join(store.root, 'objects')).length).toBeGreaterThan(0)
  expect(await main(['promote', 'lamp', '--model-version', '1'])).toBe(2)
  expect(said.err).toContain('Version 1 of lamp is no longer whole')
  expect(await answering()).toBe(2)
})

test('two changes at once are both made', async () => {
  await twoVersions()
  await Promise.all([trainLamp({ seed: 3 }), setChampion(new ArtifactStore(), 'lamp', 1)])
  expect(JSON.parse(readFileSync(join(new ArtifactStore().root, 'registry', 'lamp.json'), 'utf8')).versions).toHaveLength(3)
})
