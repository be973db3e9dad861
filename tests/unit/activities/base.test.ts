import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { resolveBase } from '../../../src/activities/base.ts'
import { checkHost } from '../../../src/activities/check-host.ts'
import type { Plan } from '../../../src/plan.ts'
import { runChild } from '../../../src/process/run.ts'

// Only what would need Python: the preflight itself.
vi.mock('../../../src/process/run.ts', () => ({ runChild: vi.fn(async () => ({ device: 'cpu', precision: 'fp32', bytes_needed: 48e6, memory_needed: 1e9 })) }))
vi.mock('../../../src/setup/llama-cpp.ts', () => ({ llamaPaths: async () => ({ convert: 'convert', library: 'library' }), llamaTag: () => 'b1' }))
vi.mock('../../../src/activities/commands.ts', () => ({ pythonCommand: async () => ({ command: 'python', args: [] }), trainerEnvironment: () => ({}) }))

let folder: string
let base: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'base-'))
  base = join(folder, 'base')
  mkdirSync(base)
  writeFileSync(join(base, 'config.json'), '{"layers": 1}')
  vi.stubEnv('CLITRON_HOME', join(folder, '.clitron'))
  vi.stubEnv('CLITRON_STORE', join(folder, '.clitron/store'))
  vi.mocked(runChild).mockClear()
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const checked = async (different: Partial<Plan> = {}) => {
  const plan = { name: 'notes', base, quant: 'q8_0', teacher: { kind: 'offline' }, force: false, configs: { sft: {}, dpo: {} }, ...different } as unknown as Plan
  return (await (new MockActivityEnvironment().run(checkHost, plan) as ReturnType<typeof checkHost>)).host
}

test('a local base is checked once, and again when it was changed', async () => {
  const first = await checked()
  expect(await checked()).toEqual(first)
  expect(runChild).toHaveBeenCalledTimes(1)

  writeFileSync(join(base, 'config.json'), '{"layers": 2}')
  const second = await checked()
  expect(runChild).toHaveBeenCalledTimes(2)
  expect(second.revision).not.toBe(first.revision)
})

test('a run does not go on with another base than it began with', async () => {
  const { revision } = await checked()
  const options = { revision, progress: () => {}, signal: new AbortController().signal }
  expect(await resolveBase(base, options)).toEqual({ path: base, revision })

  writeFileSync(join(base, 'config.json'), '{"layers": 2}')
  await expect(resolveBase(base, options)).rejects.toMatchObject({ type: 'BadInput', message: expect.stringContaining('is not what this run began with') })
})

test('a base of the hub stays at the commit of its first download until --force moves on to the newest', async () => {
  let newest = 'first'
  const hub = { base: 'maker/small' }
  vi.mocked(runChild).mockImplementation(async ({ args }) => {
    const spec = JSON.parse(readFileSync(args.at(-1)!, 'utf8')) as { stage: string; revision?: string }
    return spec.stage === 'download' ? { path: base, revision: spec.revision ?? newest } : { device: 'cpu', precision: 'fp32', bytes_needed: 48e6, memory_needed: 1e9 }
  })
  expect(await checked(hub)).toMatchObject({ revision: 'first' })
  newest = 'second'
  expect(await checked({ ...hub, quant: 'q4_k_m' })).toMatchObject({ revision: 'first' })
  vi.mocked(runChild).mockClear()
  expect(await checked(hub)).toMatchObject({ revision: 'first' })
  expect(runChild).not.toHaveBeenCalled()

  expect(await checked({ ...hub, force: true })).toMatchObject({ revision: 'second' })
  expect(await checked(hub)).toMatchObject({ revision: 'second' })
})
