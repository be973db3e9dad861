import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { stateDir } from '../paths.ts'
import type { ProcessIdentity } from '../process/identity.ts'

/** What `clitron up` left running in this folder; the supervisor alone writes it. */
export type UpFile = {
  state: 'starting' | 'running' | 'stopping' | 'stopped' | 'failed'
  /** The sentence for a person when `state` is failed. */
  error?: string
  /** Clitron's own version: after an update the running worker is an old one. */
  version: string
  /** Hash of its code, which changes without its version where somebody works on a clone. */
  code: string
  folder: string
  since: string
  supervisor: ProcessIdentity
  /** The server's address, and the Web UI's where the server is ours. */
  address: string
  uiAddress?: string
  server?: Child & { cli: string; port: number; uiPort: number }
  worker?: Child
}

/** `restarts` counts since `up`; a growing one means that the log deserves a look. */
export type Child = ProcessIdentity & { restarts: number; log: string }

export const upFile = () => stateDir('up.json')

export function readUpFile(file: string): UpFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as UpFile
  } catch {
    return undefined
  }
}

export function writeUpFile(file: string, content: UpFile): void {
  mkdirSync(dirname(file), { recursive: true })
  const beside = `${file}.${randomUUID()}.part`
  writeFileSync(beside, `${JSON.stringify(content, null, 2)}\n`)
  renameSync(beside, file)
}
