import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { InputError, NeedsPersonError } from '../errors.ts'
import { packageVersion } from '../package-version.ts'
import { ownFile, stateDir } from '../paths.ts'
import { isAlive } from '../process/identity.ts'
import { freeBytes } from '../setup/disk.ts'
import { ensureTemporal } from '../setup/temporal-cli.ts'
import { lines } from '../setup/ensure-all.ts'
import { codeVersion } from '../store/code-version.ts'
import { isElsewhere, resolveAddress } from './address.ts'
import { codecPolicy } from './data-converter.ts'
import { closeLog, openLog } from './log-file.ts'
import { answers, isFree, whoListens } from './ports.ts'
import type { SupervisorSpec } from './run-supervisor.ts'
import { readUpFile, upFile, type UpFile } from './up-file.ts'

export type UpOptions = {
  onProgress?: (line: string) => void
  /** The server's port; the Web UI's is 1000 above. Without it: last time's, else 7233, else the next free pair. */
  port?: number
  signal?: AbortSignal
  /** Another worker than Clitron's own; tests keep a small one. */
  worker?: { command: string; args: string[] }
}

/** A server under load on two cores needs a second or two; a database of gigabytes some more. */
const startMs = 60_000

/**
 * Leaves a small supervisor running that keeps server and worker of this folder; what runs already is left alone.
 * With TEMPORAL_ADDRESS or a profile only a worker is kept.
 * @throws InputError when the port that was asked for is taken, or the codec's keys are not right; NeedsPersonError when the server does not start
 */
export async function up({ onProgress = () => {}, port, signal, worker }: UpOptions = {}): Promise<UpFile> {
  // A worker that refuses its keys would only be started again and again.
  codecPolicy()
  const running = await upState()
  const address = isElsewhere() ? resolveAddress() : undefined
  if (running) {
    if (port && running.server && running.server.port !== port) throw new InputError(`This folder's server runs on port ${running.server.port} already. To move it to ${port}: clitron down && clitron up --port ${port}`)
    if (address && running.address !== address) throw new InputError(`This folder's worker serves ${running.address}, but the environment says ${address}. Run: clitron down`)
    if (!address && !running.server) throw new InputError(`This folder's worker serves ${running.address}. To have a server of its own here: clitron down && clitron up`)
    const updated = running.version !== packageVersion()
    if (!updated && running.code === codeVersion('.')) return waitUntilRunning(running.supervisor.pid, signal)
    onProgress(`${updated ? `Clitron was updated from ${running.version} to ${packageVersion()}` : "Clitron's own code has changed"}: restarting its worker`)
    await down({ onProgress })
  }
  // A server that a killed supervisor left behind is ours: the next supervisor ends it and takes its port again.
  const orphan = readUpFile(upFile())?.server
  if (port && !(orphan && orphan.port === port && isAlive(orphan)) && !(await isFree(port))) {
    throw new InputError(`Port ${port} is in use by ${whoListens(port)}. Leave --port away to let Clitron find a free one, or stop that program.`)
  }

  const server = address ? undefined : { cli: await ensureTemporal({ onProgress: lines(onProgress), signal }), ...(port && { port }) }
  onProgress(address ? `Starting a worker for ${address}` : 'Starting server and worker')
  const pid = launch({ ...(server && { server }), ...(address && { address }), worker: worker ?? { command: process.execPath, args: [ownFile('worker'), 'all'] } })
  return waitUntilRunning(pid, signal)
}

/** What runs in this folder, or undefined when no supervisor lives (a file may remain from one that was killed). */
export async function upState(): Promise<UpFile | undefined> {
  const found = readUpFile(upFile())
  return found && found.state !== 'stopped' && isAlive(found.supervisor) ? found : undefined
}

/**
 * Stops worker and server. Trainers get their time for a checkpoint; runs go on with the next `up`.
 * @returns whether anything was running
 */
export async function down({ onProgress = () => {} }: { onProgress?: (line: string) => void } = {}): Promise<boolean> {
  const found = readUpFile(upFile())
  if (!found) return false
  if (isAlive(found.supervisor) && found.state !== 'stopped') {
    onProgress('Stopping worker and server')
    process.kill(found.supervisor.pid, 'SIGTERM')
    while (isAlive(found.supervisor)) await sleep(100)
    return true
  }
  // The supervisor was killed and its children were not.
  const { stopGroup } = await import('./kept-child.ts')
  const orphans = [found.worker, found.server].filter((child) => child && isAlive(child))
  for (const orphan of orphans) await stopGroup(orphan!, 100_000)
  return orphans.length > 0
}

/** Called before minutes go into setting up: what cannot be written here is better said at once. @throws the system's own error */
export function checkLogs(): void {
  closeLog(openLog(stateDir('logs', 'supervisor.log')))
}

function launch(spec: SupervisorSpec): number {
  const log = openLog(stateDir('logs', 'supervisor.log'))
  mkdirSync(stateDir(), { recursive: true })
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ownFile('temporal/run-supervisor'), JSON.stringify(spec)], { detached: true, stdio: ['ignore', log, log] })
  closeLog(log)
  child.unref()
  if (!child.pid) throw new NeedsPersonError(`A background process could not be started with ${process.execPath}.`)
  return child.pid
}

async function waitUntilRunning(pid: number, signal?: AbortSignal): Promise<UpFile> {
  const until = performance.now() + startMs
  while (performance.now() < until) {
    signal?.throwIfAborted()
    // When two people ran `up` at once, the other's supervisor is as good as ours.
    const state = await upState()
    if (state?.state === 'failed') throw new NeedsPersonError(state.error ?? 'The server could not be started.')
    if (state?.state === 'running' && (!state.server || (await answers(state.server.port)))) return state
    if ((state?.server?.restarts ?? 0) >= 4) break
    // Ended before it could write a line. Another `up` at the same moment may have sent it away, so only one cause is sure.
    if (!state && !processLives(pid) && (await diskIsFull())) break
    await sleep(50)
  }
  if (await diskIsFull()) throw new NeedsPersonError(`The server did not start: the disk is full (${stateDir()}). Free some space and run the same command again.`)
  const log = stateDir('logs', readUpFile(upFile())?.server ? 'server.log' : 'supervisor.log')
  throw new NeedsPersonError(`The Temporal server did not start (supervisor: process ${pid}). ${lastWords(log)}See ${log}.`)
}

const diskIsFull = async () => (await freeBytes(stateDir())) < 1e6

function processLives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function lastWords(log: string): string {
  try {
    const words = readFileSync(log, 'utf8').trim().split('\n').slice(-2).join(' ').slice(-500)
    return words ? `Its last words: ${words} ` : ''
  } catch {
    return ''
  }
}
