import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

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
  const file = leaseFile(work)
  const before = holderOf(file)
  const token = randomUUID()
  const write = (holder: Holder) => {
    const beside = `${file}.${token}`
    writeFileSync(beside, JSON.stringify(holder))
    renameSync(beside, file)
  }
  if (before?.child) {
    // Killed while it waits, this attempt leaves the orphan to the next one.
    write({ token, child: before.child })
    await endOrphan(before.child, signal)
  }
  const holds = () => holderOf(file)?.token === token
  if (before?.child === undefined || holds()) write({ token })
  return {
    child: (pid) => {
      if (holds()) write({ token, child: pid })
    },
    check: () => {
      if (!holds()) throw Object.assign(new Error('Another attempt of this stage took over its folder; this one ends without publishing (lease lost).'), { type: 'LeaseLost' })
    },
    release: async () => {
      if (holds()) await rm(file, { force: true })
    },
  }
}

/** Removes the work folder of a stage whose output is recorded; whoever still works there has lost. */
export async function clearWork(work: string): Promise<void> {
  await rm(leaseFile(work), { force: true })
  await rm(work, { recursive: true, force: true })
}

/** Beside the folder, not in it: the folder goes before the lease does. */
const leaseFile = (work: string) => `${work}.lease.json`

function holderOf(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

/** A trainer whose worker died sees the end of its stdin and leaves by itself; one that does not is killed. */
async function endOrphan(pid: number, signal: AbortSignal): Promise<void> {
  const until = performance.now() + orphanGraceMs
  while (isTrainer(pid)) {
    if (performance.now() > until) process.kill(pid, 'SIGKILL')
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
