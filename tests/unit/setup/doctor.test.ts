import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
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
