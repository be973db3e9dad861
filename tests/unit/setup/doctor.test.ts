import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { doctor } from '../../../src/setup/doctor.ts'

// It would unpack llama.cpp's sources into the empty cache.
vi.mock('../../../src/setup/llama-cpp.ts', () => ({ ensureLlamaSources: async () => Promise.reject(new Error('not looked at here')) }))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clitron-doctor-'))
  vi.stubEnv('CLITRON_CACHE', join(folder, 'cache'))
  vi.stubEnv('CLITRON_HOME', join(folder, 'state'))
  vi.stubEnv('CLITRON_PYTHON', '')
})
afterEach(() => vi.unstubAllEnvs())

const found = async (base: string) => Object.fromEntries((await doctor({ base })).map((check) => [check.name, check]))

test('a base in a local folder is estimated as far as its size is known', async () => {
  const base = join(folder, 'my-model')
  mkdirSync(base)
  writeFileSync(join(base, 'config.json'), '{}')
  const checks = await found(base)
  expect(checks.base).toMatchObject({ ok: true, found: `the folder ${base}; its size is not known here` })
  expect(checks.memory!.found).toContain(`${base} needs more than`)
  expect(checks.disk!.found).toContain(`a train of ${base} needs more than`)
  expect(checks.time!.found).toMatch(/^more than/)
})

test('a mistyped base is one fault with the near name, and everything else is checked', async () => {
  const checks = await found('lama-3.2-1b')
  expect(checks.base).toMatchObject({ ok: false, found: expect.stringContaining('did you mean "llama-3.2-1b"?'), fix: 'clitron bases' })
  expect(checks.memory).toMatchObject({ ok: true })
  expect(checks.disk!.found).toMatch(/free here/)
  expect(checks.disk!.found).not.toContain('A base is one of')
  expect(checks.node).toMatchObject({ ok: true })
})

test('a folder without a model is named as such', async () => {
  expect((await found(folder)).base).toMatchObject({ ok: false, found: expect.stringContaining('is here, but is no model') })
})

test('a gated base needs a token, and its licence page is named; any other needs none', async () => {
  vi.stubEnv('HF_HOME', join(folder, 'hub'))
  vi.stubEnv('HF_TOKEN', '')
  expect((await found('llama-3.2-1b')).licence).toMatchObject({ ok: false, found: expect.stringContaining('https://huggingface.co/meta-llama/Llama-3.2-1B-Instruct'), fix: expect.stringContaining('export HF_TOKEN=…') })
  expect((await found('smollm2-135m')).licence).toBeUndefined()
  mkdirSync(join(folder, 'hub'))
  writeFileSync(join(folder, 'hub', 'token'), 'hf_of_the_login')
  expect((await found('llama-3.2-1b')).licence).toMatchObject({ ok: true, found: expect.not.stringContaining('hf_of') })
  rmSync(join(folder, 'hub'), { recursive: true })
  vi.stubEnv('HF_TOKEN', 'hf_secret')
  expect((await found('llama-3.2-1b')).licence).toMatchObject({ ok: true, found: expect.not.stringContaining('hf_secret') })
})

test('the codec is said to be on, off, or wanting for a key', async () => {
  for (const name of ['CLITRON_CODEC', 'CLITRON_CODEC_KEY', 'CLITRON_CODEC_KEY_FILE', 'TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE']) vi.stubEnv(name, '')
  expect((await found('scratch')).codec).toMatchObject({ ok: true, found: 'off: the server is on this machine' })
  vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example:7233')
  expect((await found('scratch')).codec).toMatchObject({ ok: false, fix: 'clitron codec --new-key' })
  vi.stubEnv('CLITRON_CODEC_KEY', `${'00'.repeat(32)},${'11'.repeat(32)}`)
  expect((await found('scratch')).codec).toMatchObject({ ok: true, found: expect.stringMatching(/^on: payloads leave encoded with key [0-9a-f]{12}; 1 older read$/) })
})
