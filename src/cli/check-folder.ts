import { readdir } from 'node:fs/promises'
import { InputError } from '../errors.ts'

interface Expected {
  /** The file by which a folder of this command's own is told. */
  marker: string
  /** What such a folder is called. */
  earlier: string
  /** What may stand in a folder that is new all the same. */
  beside?: readonly string[]
}

/**
 * Nothing of anybody's is written over: only into a new or empty folder, or one that this command has written before.
 * @param shown as the person typed it
 * @throws InputError
 */
export async function checkFolder(folder: string, shown: string, { marker, earlier, beside = [] }: Expected): Promise<void> {
  const inside = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw new InputError(`Expected a folder at ${shown}, found something else (${error.code}); give another name.`)
  })
  if (inside.includes(marker) || inside.every((file) => beside.includes(file))) return
  throw new InputError(`Expected ${shown} to be new, empty or ${earlier} (with ${marker}); it holds other files. Give another folder.`)
}
