/** How the benchmarks run Python: Clitron's own trainers, and the other side, whose programs stand beside this file, some with an environment of their own. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { pythonCommand, trainerEnvironment } from '../src/activities/commands.ts'
import { cacheDir, packageRoot } from '../src/paths.ts'
import { withLock } from '../src/process/lock.ts'
import { runChild } from '../src/process/run.ts'
import { findPython } from '../src/setup/find-python.ts'
import { run } from '../src/setup/run.ts'
import { say } from './compare.ts'

/** A program of this folder, to its end: the JSON object that it prints last. @throws CommandFailed with its last lines */
export async function runPeer<T>(python: string, script: string, args: string[]): Promise<T & { process_seconds: number }> {
  const started = performance.now()
  const said = await run(python, [join(import.meta.dirname, script), ...args], { env: { HF_HUB_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false' } })
  return { ...(JSON.parse(said.trim().split('\n').at(-1)!) as T), process_seconds: (performance.now() - started) / 1000 }
}

/**
 * The Python of an environment with what a peer needs, which nothing else of Clitron does: made once for each list of requirements, in the user's cache.
 * @param requirements a file of this folder, versions pinned
 */
export async function peerPython(requirements: string): Promise<string> {
  const file = join(import.meta.dirname, requirements)
  const folder = cacheDir('bench', `${requirements.replace(/\.txt$/, '')}-${createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12)}`)
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  const whole = join(folder, '.complete')
  if (existsSync(whole)) return python
  await mkdir(cacheDir('bench'), { recursive: true })
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(whole)) return
    say(`making an environment for ${requirements}`)
    await rm(folder, { recursive: true, force: true })
    await run((await findPython()).command, ['-m', 'venv', folder])
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', file])
    await writeFile(whole, '')
  })
  return python
}

/** One of Clitron's own trainers, by a spec file as the pipeline gives it; the seconds of the whole process stand beside its result. */
export async function runTrainer(script: string, folder: string, spec: Record<string, unknown>): Promise<Record<string, unknown> & { process_seconds: number }> {
  const file = join(folder, `${script}.spec.json`)
  await writeFile(file, JSON.stringify(spec))
  const { command, args } = await pythonCommand(script)
  const started = performance.now()
  const result = await runChild({ command, args: [...args, file], cwd: packageRoot, env: trainerEnvironment(), onEvent: () => {}, signal: new AbortController().signal, stallSeconds: 1_200 })
  return { ...result, process_seconds: (performance.now() - started) / 1000 }
}
