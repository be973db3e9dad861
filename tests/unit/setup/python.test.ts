import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { packageRoot } from '../../../src/paths.ts'
import { findPython } from '../../../src/setup/find-python.ts'
import { ensurePython, installAll, installedPython, withoutTorch } from '../../../src/setup/python.ts'

afterEach(() => vi.unstubAllEnvs())

/** A folder for PATH whose programs print a Python version. */
function pythons(versions: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'clitron-python-'))
  for (const [name, version] of Object.entries(versions)) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho ${version}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  return folder
}

describe('finding a Python', () => {
  it('takes the first that is new enough, though the plain name is an old one', async () => {
    vi.stubEnv('CLITRON_PYTHON', '')
    vi.stubEnv('PATH', pythons({ python3: '3.9.2', 'python3.12': '3.12.4' }))
    expect(await findPython()).toMatchObject({ command: 'python3.12', minor: '3.12' })
  })

  it('names the old ones it found, and the next step', async () => {
    vi.stubEnv('CLITRON_PYTHON', '')
    vi.stubEnv('PATH', pythons({ python3: '3.9.2' }))
    await expect(findPython()).rejects.toThrow(/3\.11 or newer; found only older ones \(python3 is 3\.9\.2\)\. Run: /)
  })

  it('says so when there is none at all', async () => {
    vi.stubEnv('CLITRON_PYTHON', '')
    vi.stubEnv('PATH', pythons({}))
    await expect(findPython()).rejects.toThrow('none was found on PATH')
  })

  it('never replaces the one a person chose', async () => {
    vi.stubEnv('PATH', pythons({ 'python3.12': '3.12.4', old: '3.8.0' }))
    vi.stubEnv('CLITRON_PYTHON', 'old')
    await expect(findPython()).rejects.toThrow('CLITRON_PYTHON=old is an older one')
  })
})

describe('the installed environment', () => {
  /** A cache with complete environments of these versions. */
  function environments(...minors: string[]): string {
    const cache = mkdtempSync(join(tmpdir(), 'clitron-cache-'))
    const lock = createHash('sha256').update(readFileSync(join(packageRoot, 'trainers', 'requirements.lock'))).digest('hex').slice(0, 12)
    for (const minor of minors) {
      const folder = join(cache, 'python', `${lock}-py${minor}`)
      mkdirSync(join(folder, 'bin'), { recursive: true })
      for (const file of ['bin/python', '.complete']) writeFileSync(join(folder, file), '')
    }
    vi.stubEnv('CLITRON_CACHE', cache)
    return join(cache, 'python', `${lock}-py`)
  }

  it('is that of the Python a person chose', async () => {
    const prefix = environments('3.11', '3.12')
    vi.stubEnv('CLITRON_PYTHON', join(pythons({ mine: '3.12.4' }), 'mine'))
    expect(await installedPython()).toBe(join(`${prefix}3.12`, 'bin', 'python'))
    expect(await ensurePython()).toBe(await installedPython())
  })

  it('is none while the chosen Python has none, or does not run', async () => {
    environments('3.11')
    vi.stubEnv('CLITRON_PYTHON', join(pythons({ mine: '3.12.4' }), 'mine'))
    expect(await installedPython()).toBeUndefined()
    vi.stubEnv('CLITRON_PYTHON', '/nowhere/python')
    expect(await installedPython()).toBeUndefined()
    await expect(ensurePython()).rejects.toThrow('CLITRON_PYTHON=/nowhere/python does not run')
  })

  it('is any one without a choice', async () => {
    const prefix = environments('3.13')
    vi.stubEnv('CLITRON_PYTHON', '')
    expect(await installedPython()).toBe(join(`${prefix}3.13`, 'bin', 'python'))
  })
})

describe('the lock file', () => {
  const lock = readFileSync(join(packageRoot, 'trainers', 'requirements.lock'), 'utf8')

  it('holds a hash for every package and no address', () => {
    const entries = lock.split(/^(?=[a-z0-9])/im).slice(1)
    expect(entries.length).toBeGreaterThan(50)
    for (const entry of entries) expect(entry).toContain('--hash=sha256:')
    expect(lock).not.toMatch(/https?:\/\//)
  })

  it('without torch keeps everything else, for a torch of another index', () => {
    const { torch, rest } = withoutTorch(lock)
    expect(torch).toBe('torch==2.13.0')
    expect(rest).toMatch(/^transformers==/m)
    expect(rest).not.toMatch(/^(torch==|nvidia-|triton==)/m)
  })
})

describe('another build of torch', () => {
  /** An installer that writes its arguments down, and fails when asked for the index. */
  function installer(): { command: string[]; folder: string; calls: () => string[] } {
    const folder = mkdtempSync(join(tmpdir(), 'clitron-torch-'))
    writeFileSync(join(folder, 'installer'), `#!/bin/sh\necho "$@" >> ${folder}/calls\ncase "$*" in *--index-url*) echo no route to it >&2; exit 1;; esac\n`)
    chmodSync(join(folder, 'installer'), 0o755)
    return { command: [join(folder, 'installer'), 'install'], folder, calls: () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') }
  }

  it('is replaced by the usual one where its index cannot be reached', async () => {
    vi.stubEnv('CLITRON_TORCH_INDEX', 'https://nowhere.invalid/whl')
    const { command, folder, calls } = installer()
    const said: string[] = []
    await installAll(command, folder, (message) => said.push(message))
    expect(calls()).toEqual([expect.stringContaining('requirements-without-torch.lock'), expect.stringMatching(/--index-url https:\/\/nowhere\.invalid\/whl torch==/), expect.stringMatching(/--require-hashes -r .*requirements\.lock$/)])
    expect(said.join()).toMatch(/torch==\S+ could not be had from CLITRON_TORCH_INDEX \(no route to it\); taking the usual build/)
  })
})
