import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

export interface Clock {
  environment: Record<string, string>
  /** How far off it is. */
  seconds: () => number
  /** Within a tenth of a second, also under a running process; the server, a Go program, keeps its own time. */
  move: (seconds: number) => void
}

/** A wall clock that can be moved, or why there is none here: it takes Linux and a C compiler. */
export async function movableClock(): Promise<Clock | string> {
  if (process.platform !== 'linux') return 'clocks can be moved only on Linux'
  const folder = mkdtempSync(join(tmpdir(), 'clitron-clock-'))
  const library = join(folder, 'clock.so')
  const { exitCode } = await execa('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, 'clock.c')], { reject: false })
  if (exitCode !== 0) return 'there is no C compiler (cc) to make the clock with'
  const file = join(folder, 'seconds')
  const move = (seconds: number) => writeFileSync(file, `${seconds}\n`)
  move(0)
  return { environment: { LD_PRELOAD: library, CLITRON_FAULT_CLOCK: file }, seconds: () => Number(readFileSync(file, 'utf8')), move }
}
