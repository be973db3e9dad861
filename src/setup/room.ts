import { freemem } from 'node:os'
import { NeedsPersonError } from '../errors.ts'
import { gigabytes, requireDisk } from './disk.ts'

/**
 * What the first check of a host asked for is asked for again before anything is paid for, and before every training: a disk fills up.
 * @throws NeedsPersonError when less is free at one of `folders`, or in memory
 */
export async function requireRoom(folders: string[], needs: { disk: number; memory: number }, base: string): Promise<void> {
  for (const folder of folders) await requireDisk(folder, needs.disk, `A training of ${base}`, 'Free some space there (`clitron gc --yes`).')
  // Only Linux tells what is available; elsewhere what could be had from caches counts as taken.
  if (process.platform === 'linux' && freemem() < needs.memory) throw new NeedsPersonError(`A training of ${base} needs about ${gigabytes(needs.memory)} of memory; ${gigabytes(freemem())} are available. End what else runs here, or choose a smaller base (\`clitron bases\`).`)
}
