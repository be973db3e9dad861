import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fault } from '../process/fault.ts'

/**
 * Publishes `content` under `file`: written beside it, synced, renamed, folder synced.
 * A reader sees the old file or the new one, never a part.
 */
export async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true })
  const beside = join(folder, `.${basename(file)}.${randomUUID()}.part`)
  try {
    const handle = await open(beside, 'w')
    try {
      await fault('mid_write')
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await fault('before_rename')
    await rename(beside, file)
    await syncFolder(folder)
    await fault('after_rename')
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
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
