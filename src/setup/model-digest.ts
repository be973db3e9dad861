import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hashFile } from '../store/artifacts.ts'

/** What trainers read of a model folder: weights, configuration, tokenizer, chat template. */
const readByTrainers = /\.(safetensors|json|txt|model|tiktoken|jinja)$/
const known = new Map<string, Promise<string>>()

/** Sha256 over names and contents of what trainers read in a model folder: the same on every host. Gigabytes take seconds, once a process. */
export async function modelDigest(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => readByTrainers.test(name) && !name.startsWith('.')).sort()
  const digest = createHash('sha256')
  for (const name of names) digest.update(`${name}\0${await contentOf(join(folder, name))}\0`)
  return digest.digest('hex')
}

/** A file whose size and times are those of the last look is not read again. */
async function contentOf(file: string): Promise<string> {
  const { size, mtimeMs, ctimeMs, ino } = await stat(file)
  const state = [file, size, mtimeMs, ctimeMs, ino].join()
  const content = known.get(state) ?? hashFile(file).then(({ sha256 }) => sha256)
  known.set(state, content)
  content.catch(() => known.delete(state))
  return content
}
