import { closeSync, copyFileSync, mkdirSync, openSync, statSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'

const largest = 10e6

/**
 * Opens a log for a child to append to. The child holds the file itself, so it needs no living supervisor to write;
 * since it appends, emptying the file under it is safe.
 */
export function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true })
  return openSync(file, 'a')
}

export const closeLog = closeSync

/** Keeps at most two files of 10 MB: the present one and `.1`. */
export function rotateLog(file: string): void {
  try {
    if (statSync(file).size < largest) return
    copyFileSync(file, `${file}.1`)
    truncateSync(file)
  } catch {}
}
