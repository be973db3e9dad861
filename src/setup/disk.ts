import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NeedsPersonError } from '../errors.ts'

/** Free bytes where `path` is or would be made. */
export async function freeBytes(path: string): Promise<number> {
  let folder = path
  while (!existsSync(folder)) folder = dirname(folder)
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Whether a write found no room: on the disk, or in its user's share of it. */
export const isDiskFull = (error: unknown) => ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')

/** A write of `bytes` to `file` that finds no room: the system names neither the file nor the sizes. */
export const diskFull = (file: string, bytes: number, free: number, cause?: unknown) => Object.assign(new Error(`${file} takes ${bytes} bytes, ${free} are free`, { cause }), { code: 'ENOSPC', path: file })

/** For a run, which tries again by itself. */
export const diskFullInRun = (what: string) => `The disk is full: ${what}. Free some space; the run goes on by itself.`

/** @throws NeedsPersonError when less than `bytes` are free at `path` */
export async function requireDisk(path: string, bytes: number, what: string, remedy: string): Promise<void> {
  const free = await freeBytes(path)
  if (free < bytes) throw new NeedsPersonError(`${what} needs ${gigabytes(bytes)} at ${path}; only ${gigabytes(free)} are free there. ${remedy}`)
}

/** "1.5 GB", and "48 MB" where that would be 0.0. */
export const gigabytes = (bytes: number) => (bytes < 5e7 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`)
