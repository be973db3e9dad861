import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError, NeedsPersonError } from '../errors.ts'
import { cacheDir, packageRoot } from '../paths.ts'
import { withLock } from '../process/lock.ts'
import { requireDisk } from './disk.ts'
import { findPython, type FoundPython } from './find-python.ts'
import { CommandFailed, run } from './run.ts'
import { timed } from './timings.ts'
import type { SetupOptions } from './types.ts'

const lockFile = join(packageRoot, 'trainers', 'requirements.lock')
const installerFile = join(packageRoot, 'trainers', 'uv.txt')

/** Measured: 5.2 GB on Linux, whose default torch carries CUDA, and as much again while wheels are unpacked across file systems. */
const neededBytes = process.platform === 'linux' ? 7e9 : 2.5e9

/** Loads what the trainers load: it proves that the installation works, and leaves the compiled files a first run would wait for. */
const proof = 'import torch, safetensors.torch, gguf, datasets, accelerate, peft; from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, PreTrainedTokenizerFast, Lfm2ForCausalLM; from trl import DPOTrainer; print(torch.__version__)'

/** The environment's Python, once it is complete; undefined before. Looks at files only, unless CLITRON_PYTHON chooses a Python, which is then asked for its version. */
export async function installedPython(): Promise<string | undefined> {
  const root = cacheDir('python')
  if (!existsSync(root)) return undefined
  const { prefix, suffix } = environmentName()
  // Without a choice, the environment of any version will do.
  const chosen = process.env.CLITRON_PYTHON ? await findPython().catch(() => undefined) : undefined
  if (process.env.CLITRON_PYTHON && !chosen) return undefined
  const fits = (name: string) => chosen ? name === `${prefix}${chosen.minor}${suffix}` : name.startsWith(prefix) && (suffix ? name.endsWith(suffix) : !name.includes('-torch-'))
  const folder = readdirSync(root).find((name) => fits(name) && isComplete(join(root, name)))
  return folder && pythonOf(join(root, folder))
}

/**
 * The Python with everything the trainers import. Built once a lock file, in the user's cache, so that a second clone
 * finds it; an interrupted installation is continued. 32 s and 5.2 GB on Linux.
 * @returns path of the environment's python
 * @throws InputError without a Python to build from, NeedsPersonError without disk or network
 */
export async function ensurePython({ onProgress, signal }: SetupOptions = {}): Promise<string> {
  const report = (message: string, done?: number, of?: number) => onProgress?.({ part: 'python', message, ...(of && { done, of }) })
  let python = await installedPython()
  await timed('python', onProgress, async () => {
    if (python) return false
    const found = await findPython()
    const { prefix, suffix } = environmentName()
    const folder = cacheDir('python', `${prefix}${found.minor}${suffix}`)
    python = pythonOf(folder)
    if (isComplete(folder)) return false
    await withLock(`${folder}.lock`, async () => {
      if (!isComplete(folder)) await build(found, folder, report, signal)
    }, { signal, onWait: ({ pid }) => report(`waiting for process ${pid}, which installs it`) })
    return true
  })
  return python!
}

type Report = (message: string, done?: number, of?: number) => void

// Environments cannot be moved, so it grows in its final folder, and a marker written last says that it is whole.
async function build(found: FoundPython, folder: string, report: Report, signal?: AbortSignal): Promise<void> {
  await requireDisk(folder, neededBytes, 'The Python environment', 'Free some space, or set CLITRON_CACHE to a folder on a larger disk.')
  const python = pythonOf(folder)
  report(`making an environment with Python ${found.version}`)
  await mkdir(cacheDir('python'), { recursive: true })
  try {
    if (!existsSync(python) || !existsSync(join(folder, '.venv-made'))) {
      await rm(folder, { recursive: true, force: true })
      await run(found.command, ['-m', 'venv', folder], { signal })
      await writeFile(join(folder, '.venv-made'), '')
    }
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    if (/ensurepip/.test(error.tail)) throw new InputError(`Python ${found.version} has no venv module. Run: sudo apt install python${found.minor}-venv`)
    throw new Error(`An environment could not be made with ${found.command}: ${error.tail || error.message}`)
  }

  const uv = await installUv(python, folder, report, signal)
  const installers = uv ? [[uv, 'pip', 'install', '--python', python], [python, '-m', 'pip', 'install']] : [[python, '-m', 'pip', 'install']]
  const stop = countPackages(folder, report)
  try {
    for (const [index, installer] of installers.entries()) {
      try {
        await installAll(installer, folder, report, stop.onLine, signal)
        break
      } catch (error) {
        if (!(error instanceof CommandFailed)) throw error
        // uv reads none of pip's settings (mirrors, proxies, certificates): pip may reach what uv could not.
        if (index === installers.length - 1) throw explain(error)
        report('uv could not install the packages; trying pip, which is slower')
      }
    }
  } finally {
    stop.end()
  }

  report('trying it: importing torch, transformers, trl')
  try {
    await run(python, ['-c', proof], { signal, env: { HF_HUB_OFFLINE: '1', PYTHONDONTWRITEBYTECODE: '' } })
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    throw new Error(`The Python packages are installed, but do not load: ${error.tail.split('\n').slice(-3).join(' ')} Remove ${folder} and run the command again.`)
  }
  await writeFile(join(folder, '.complete'), `${found.version}\n`)
}

async function installUv(python: string, folder: string, report: Report, signal?: AbortSignal): Promise<string | undefined> {
  const uv = join(folder, process.platform === 'win32' ? 'Scripts/uv.exe' : 'bin/uv')
  if (existsSync(uv)) return uv
  report('fetching the installer uv')
  try {
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '-r', installerFile], { signal })
    return uv
  } catch (error) {
    if (error instanceof CommandFailed) return undefined
    throw error
  }
}

/** With CLITRON_TORCH_INDEX, torch from there; where that index gives none, the lock's own build, which works everywhere. */
export async function installAll(installer: string[], folder: string, report: Report, onLine?: (line: string) => void, signal?: AbortSignal): Promise<void> {
  const [command = '', ...args] = installer
  const index = process.env.CLITRON_TORCH_INDEX
  const everything = () => run(command, [...args, '--require-hashes', '-r', lockFile], { onLine, signal })
  if (!index) {
    if (process.platform === 'linux' && !existsSync('/proc/driver/nvidia/version')) report('no NVIDIA GPU here: a build of PyTorch without CUDA is a tenth as large (README, CLITRON_TORCH_INDEX)')
    return void (await everything())
  }
  // Another build of torch has hashes of its own, which the lock cannot know: its index is trusted, the rest stays checked.
  const { torch, rest } = withoutTorch(readFileSync(lockFile, 'utf8'))
  const restFile = join(folder, 'requirements-without-torch.lock')
  await writeFile(restFile, rest)
  await run(command, [...args, '--require-hashes', '--no-deps', '-r', restFile], { onLine, signal })
  try {
    await run(command, [...args, '--no-deps', '--index-url', index, torch], { onLine, signal })
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    report(`${torch} could not be had from CLITRON_TORCH_INDEX (${error.tail.split('\n').at(-1)?.slice(0, 200)}); taking the usual build`)
    await everything()
  }
}

/** Takes torch and what only its CUDA build needs out of a lock. */
export function withoutTorch(lock: string): { torch: string; rest: string } {
  const entries = lock.split(/^(?=[a-z0-9])/im)
  const torch = entries.find((entry) => entry.startsWith('torch=='))?.match(/^torch==[\w.]+/)?.[0]
  if (!torch) throw new Error(`${lockFile} pins no torch.`)
  return { torch, rest: entries.filter((entry) => !/^(torch==|nvidia-|cuda-|triton==)/.test(entry)).join('') }
}

/** Counts the packages that are there while an installer, which says little, is at work. */
function countPackages(folder: string, report: Report) {
  let of = readFileSync(lockFile, 'utf8').match(/^[a-z0-9][\w.-]*==/gim)?.length ?? 0
  let message = 'installing packages'
  const count = () => {
    const done = sitePackages(folder).filter((name) => name.endsWith('.dist-info')).length
    report(message, Math.min(done, of), of)
  }
  const timer = setInterval(count, 500)
  return {
    onLine: (line: string) => {
      of = Number(line.match(/^Resolved (\d+) packages/)?.[1] ?? of)
      const download = line.match(/^\s*Downloading ([\w.-]+) \(([^)]+)\)/)
      if (download) message = `downloading ${download[1]} (${download[2]})`
      else if (/^(Prepared|Installing)/.test(line)) message = 'installing packages'
    },
    end: () => clearInterval(timer),
  }
}

function sitePackages(folder: string): string[] {
  try {
    const lib = process.platform === 'win32' ? join(folder, 'Lib') : join(folder, 'lib', readdirSync(join(folder, 'lib')).find((name) => name.startsWith('python')) ?? '')
    return readdirSync(join(lib, 'site-packages'))
  } catch {
    return []
  }
}

function explain(error: CommandFailed): Error {
  if (/No space left|ENOSPC|os error 28/i.test(error.tail)) return new NeedsPersonError('The disk is full: the Python packages need 5.2 GB. Free some space, or set CLITRON_CACHE to a folder on a larger disk, and run the command again; it goes on where it stopped.')
  if (/hash/i.test(error.tail) && /mismatch/i.test(error.tail)) return new NeedsPersonError(`A Python package is not the one that trainers/requirements.lock names (its hash differs); nothing was trusted. ${error.tail.split('\n').slice(-4).join(' ')}`)
  if (/connect|dns|timed? ?out|resolve host|network|certificate/i.test(error.tail)) return new NeedsPersonError(`The Python package index could not be reached: ${error.tail.split('\n').at(-1)} Check the network (or PIP_INDEX_URL), and run the command again; it goes on where it stopped.`)
  return new Error(`The Python packages could not be installed: ${error.tail || error.message}`)
}

function environmentName(): { prefix: string; suffix: string } {
  const index = process.env.CLITRON_TORCH_INDEX
  const hash = (text: string | Buffer, length: number) => createHash('sha256').update(text).digest('hex').slice(0, length)
  return { prefix: `${hash(readFileSync(lockFile), 12)}-py`, suffix: index ? `-torch-${hash(index, 6)}` : '' }
}

const isComplete = (folder: string) => existsSync(join(folder, '.complete')) && existsSync(pythonOf(folder))
const pythonOf = (folder: string) => process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python')
