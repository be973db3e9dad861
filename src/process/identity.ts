import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A process, safe against a pid that was given to another one since. */
export type ProcessIdentity = { pid: number; start: string }

export const ownIdentity = (): ProcessIdentity => ({ pid: process.pid, start: startOf(process.pid) ?? '' })

/** Identity of a process just started; `start` is empty where the system does not tell. */
export const identify = (pid: number): ProcessIdentity => ({ pid, start: startOf(pid) ?? '' })

/** Whether that very process still runs (a zombie does not). */
export function isAlive({ pid, start }: ProcessIdentity): boolean {
  const now = startOf(pid)
  return now !== undefined && (start === '' || now === start)
}

/** When a process started, as the system counts; undefined when there is no such process. */
function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      // The name in parentheses may hold spaces; field 3 is the state, field 22 the start in clock ticks (proc(5)).
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
    } catch {
      return undefined
    }
  }
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined
  }
  if (process.platform === 'win32') return ''
  try {
    const [state = '', ...start] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim().split(/\s+/)
    return state.startsWith('Z') ? undefined : start.join(' ')
  } catch {
    return undefined
  }
}
