import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { writeAtomically } from '../store/atomic.ts'

interface Holder {
  token: string
  child?: number
}

/** Two attempts of one stage never write one folder: the newer takes the lease and ends the older one's child. */
export interface Lease {
  /** Notes the child, so that whoever takes the lease next can end it. */
  child: (pid: number) => void
  /** @throws when another attempt has taken the lease meanwhile: what was made here must not be published. */
  check: () => void
  release: () => Promise<void>
}

/** How long an orphaned trainer gets to write its checkpoint before it is killed. */
const orphanGraceMs = 20_000

export async function takeLease(work: string, signal: AbortSignal): Promise<Lease> {
  // Beside the folder, not in it: a stage empties its folder when it is done.
  const file = `${work}.lease.json`
  const before = await readFile(file, 'utf8').then((text) => JSON.parse(text) as Holder, () => undefined)
  const token = randomUUID()
  await writeAtomically(file, JSON.stringify({ token } satisfies Holder))
  if (before?.child) await endOrphan(before.child, signal)
  return {
    child: (pid) => {
      if (!holds(file, token)) return
      const beside = `${file}.${token}`
      writeFileSync(beside, JSON.stringify({ token, child: pid } satisfies Holder))
      renameSync(beside, file)
    },
    check: () => {
      if (!holds(file, token)) throw Object.assign(new Error('Another attempt of this stage took over its folder; this one ends without publishing (lease lost).'), { type: 'LeaseLost' })
    },
    release: async () => {
      if (holds(file, token)) await rm(file, { force: true })
    },
  }
}

function holds(file: string, token: string): boolean {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as Holder).token === token
  } catch {
    return false
  }
}

/** A trainer whose worker died sees the end of its stdin and leaves by itself; one that does not is killed. */
async function endOrphan(pid: number, signal: AbortSignal): Promise<void> {
  const until = Date.now() + orphanGraceMs
  while (isTrainer(pid)) {
    if (Date.now() > until) process.kill(pid, 'SIGKILL')
    await wait(200, undefined, { signal })
  }
}

/** Pids are used again: only a process that runs one of our scripts counts. */
function isTrainer(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return /trainers|run-\w+\.(ts|js)/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}
