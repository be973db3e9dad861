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
