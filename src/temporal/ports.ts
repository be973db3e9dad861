import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect, createServer } from 'node:net'

/** The server's port and the Web UI's are this far apart (7233 and 8233). */
export const uiOffset = 1000

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/** The first pair of free ports from `first` on. */
export async function freePair(first: number): Promise<{ port: number; uiPort: number }> {
  for (let port = first; port < first + 500; port += 1) {
    if ((await isFree(port)) && (await isFree(port + uiOffset))) return { port, uiPort: port + uiOffset }
  }
  throw new Error(`No two free ports between ${first} and ${first + 500 + uiOffset}.`)
}

/** Whether something on this machine accepts connections there. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1000 })
    const end = (ok: boolean) => () => {
      socket.destroy()
      resolve(ok)
    }
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false))
  })
}

/** Who listens on a port, for a message: "temporal (process 4711)". */
export function whoListens(port: number): string {
  const pid = listener(port)
  if (!pid) return 'another program'
  let name = 'a program'
  try {
    name = execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).trim() || name
  } catch {}
  return `${name} (process ${pid})`
}

/** The process that listens on a port, where this user may know it. */
export const listener = (port: number): number | undefined => process.platform === 'linux' ? listenerOnLinux(port) : listenerByLsof(port)

// lsof is not on every Linux, but /proc is: the socket's inode in net/tcp, then the process that holds it.
function listenerOnLinux(port: number): number | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    try {
      for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
        const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
        if (local?.endsWith(`:${hex}`) && state === '0A' && inode) inodes.add(`socket:[${inode}]`)
      }
    } catch {}
  }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        try {
          if (inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`))) return Number(pid)
        } catch {}
      }
    } catch {}
  }
  return undefined
}

function listenerByLsof(port: number): number | undefined {
  try {
    return Number(execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' }).split('\n')[0]) || undefined
  } catch {
    return undefined
  }
}
