import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** What a small file of Clitron's own holds; undefined where there is none, or only a cut one: it is made again. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  return text === undefined ? undefined : parseJson<T>(text)
}

/** A power failure may leave a file cut, empty or full of zeros: none of it is JSON. */
export function parseJson<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}

/** As JSON with a hash of itself, since a flipped byte mostly leaves valid JSON. `readSealed` reads it. */
export const sealed = (value: object): string => JSON.stringify({ ...value, seal: sealOf(value) })

/** What such a file holds; undefined where there is none, or a byte of it is another one: it is made again. */
export async function readSealed<T extends object>(file: string): Promise<T | undefined> {
  const { seal, ...value } = (await readJson<T & { seal?: unknown }>(file)) ?? {}
  return seal === sealOf(value) ? (value as T) : undefined
}

export const sealOf = (value: object) => createHash('sha256').update(JSON.stringify(value)).digest('hex')
