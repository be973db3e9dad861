import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fault } from '../process/fault.ts'
import { freeBytes, isDiskFull } from '../setup/disk.ts'

/**
 * Publishes `content` under `file`: written beside it, synced, renamed, folder synced.
 * A reader sees the old file or the new one, never a part.
 */
export async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  await publish(file, bytes.length, async (beside) => {
    const handle = await open(beside, 'w')
    try {
      const half = Math.floor(bytes.length / 2)
      await handle.writeFile(bytes.subarray(0, half))
      fault('mid_write')
      await handle.writeFile(bytes.subarray(half))
    } finally {
      await handle.close()
    }
  })
}

/** Publishes a copy of `from`, of `bytes` bytes, under `to`, as `writeAtomically` does. */
export async function copyAtomically(from: string, to: string, bytes: number): Promise<void> {
  await publish(to, bytes, async (beside) => {
    // A reflink where the file system has them (APFS, btrfs, XFS): no second copy on disk.
    await copyFile(from, beside, constants.COPYFILE_FICLONE)
    fault('mid_write')
  })
}

async function publish(file: string, bytes: number, write: (beside: string) => Promise<void>): Promise<void> {
  const folder = dirname(file)
  const beside = join(folder, `.${basename(file)}.${randomUUID()}.part`)
  try {
    await mkdir(folder, { recursive: true })
    await write(beside)
    const handle = await open(beside, 'r+')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
    fault('before_rename')
    await rename(beside, file)
    await syncFolder(folder)
    fault('after_rename')
  } catch (error) {
    await rm(beside, { force: true })
    // Of a write that finds no room, the system names neither the file nor the sizes.
    if (isDiskFull(error)) Object.assign(error as Error, { path: file, message: `${file} takes ${bytes} bytes, ${await freeBytes(folder)} are free` })
    throw error
  }
}

/** Makes a file as young as if it had just been written, for what is young is not collected. False when it is gone. */
export async function renew(file: string): Promise<boolean> {
  const now = new Date()
  // In a shared store another user's file keeps its age.
  return utimes(file, now, now).then(() => true, (error: NodeJS.ErrnoException) => error.code !== 'ENOENT')
}

/** Removes what killed writers left beside the files of `folder`. Only its sole writer may call it. */
export async function sweepParts(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isFile() && /^\..*\.part$/.test(entry.name)) await rm(join(entry.parentPath, entry.name), { force: true })
}

/** Publishes a folder that is complete under another name beside it. One cannot be renamed over another: what `target` was steps aside first. */
export async function replaceFolder(part: string, target: string): Promise<void> {
  const aside = `${target}.${randomUUID()}.old`
  const had = await rename(target, aside).then(() => true, (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return false
  })
  try {
    await rename(part, target)
  } catch (error) {
    if (had) await rename(aside, target)
    throw error
  }
  await syncFolder(dirname(target))
  if (had) await rm(aside, { recursive: true, force: true })
}

/** Makes a rename in `folder` survive a power cut. Windows cannot open folders; there the rename is all there is. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
