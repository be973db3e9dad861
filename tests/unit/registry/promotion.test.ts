import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { promotion, type Outcome } from '../../../src/registry/promotion.ts'
import { addVersion, champion, readRegistry } from '../../../src/registry/registry.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'

const ref = (text: string) => ({ uri: `store:${text}`, sha256: text.repeat(64).slice(0, 64), bytes: 1, kind: 'report' })
const failed = { robustness: 'other wordings cost 9.0 points, 5 are allowed' }
const version = (more: object = {}) => ({ version: 1, created: '2030-01-01', report: ref('a'), dataset: ref('d'), sft: ref('e'), dpo: ref('f'), schema: 's', base: 'scratch', quant: 'q8_0', seed: 1, scores: {}, verdict: 'the first version', failed: {}, ...more })
const decide = (before: ReturnType<typeof version> | undefined, outcome: Outcome, retrain = false) => promotion(before, ref('b'), { promote: true, verdict: 'v', ...outcome }, retrain)

describe('who becomes the champion', () => {
  test('the first version, also one that fails a gate, and it says so', () => {
    expect(decide(undefined, { failed: {} })).toEqual({ promoted: true, verdict: 'v' })
    expect(decide(undefined, { failed })).toEqual({ promoted: true, verdict: `the first version, although ${failed.robustness}` })
  })
  test.each([false, true])('nobody who fails a gate that the champion passes (retrain %s)', (retrain) => {
    expect(decide(version(), { failed }, retrain)).toEqual({ promoted: false, verdict: `the champion stays, which passes what this one fails: ${failed.robustness}` })
    expect(decide(version({ failed }), { failed: { ...failed, target: 'too low' } }, retrain)).toMatchObject({ promoted: false, verdict: expect.stringMatching(/fails: too low$/) })
  })
  test('one that fails only what the champion fails too', () => {
    expect(decide(version({ failed }), { failed })).toEqual({ promoted: true, verdict: `promoted, although ${failed.robustness}` })
    expect(decide(version({ failed: undefined }), { failed })).toMatchObject({ promoted: true })
  })
  test('one that misses a bound which the champion was never held to', () => {
    const outcome = { failed: { state: 'too low' }, gates: { figures: { state: {} } } }
    expect(decide(version(), outcome)).toEqual({ promoted: true, verdict: 'promoted, although too low' })
    expect(decide(version({ held: ['state'] }), outcome)).toEqual({ promoted: false, verdict: 'the champion stays, which passes what this one fails: too low' })
    expect(decide(version({ held: ['state'], failed: { state: 'lower' } }), outcome)).toMatchObject({ promoted: true })
  })
  test("a person's own train although it is worse, a schedule's challenger only if it is not", () => {
    expect(decide(version(), { promote: false })).toMatchObject({ promoted: true })
    expect(decide(version(), { promote: false }, true)).toEqual({ promoted: false, verdict: 'v' })
    expect(decide(version(), {}, true)).toEqual({ promoted: true, verdict: 'v' })
  })
  test('the champion itself, found again', () => {
    expect(promotion(version({ failed }), ref('a'), { failed }, false)).toEqual({ promoted: true, verdict: 'the first version' })
  })
})

test('the registry remembers which gates a version failed', async () => {
  const store = new ArtifactStore(mkdtempSync(join(tmpdir(), 'registry-')))
  const { version: _, created, ...entry } = version({ failed })
  await addVersion(store, 'notes', entry, true)
  expect((await champion(store, 'notes'))!.failed).toEqual(failed)
})

test('a version found again has the options given last', async () => {
  const store = new ArtifactStore(mkdtempSync(join(tmpdir(), 'registry-')))
  const { version: _, created, ...entry } = version()
  await addVersion(store, 'notes', { ...entry, options: { teacher: 'anthropic' } }, true)
  await addVersion(store, 'notes', { ...entry, options: { teacher: 'anthropic', budget: 20 } }, true)
  expect((await readRegistry(store, 'notes')).versions).toMatchObject([{ options: { budget: 20 } }])
})

test('a registry of which a byte was flipped is never believed, and says what to do; one without a seal is of an earlier release', async () => {
  const store = new ArtifactStore(mkdtempSync(join(tmpdir(), 'registry-')))
  const { version: _, created, ...entry } = version({ scores: { exact: 0.91 } })
  await addVersion(store, 'notes', entry, true)
  const file = join(store.root, 'registry/notes.json')
  const whole = readFileSync(file, 'utf8')
  for (const damaged of [whole.replace('0.91', '0.93'), whole.replace('"champion": 1', '"champion": 0'), whole.replace('{', 'z'), whole.slice(0, 300), '']) {
    writeFileSync(file, damaged)
    await expect(readRegistry(store, 'notes')).rejects.toMatchObject({ type: 'NeedsPerson', message: expect.stringMatching(/notes\.json is damaged\. Bring it back from a copy/) })
  }
  writeFileSync(file, whole.replace(/,\s+"seal": "\w+"/, ''))
  expect((await readRegistry(store, 'notes')).champion).toBe(1)
})
