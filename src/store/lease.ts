import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { isAlive, ownIdentity, type ProcessIdentity } from '../process/identity.ts'
import type { ArtifactStore } from './artifacts.ts'
import { takeFence } from './fence.ts'

interface Holder {
  token: string
  /** Absent in a lease of an earlier release. */
  worker?: ProcessIdentity & { host: string }
  child?: number
}

/** Two attempts of one stage never write one folder: the newer takes the lease and ends the older one's child. Nor, on two hosts, the store. */
export interface Lease {
  /** Notes the child, so that whoever takes the lease next can end it. */
  child: (pid: number) => void
  /** @throws when another attempt has begun meanwhile, here or on another host: what was made here must not be published. */
  check: () => Promise<void>
  release: () => Promise<void>
}

/** How long an orphaned trainer gets to write its checkpoint before it is killed. */
const orphanGraceMs = 20_000

export async function takeLease(store: ArtifactStore, stage: string, key: string, work: string, signal: AbortSignal): Promise<Lease> {
  const isNewest = await takeFence(store, stage, key)
  const file = leaseFile(work)
  const before = holderOf(file)
  const token = randomUUID()
  const worker = { host: hostname(), ...ownIdentity() }
  const write = (holder: Pick<Holder, 'child'> = {}) => {
    const beside = `${file}.${token}`
    writeFileSync(beside, JSON.stringify({ token, worker, ...holder } satisfies Holder))
    renameSync(beside, file)
  }
  if (before?.child) {
    // Killed while it waits, this attempt leaves the orphan to the next one.
    write({ child: before.child })
    await endOrphan(before.child, signal)
  }
  const holds = () => holderOf(file)?.token === token
  if (before?.child === undefined || holds()) write()
  return {
    child: (pid) => {
      if (holds()) write({ child: pid })
    },
    check: async () => {
      if (!holds()) throw lost('took over its folder')
      if (!(await isNewest())) throw lost('began on another host')
    },
    release: async () => {
      if (holds()) await rm(file, { force: true })
    },
  }
}

const lost = (how: string) => Object.assign(new Error(`Another attempt of this stage ${how}; this one ends without publishing (lease lost).`), { type: 'LeaseLost' })

/** Whether somebody may still work in the folder: its worker, or the trainer that outlived it. Of another host's holder only the age is known. */
export function isHeld(work: string, mayBeHeld: (since: number) => boolean): boolean {
  const file = leaseFile(work)
  if (!existsSync(file)) return false
  const { worker, child } = holderOf(file) ?? {}
  if (worker?.host !== hostname()) return mayBeHeld(statSync(file).mtimeMs)
  return isAlive(worker) || (child !== undefined && isTrainer(child))
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
