import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceError } from '@temporalio/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { patience } from '../../../src/cli/patience.ts'
import { ownIdentity } from '../../../src/process/identity.ts'
import { upFile, writeUpFile, type UpFile } from '../../../src/temporal/up-file.ts'

const silence = new ServiceError('Failed to describe workflow', { cause: Object.assign(new Error(), { code: 14, details: '', metadata: {} }) })
const address = '127.0.0.1:7233'
let folder: string
let said: string[]

/** The state that a supervisor leaves; this test's own process is one that lives. */
const up = (change: Partial<UpFile> = {}) => writeUpFile(upFile(), { state: 'running', version: '0.1.0', code: '', folder, since: '', supervisor: ownIdentity(), address, ...change })
const gone = { pid: 2 ** 22 + 1, start: '1' }
const follower = () => patience('notes', (line) => said.push(line))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patience-'))
  vi.stubEnv('CLITRON_HOME', folder)
  for (const name of ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE']) vi.stubEnv(name, '')
  vi.useFakeTimers({ toFake: ['Date'] })
  said = []
  up()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test('one silence is nothing; while a supervisor lives it waits, and says so once', async () => {
  const server = follower()
  await server.silent(silence)
  expect(said).toEqual([])
  for (let hours = 0; hours < 5; hours++) {
    vi.advanceTimersByTime(3600_000)
    await server.silent(silence)
  }
  up({ address: '' })
  await server.silent(silence)
  expect(said).toEqual([expect.stringContaining('supervisor starts it again')])
})

test('after `clitron down` it ends, with what to do', async () => {
  const server = follower()
  await server.silent(silence)
  up({ state: 'stopped', supervisor: gone })
  await expect(server.silent(silence)).rejects.toMatchObject({ type: 'NeedsPerson', message: expect.stringMatching(/was stopped.*clitron up.*clitron watch notes/) })
})

test('`clitron down` and `clitron up` in one breath do not end it', async () => {
  const server = follower()
  up({ state: 'stopped', supervisor: gone })
  await server.silent(silence)
  up()
  await server.silent(silence)
  server.answered()
  expect(said).toHaveLength(1)
})

test('a killed supervisor is waited for, but not for ever', async () => {
  const server = follower()
  up({ supervisor: gone })
  for (let times = 0; times < 3; times++) await server.silent(silence)
  expect(said).toEqual([expect.stringMatching(/supervisor are gone\. `clitron up`/)])
  vi.advanceTimersByTime(121_000)
  await expect(server.silent(silence)).rejects.toMatchObject({ type: 'NeedsPerson' })
})

test('a server that came back at another address is not waited for', async () => {
  const server = follower()
  await server.silent(silence)
  up({ address: '127.0.0.1:7300' })
  await expect(server.silent(silence)).rejects.toThrow('another address')
})

test('a cluster that stays away ends it after twenty minutes; an answer in between begins anew', async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example:7233')
  const server = follower()
  const silentFor = async (minutes: number) => {
    await server.silent(silence)
    vi.advanceTimersByTime(minutes * 60_000)
    await server.silent(silence)
  }
  await silentFor(19)
  server.answered()
  await silentFor(19)
  expect(said).toHaveLength(2)
  await expect(silentFor(2)).rejects.toMatchObject({ type: 'Unavailable', message: expect.stringContaining('temporal.example:7233') })
})

test('what is no silence is thrown at once', async () => {
  const refused = new ServiceError('Failed to describe workflow', { cause: Object.assign(new Error(), { code: 7, details: '', metadata: {} }) })
  await expect(follower().silent(refused)).rejects.toBe(refused)
  await expect(follower().silent(new TypeError('a bug'))).rejects.toThrow('a bug')
})
