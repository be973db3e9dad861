import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ArtifactStore } from './artifacts.ts'
import { renew } from './atomic.ts'

/** Says whether no later attempt of the stage began, on whatever host; a token that is looked at does not age. */
export type Fence = () => Promise<boolean>

/**
 * Takes the next number of a stage: `fences/{stage}/{key}.{n}`, an empty file that only one host can create. Of several attempts
 * that hold themselves for the only one, the last to begin is right. Numbers are only forgotten (`clitron gc`), never given back.
 */
export async function takeFence(store: ArtifactStore, stage: string, key: string): Promise<Fence> {
  const file = (number: number) => join(store.root, 'fences', stage, `${key}.${number}`)
  const folder = dirname(file(0))
  const newest = async () => Math.max(0, ...(await readdir(folder)).filter((name) => name.startsWith(`${key}.`)).map((name) => Number(name.slice(key.length + 1))))
  await mkdir(folder, { recursive: true })
  for (;;) {
    const mine = (await newest()) + 1
    try {
      await writeFile(file(mine), '', { flag: 'wx' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw error
    }
    return async () => (await newest()) === mine && renew(file(mine))
  }
}
