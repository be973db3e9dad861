import { readFileSync } from 'node:fs'

/** Megabytes that a process holds; 0 for one that is gone. */
export function megabytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
