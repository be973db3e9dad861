import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, ownIdentity, type ProcessIdentity } from './identity.ts'

/**
 * Takes the lock that `file` stands for, or says who holds it. A lock whose owner is dead is taken over.
 * @returns a function that releases it, or the living owner
 */
export async function tryLock(file: string): Promise<(() => Promise<void>) | ProcessIdentity> {
  await mkdir(dirname(file), { recursive: true })
  const mine = JSON.stringify({ ...ownIdentity(), id: randomUUID() })
  const beside = `${file}.${randomUUID()}`
  await writeFile(beside, mine)
  try {
    for (;;) {
      try {
        // A link appears whole or not at all, so nobody ever reads a half-written owner.
        await link(beside, file)
        return async () => {
          if ((await readFile(file, 'utf8').catch(() => '')) === mine) await rm(file, { force: true })
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const found = await readFile(file, 'utf8').catch(() => undefined)
      if (found === undefined) continue
      const owner = readOwner(found)
      if (owner && isAlive(owner)) return owner
      await takeAway(file, found)
    }
  } finally {
    await rm(beside, { force: true })
  }
}

/** Runs `task` while holding the lock; waits for a living owner, whom `onWait` hears about once. */
export async function withLock<T>(file: string, task: () => Promise<T>, { onWait, signal }: { onWait?: (owner: ProcessIdentity) => void; signal?: AbortSignal } = {}): Promise<T> {
  let told = false
  for (;;) {
    signal?.throwIfAborted()
    const held = await tryLock(file)
    if (typeof held === 'function') {
      try {
        return await task()
      } finally {
        await held()
      }
    }
    if (!told) onWait?.(held)
    told = true
    await sleep(300)
  }
}

/** A guard older than this was left by a process that died in the few milliseconds it holds one. */
const guardStaleMs = 10_000

/**
 * Removes a dead owner's lock. Several may find it at once: only who makes the guard's folder may remove, and looks again first,
 * so that the lock of a new, living owner is never taken for the dead one's.
 */
export async function takeAway(file: string, expected: string): Promise<void> {
  const guard = `${file}.takeover`
  try {
    await mkdir(guard)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const made = await stat(guard).catch(() => undefined)
    if (made && Date.now() - made.mtimeMs > guardStaleMs) await rmdir(guard).catch(() => {})
    await sleep(10)
    return
  }
  try {
    if ((await readFile(file, 'utf8').catch(() => undefined)) === expected) await rm(file, { force: true })
  } finally {
    await rmdir(guard).catch(() => {})
  }
}

function readOwner(text: string): ProcessIdentity | undefined {
  try {
    const { pid, start } = JSON.parse(text)
    return typeof pid === 'number' && typeof start === 'string' ? { pid, start } : undefined
  } catch {
    return undefined
  }
}
