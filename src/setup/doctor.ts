import { existsSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { freemem, homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { cacheDir, stateDir } from '../paths.ts'
import { isElsewhere, resolveAddress } from '../temporal/address.ts'
import { codecPolicy } from '../temporal/data-converter.ts'
import { answers, isFree, whoListens } from '../temporal/ports.ts'
import { upState } from '../temporal/supervisor.ts'
import { estimate, isSizeKnown, locateBase, type Base } from './bases.ts'
import { freeBytes, gigabytes } from './disk.ts'
import { findPython, howToInstall } from './find-python.ts'
import { inspectHost, type Host } from './host.ts'
import { ensureLlamaSources } from './llama-cpp.ts'
import { installedPython } from './python.ts'
import { tryRun } from './run.ts'
import { findTemporal, temporalVersion } from './temporal-cli.ts'

export type Check = {
  name: string
  ok: boolean
  /** What is there, in one line. */
  found: string
  /** The one command (or step) that mends it; absent when nothing is wrong. */
  fix?: string
}

/** Looks at everything that a train needs on this host, changes nothing, and estimates what `base` will take. */
export async function doctor({ base = 'scratch' }: { base?: string } = {}): Promise<Check[]> {
  const host = await inspectHost()
  const { line, model } = await located(base)
  const checks = await Promise.all([
    node(), npm(), git(), python(), torch(), temporal(), llama(), ...[server(), codec(), state(), disk(model, host), memory(model, host)],
  ])
  return [...checks, line, ...(model?.gated ? [await licence(model)] : []), ...(model ? [time(model, host)] : [])]
}

/** A base that cannot be found is one fault; what does not depend on it is looked at all the same. */
async function located(base: string): Promise<{ line: Check; model?: Base }> {
  let model: Base | undefined
  const line = await check('base', 'clitron bases', async () => {
    model = locateBase(base)
    const { id, hub } = model
    return { found: `${id === 'scratch' ? 'scratch, made here' : hub === '' ? `the folder ${resolve(base)}` : hub}${isSizeKnown(model) ? '' : '; its size is not known here'}` }
  })
  return { line, ...(model && { model }) }
}

/** Turns a thrown sentence into a failed check. */
async function check(name: string, fix: string, look: () => Promise<Omit<Check, 'name' | 'ok'> & { ok?: boolean }>): Promise<Check> {
  try {
    const { ok, found, fix: own } = await look()
    return ok === false ? { name, ok, found, fix: own ?? fix } : { name, ok: true, found }
  } catch (error) {
    return { name, ok: false, found: (error as Error).message, fix }
  }
}

const node = () => check('node', 'npm i node@24', async () => ({ found: `${process.version} (${process.execPath})` }))

const npm = () => check('npm', 'install Node with npm (https://nodejs.org)', async () => {
  const version = await tryRun('npm', ['--version'])
  return version ? { found: version } : { ok: false, found: 'not on PATH' }
})

const git = () => check('git', process.platform === 'darwin' ? 'brew install git' : 'sudo apt install git', async () => {
  const version = await tryRun('git', ['--version'])
  return version ? { found: version.replace('git version ', '') } : { ok: false, found: 'not on PATH; it unpacks llama.cpp\'s converter' }
})

const python = () => check('python', 'clitron up', async () => {
  const installed = await installedPython()
  if (installed) return { found: `packages are installed (${dirname(dirname(installed))})` }
  const python = await findPython().catch((error: Error) => error.message)
  if (typeof python === 'string') return { ok: false, found: python, fix: process.env.CLITRON_PYTHON ? 'unset CLITRON_PYTHON' : howToInstall().replace(/^Run: /, '') }
  const { command, version } = python
  return { ok: false, found: `${command} ${version}; the packages are not installed yet (5.2 GB on Linux, about a minute)` }
})

const torch = () => check('torch', 'clitron up', async () => {
  const installed = await installedPython()
  if (!installed) return { ok: false, found: 'not installed yet' }
  const found = await tryRun(installed, ['-c', 'import torch; print(torch.__version__, "on", torch.cuda.get_device_name() if torch.cuda.is_available() else "Apple GPU (MPS)" if torch.backends.mps.is_available() else "CPU, %d threads" % torch.get_num_threads())'], 120_000)
  return found ? { found } : { ok: false, found: `${installed} cannot load it`, fix: `rm -r ${dirname(dirname(installed))} && clitron up` }
})

const temporal = () => check('temporal', 'clitron up', async () => {
  if (isElsewhere()) return { found: `the environment names a server: ${resolveAddress()}` }
  const cli = await findTemporal()
  if (!cli) return { ok: false, found: `not installed yet (${temporalVersion}: a download, or 3 minutes with Go)` }
  return { found: `${await tryRun(cli, ['--version'])} (${cli})` }
})

const llama = () => check('llama.cpp', 'npm ci', async () => {
  const { tag, library } = await ensureLlamaSources()
  const { llama: load } = await import('../inference/llama.ts')
  await load(false)
  return { found: `${tag}; the library loads (${library})` }
})

const server = () => check('server', 'clitron up', async () => {
  if (isElsewhere()) return { found: `kept elsewhere: ${resolveAddress()}` }
  const running = await upState()
  if (!running) return { found: (await isFree(7233)) ? 'not running; `clitron train` starts it' : `not running; port 7233 is taken by ${whoListens(7233)}, so the next free one will be used` }
  const restarts = Math.max(running.server?.restarts ?? 0, running.worker?.restarts ?? 0)
  if (running.server && !(await answers(running.server.port))) return { ok: false, found: `its supervisor runs, but nothing answers at ${running.address}; see ${running.server.log}`, fix: 'clitron down && clitron up' }
  return { found: `running at ${running.address}${running.uiAddress ? `, Web UI at ${running.uiAddress}` : ''}${restarts ? ` (restarted ${restarts} times; see ${stateDir('logs')})` : ''}` }
})

const codec = () => check('codec', 'clitron codec --new-key', async () => {
  const { keys, writer, refused } = codecPolicy()
  if (writer) return { found: `on: payloads leave encoded with key ${writer.id}${keys.length > 1 ? `; ${keys.length - 1} older read` : ''}` }
  return { found: refused ? 'off by CLITRON_CODEC=off: payloads leave in clear' : 'off: the server is on this machine' }
})

const state = () => check('state', `sudo chown -R "$USER" ${stateDir()}`, async () => {
  let folder = stateDir()
  while (!existsSync(folder)) folder = dirname(folder)
  await access(folder, constants.W_OK)
  return { found: existsSync(stateDir()) ? stateDir() : `${stateDir()} will be made` }
})

const disk = (base: Base | undefined, host: Host) => check('disk', 'free some space, or set CLITRON_HOME and CLITRON_CACHE to a larger disk', async () => {
  const need = base ? estimate(base, host).disk : 0
  const setup = (await installedPython()) ? 0 : process.platform === 'linux' ? 7e9 : 2.5e9
  const [here, cache] = await Promise.all([freeBytes(stateDir()), freeBytes(cacheDir())])
  return { ok: here > need && cache > setup, found: `${gigabytes(here)} free here${base ? ` (a train of ${base.id} needs ${about(base)} ${gigabytes(need)})` : ''}${setup ? `, ${gigabytes(cache)} in the cache (set-up needs ${gigabytes(setup)})` : ''}` }
})

const memory = (base: Base | undefined, host: Host) => check('memory', 'choose a smaller base (clitron bases)', async () => {
  const device = host.gpu ? `${host.gpu.name} with ${gigabytes(host.gpu.memory)}` : `${gigabytes(host.memory)}, ${gigabytes(freemem())} free`
  if (!base) return { found: device }
  const { memory: need, obstacle } = estimate(base, host)
  return obstacle ? { ok: false, found: `${base.id} ${obstacle}` } : { found: `${device} (${base.id} needs ${about(base)} ${gigabytes(need)})` }
})

function time(base: Base, host: Host): Check {
  const { seconds } = estimate(base, host)
  const words = seconds < 5400 ? `${Math.max(1, Math.round(seconds / 60))} minutes` : `${(seconds / 3600).toFixed(0)} hours`
  return { name: 'time', ok: true, found: `${about(base)} ${words} for a train of 3,000 examples with ${base.id} on ${host.gpu?.name ?? `${host.cores} cores`}` }
}

const licence = ({ hub }: Base) => check('licence', 'export HF_TOKEN=…, and where a worker runs already, clitron down', async () => {
  const page = `https://huggingface.co/${hub}`
  if (process.env.HF_TOKEN) return { found: `HF_TOKEN is set; the hub gives ${hub} to accounts that accepted the licence at ${page}` }
  const login = join(process.env.HF_HOME || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface'), 'token')
  if (existsSync(login)) return { found: `the login in ${login} is used; the hub gives ${hub} to accounts that accepted the licence at ${page}` }
  return { ok: false, found: `${hub} is gated, and no HF_TOKEN is set; accept its licence at ${page} and make a token` }
})

const about = (base: Base) => (isSizeKnown(base) ? 'about' : 'more than')
