import { InputError } from '../errors.ts'
import { tryRun } from './run.ts'

export type FoundPython = { command: string; version: string; minor: string }

/** The lock's numpy and pandas want 3.11; torch has wheels up to 3.14. */
export const oldestPython = [3, 11] as const
const names = ['python3.13', 'python3.12', 'python3.11', 'python3.14', 'python3', 'python']

/**
 * The Python that the environment is built from: CLITRON_PYTHON, else the first on PATH that is new enough.
 * @throws InputError with the command that installs one
 */
export async function findPython(): Promise<FoundPython> {
  const chosen = process.env.CLITRON_PYTHON
  const seen: string[] = []
  for (const command of chosen ? [chosen] : names) {
    const version = await tryRun(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'])
    if (!version) continue
    if (isNewEnough(version)) return { command, version, minor: version.split('.').slice(0, 2).join('.') }
    seen.push(`${command} is ${version}`)
  }
  const wanted = `Training needs Python ${oldestPython.join('.')} or newer`
  if (chosen) throw new InputError(`${wanted}; CLITRON_PYTHON=${chosen} ${seen.length ? `is an older one (${seen[0]})` : 'does not run'}. Set it to another Python, or unset it.`)
  throw new InputError(`${wanted}; ${seen.length ? `found only older ones (${seen.join(', ')})` : 'none was found on PATH'}. ${howToInstall()} Or set CLITRON_PYTHON to one.`)
}

export function howToInstall(): string {
  return process.platform === 'darwin' ? 'Run: brew install python@3.13' : process.platform === 'win32' ? 'Run: winget install Python.Python.3.13' : 'Run: sudo apt install python3 python3-venv (or your system\'s own).'
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > oldestPython[0] || (major === oldestPython[0] && minor >= oldestPython[1])
}
