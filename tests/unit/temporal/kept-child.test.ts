import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { identify, isAlive, type ProcessIdentity } from '../../../src/process/identity.ts'
import { KeptChild } from '../../../src/temporal/kept-child.ts'

const log = () => join(mkdtempSync(join(tmpdir(), 'clitron-kept-')), 'child.log')

it('a child killed with -9 comes back', async () => {
  const started: (ProcessIdentity & { restarts: number })[] = []
  const child = new KeptChild({ command: async () => ({ command: 'sleep', args: ['60'] }), log: log(), onStart: (one) => started.push(one) })
  child.start()
  await vi.waitFor(() => expect(started).toHaveLength(1))
  process.kill(started[0]!.pid, 'SIGKILL')
  await vi.waitFor(() => expect(started).toHaveLength(2), 5000)
  expect(started[1]!.restarts).toBe(1)
  await child.stop(1000)
  expect(isAlive(started[1]!)).toBe(false)
})

it('a stop ends what the child had started, though it ignores SIGTERM', async () => {
  const file = log()
  const child = new KeptChild({ command: async () => ({ command: 'sh', args: ['-c', "trap '' TERM; sleep 60 & echo $!; wait; sleep 60"] }), log: file, onStart: () => {} })
  child.start()
  await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toMatch(/\d/))
  const grandchild = identify(Number(readFileSync(file, 'utf8')))
  expect(isAlive(grandchild)).toBe(true)
  await child.stop(200)
  await sleep(100)
  expect(isAlive(grandchild)).toBe(false)
})

it('a command that is not there is tried again, more and more slowly', async () => {
  let tries = 0
  const child = new KeptChild({ command: async () => (tries += 1, { command: '/nowhere/at-all', args: [] }), log: log(), onStart: () => {} })
  child.start()
  await sleep(1500)
  expect(tries).toBe(2)
  await child.stop(100)
})
