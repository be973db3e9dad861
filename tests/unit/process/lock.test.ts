import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { identify, isAlive, ownIdentity } from '../../../src/process/identity.ts'
import { tryLock, withLock } from '../../../src/process/lock.ts'

const file = () => join(mkdtempSync(join(tmpdir(), 'clitron-lock-')), 'a.lock')

describe('a lock', () => {
  it('lets one in at a time', async () => {
    const lock = file()
    let inside = 0
    let most = 0
    await Promise.all(Array.from({ length: 5 }, () => withLock(lock, async () => {
      most = Math.max(most, ++inside)
      await sleep(10)
      inside -= 1
    })))
    expect(most).toBe(1)
  })

  it('names a living owner', async () => {
    const lock = file()
    const release = await tryLock(lock)
    expect(await tryLock(lock)).toMatchObject({ pid: process.pid })
    await (release as () => Promise<void>)()
    expect(typeof (await tryLock(lock))).toBe('function')
  })

  it('of a dead owner is taken by exactly one of many', async () => {
    const lock = file()
    const child = spawn('sleep', ['60'])
    const owner = identify(child.pid!)
    writeFileSync(lock, JSON.stringify(owner))
    child.kill('SIGKILL')
    while (isAlive(owner)) await sleep(5)
    const taken = await Promise.all(Array.from({ length: 8 }, () => tryLock(lock)))
    expect(taken.filter((held) => typeof held === 'function')).toHaveLength(1)
  })

  it('is not kept by a pid that was given to another process since', async () => {
    const lock = file()
    writeFileSync(lock, JSON.stringify({ ...ownIdentity(), start: '1' }))
    expect(typeof (await tryLock(lock))).toBe('function')
  })

  it('that is garbage is replaced', async () => {
    const lock = file()
    writeFileSync(lock, '{"pid":')
    expect(typeof (await tryLock(lock))).toBe('function')
  })
})
