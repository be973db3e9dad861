import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageVersion } from '../package-version.ts'
import { stateDir } from '../paths.ts'
import { ownIdentity } from '../process/identity.ts'
import { tryLock } from '../process/lock.ts'
import { withoutSecrets } from '../redact.ts'
import { codeVersion } from '../store/code-version.ts'
import { KeptChild, stopGroup } from './kept-child.ts'
import { rotateLog } from './log-file.ts'
import { answers, freePair, isFree, listener, uiOffset } from './ports.ts'
import { serverCommand } from './server.ts'
import { readUpFile, upFile, writeUpFile, type UpFile } from './up-file.ts'

/** The one argument of the supervisor's process. */
export type SupervisorSpec = {
  /** Absent when the server is somebody else's; then only the worker is kept. */
  server?: { cli: string; port?: number }
  worker: { command: string; args: string[] }
  address?: string
}

/** Longer than the worker's own time for its trainers' checkpoints (90 s). */
const workerGrace = 100_000
const serverGrace = 10_000

const spec = JSON.parse(process.argv[2] ?? '{}') as SupervisorSpec
const file = upFile()
const logs = { server: stateDir('logs', 'server.log'), worker: stateDir('logs', 'worker.log'), supervisor: stateDir('logs', 'supervisor.log') }
const log = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`)

// One supervisor a folder; a second one finds the lock held and leaves.
const lock = await tryLock(stateDir('up.lock'))
if (typeof lock !== 'function') {
  log(`another supervisor (process ${lock.pid}) keeps this folder; leaving`)
  process.exit(0)
}

// What a killed supervisor left running would hold the ports and the database.
const before = readUpFile(file)
for (const orphan of [before?.worker, before?.server]) if (orphan) await stopGroup(orphan, serverGrace)

const version = packageVersion()
const state: UpFile = { state: 'starting', version, code: codeVersion('.'), folder: process.cwd(), since: new Date().toISOString(), supervisor: ownIdentity(), address: spec.address ?? '' }
const save = () => writeUpFile(file, state)
save()

let server: KeptChild | undefined
let worker: KeptChild | undefined
let stopping = false

if (spec.server) {
  const { cli, port: wanted } = spec.server
  // The ports of last time first: the presets of temporal.yaml and open browser tabs keep working.
  let ports = wanted ? { port: wanted, uiPort: (await isFree(wanted + uiOffset)) ? wanted + uiOffset : (await freePair(wanted + uiOffset)).port } : undefined
  const last = before?.address ? Number(before.address.split(':').pop()) : 7233
  server = new KeptChild({
    log: logs.server,
    // What it does not have, its log cannot hold.
    env: withoutSecrets(process.env),
    command: async () => {
      // Somebody may have taken them while the server was down.
      if (!ports || (!wanted && !((await isFree(ports.port)) && (await isFree(ports.uiPort))))) ports = await freePair((await isFree(last)) && (await isFree(last + uiOffset)) ? last : 7233)
      return serverCommand({ cli, db: stateDir('temporal.db'), ...ports })
    },
    onStart: (child) => {
      const { port, uiPort } = ports!
      Object.assign(state, { address: `127.0.0.1:${port}`, uiAddress: `http://127.0.0.1:${uiPort}`, server: { ...child, log: logs.server, cli, port, uiPort } })
      log(`server: process ${child.pid} on ${state.address}`)
      save()
    },
  })
  server.start()
}

/** Two folders may find the same port free at the same moment; the one that lost must not talk to the other's server. */
async function serverAnswers(): Promise<boolean> {
  if (!state.server || !(await answers(state.server.port))) return false
  const pid = listener(state.server.port)
  return pid === undefined || pid === state.server.pid
}

worker = new KeptChild({
  log: logs.worker,
  command: async () => {
    // A worker without a server only dies; so it waits.
    while (spec.server && !stopping && !(await serverAnswers())) await sleep(100)
    return spec.worker
  },
  onStart: (child) => {
    Object.assign(state, { state: 'running', worker: { ...child, log: logs.worker } })
    log(`worker: process ${child.pid}`)
    save()
  },
})
worker.start()

const rotation = setInterval(() => Object.values(logs).forEach(rotateLog), 10_000)

async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  log('stopping')
  state.state = 'stopping'
  save()
  await worker?.stop(workerGrace)
  await server?.stop(serverGrace)
  clearInterval(rotation)
  delete state.server
  delete state.worker
  state.state = 'stopped'
  save()
  await (lock as () => Promise<void>)()
  process.exit(0)
}
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => void stop())
process.on('SIGHUP', () => {})
