import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
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

/** Two may find the same dead owner: the one that moved away a lock newer than it had read puts it back. */
async function takeAway(file: string, expected: string): Promise<void> {
  const aside = `${file}.${randomUUID()}.stale`
  try {
    await rename(file, aside)
  } catch {
    return
  }
  if ((await readFile(aside, 'utf8')) !== expected) await link(aside, file).catch(() => {})
  await rm(aside, { force: true })
}

function readOwner(text: string): ProcessIdentity | undefined {
  try {
    const { pid, start } = JSON.parse(text)
    return typeof pid === 'number' && typeof start === 'string' ? { pid, start } : undefined
  } catch {
    return undefined
  }
}
