import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { isAlive } from '../../src/process/identity.ts'
import { answers, listener } from '../../src/temporal/ports.ts'
import { resolveAddress } from '../../src/temporal/address.ts'
import { down, up, upState } from '../../src/temporal/supervisor.ts'
import { upFile, writeUpFile, type UpFile } from '../../src/temporal/up-file.ts'

const worker = { command: 'sleep', args: ['600'] }

/** Works in a folder's state, as a process that runs there would. */
const inFolder = (folder: string) => vi.stubEnv('CLITRON_HOME', folder)
const folder = () => mkdtempSync(join(tmpdir(), 'clitron-up-'))
let home: string

beforeEach(() => {
  for (const name of ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE']) vi.stubEnv(name, '')
  inFolder(home = folder())
})
afterEach(async () => {
  inFolder(home)
  await down()
  vi.unstubAllEnvs()
})

it('up twice is one server; down stops all of it, and the next up takes the same port', async () => {
  const first = await up({ worker })
  expect((await up({ worker })).supervisor).toEqual(first.supervisor)
  expect(resolveAddress()).toBe(first.address)
  expect(await down()).toBe(true)
  for (const process of [first.supervisor, first.server!, first.worker!]) expect(isAlive(process)).toBe(false)
  expect(await upState()).toBeUndefined()
  expect((await up({ worker })).address).toBe(first.address)
})

it.each([
  ['an earlier release', { version: '0.0.1' }, /updated from 0\.0\.1 to .*restarting its worker/],
  ['other code of the same release', { code: 'older' }, /code has changed: restarting its worker/],
])('a worker of %s is replaced by the next up', async (_what, earlier, said) => {
  const before = await up({ worker })
  writeUpFile(upFile(), { ...before, ...earlier })
  const lines: string[] = []
  const after = await up({ worker, onProgress: (line) => lines.push(line) })
  expect(isAlive(before.worker!)).toBe(false)
  expect(after.address).toBe(before.address)
  expect(lines).toContainEqual(expect.stringMatching(said))
})

it('server and worker killed with -9 come back on the same port', async () => {
  const before = await up({ worker })
  process.kill(before.server!.pid, 'SIGKILL')
  process.kill(before.worker!.pid, 'SIGKILL')
  await vi.waitFor(async () => {
    const now = await upState()
    expect(now!.server!.pid).not.toBe(before.server!.pid)
    expect(now!.worker!.pid).not.toBe(before.worker!.pid)
    expect(now!.address).toBe(before.address)
    expect(await answers(now!.server!.port)).toBe(true)
  }, { timeout: 20_000, interval: 200 })
})

it('a killed supervisor is noticed, and the next up cleans up after it', async () => {
  const before = await up({ worker })
  process.kill(before.supervisor.pid, 'SIGKILL')
  await vi.waitFor(async () => expect(await upState()).toBeUndefined())
  const after = await up({ worker })
  expect(isAlive(before.server!)).toBe(false)
  expect(isAlive(before.worker!)).toBe(false)
  expect(after.address).toBe(before.address)
})

it('two folders that come up at the same moment have servers of their own', async () => {
  const module = new URL('../../src/temporal/supervisor.ts', import.meta.url).href
  const upIn = async (CLITRON_HOME: string): Promise<UpFile> => {
    const code = `const { up } = await import(${JSON.stringify(module)}); console.log(JSON.stringify(await up({ worker: ${JSON.stringify(worker)} })))`
    return JSON.parse((await execa(process.execPath, ['--input-type=module', '-e', code], { env: { CLITRON_HOME } })).stdout)
  }
  const other = folder()
  try {
    const [one, two] = await Promise.all([upIn(home), upIn(other)])
    for (const { server } of [one, two]) expect(listener(server!.port)).toBe(server!.pid)
    expect(one.address).not.toBe(two.address)
  } finally {
    inFolder(other)
    await down()
  }
})

it('a port that was asked for and is taken is refused by name', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as { port: number }
  await expect(up({ worker, port })).rejects.toThrow(`Port ${port} is in use by`)
  expect(await upState()).toBeUndefined()
  other.close()
})

it('with TEMPORAL_ADDRESS there is a worker and no server', async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example:7233')
  vi.stubEnv('CLITRON_CODEC', 'off')
  const state = await up({ worker })
  expect(state.server).toBeUndefined()
  expect(state.address).toBe('temporal.example:7233')
  expect(isAlive(state.worker!)).toBe(true)
})
