import { expect, test, vi } from 'vitest'
import { checkHost } from '../../../src/activities/check-host.ts'
import { evaluate } from '../../../src/activities/evaluate.ts'
import { preferences } from '../../../src/activities/preferences.ts'
import { quantize } from '../../../src/activities/quantize.ts'
import type { Plan } from '../../../src/plan.ts'
import { inputsKey } from '../../../src/store/memo.ts'

const release = vi.hoisted(() => ({ tag: '' }))
vi.mock(import('../../../src/setup/llama-cpp.ts'), async (original) => ({ ...(await original()), llamaTag: () => release.tag }))

/** The frame of a stage that makes nothing and gives back its key. */
vi.mock('../../../src/activities/stage.ts', () => ({
  stage: async (_name: string, _training: string, inputs: object | (() => Promise<object>)) => {
    throw inputsKey(typeof inputs === 'function' ? await inputs() : inputs)
  },
}))

const ref = { uri: 'cas:1', sha256: '1', bytes: 1, kind: 'x' }
const plan = { name: 'notes', base: 'scratch', quant: 'q4_k_m', schema: ref, configs: { sft: {}, dpo: {} } } as unknown as Plan
const host = { device: 'cpu', precision: 'fp32', base: 'scratch' }

test.each([
  ['the check of a host', () => checkHost(plan)],
  ['a GGUF', () => quantize(plan, host, ref, ref)],
  ['preference pairs', () => preferences(plan, host, ref, ref)],
  ['an evaluation', () => evaluate(plan, { dataset: ref, candidates: { sft: ref, dpo: ref }, training: {} })],
])('another release of llama.cpp makes %s anew', async (_what, activity: () => Promise<unknown>) => {
  const keyOf = (tag: string) => {
    release.tag = tag
    return activity().catch((key: unknown) => key)
  }
  expect(await keyOf('b1')).toMatch(/^[0-9a-f]{64}$/)
  expect(await keyOf('b1')).toBe(await keyOf('b1'))
  expect(await keyOf('b2')).not.toBe(await keyOf('b1'))
})
