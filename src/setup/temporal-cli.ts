import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { extract } from 'tar'
import { InputError, NeedsPersonError } from '../errors.ts'
import { cacheDir } from '../paths.ts'
import { withLock } from '../process/lock.ts'
import { CommandFailed, run, tryRun } from './run.ts'
import { timed } from './timings.ts'
import type { SetupOptions } from './types.ts'

/** The newest that Go can install too: later ones replace a nested module in their go.mod. Server 1.29.1, UI 2.42.1. */
export const temporalVersion = '1.5.1'

const executable = process.platform === 'win32' ? '.exe' : ''
/** Under its own name, so that its folder can stand on a person's PATH. */
const cached = () => cacheDir('temporal', temporalVersion, `temporal${executable}`)
/** Packages that Go compiles for the CLI; only the progress line depends on it. */
const goPackages = 1450

/** The CLI without installing anything: TEMPORAL_CLI_PATH, `temporal` on PATH, or the cached one. */
export async function findTemporal(): Promise<string | undefined> {
  const chosen = process.env.TEMPORAL_CLI_PATH
  if (chosen) {
    if (!(await isTemporal(chosen))) throw new InputError(`TEMPORAL_CLI_PATH=${chosen} is not a Temporal CLI that runs here (\`${chosen} --version\` fails). Set it to another path, or unset it.`)
    return chosen
  }
  if (existsSync(cached())) return cached()
  return (await isTemporal('temporal')) ? 'temporal' : undefined
}

const isTemporal = async (command: string) => /temporal version/i.test((await tryRun(command, ['--version'])) ?? '')

/**
 * The Temporal CLI, which holds the server: found, else downloaded with its checksum, else built with Go (3 minutes on
 * two cores). Once, in the user's cache.
 * @throws NeedsPersonError with the command that mends it, when none of the ways is open
 */
export async function ensureTemporal({ onProgress, signal }: SetupOptions = {}): Promise<string> {
  const report = (message: string, done?: number, of?: number) => onProgress?.({ part: 'temporal', message, ...(of && { done, of }) })
  let path = await findTemporal()
  await timed('temporal', onProgress, async () => {
    if (path) return false
    path = cached()
    await withLock(cacheDir('temporal', `${temporalVersion}.lock`), async () => {
      if (!existsSync(cached())) await install(report, signal)
    }, { signal, onWait: ({ pid }) => report(`waiting for process ${pid}, which installs it`) })
    return true
  })
  return path!
}

type Report = (message: string, done?: number, of?: number) => void

async function install(report: Report, signal?: AbortSignal): Promise<void> {
  // Made beside its final name, so that the last step is one rename; the lock makes this folder ours.
  const work = cacheDir('temporal', '.work')
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  try {
    let binary: string
    try {
      binary = await download(work, report, signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof NeedsPersonError) throw error
      binary = await buildWithGo(work, report, (error as Error).message, signal)
    }
    await chmod(binary, 0o755)
    if (!(await isTemporal(binary))) throw new NeedsPersonError(`The Temporal CLI was fetched, but does not run on this machine (${process.platform} ${process.arch}). ${byHand()}`)
    await mkdir(dirname(cached()), { recursive: true })
    await rename(binary, cached())
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function download(work: string, report: Report, signal?: AbortSignal): Promise<string> {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `temporal_cli_${temporalVersion}_${system}_${process.arch === 'x64' ? 'amd64' : process.arch}.tar.gz`
  const release = `https://github.com/temporalio/cli/releases/download/v${temporalVersion}`
  report(`looking for the official Temporal CLI ${temporalVersion}`)
  // Where the host cannot be reached at all, Go should get its turn within seconds.
  const checksums = await (await get(`${release}/checksums.txt`, 8_000, signal)).text()
  const expected = checksumOf(checksums, name)
  const archive = await readAll(await get(`${release}/${name}`, 15_000, signal), report)
  const found = createHash('sha256').update(archive).digest('hex')
  if (found !== expected) throw new NeedsPersonError(`The download of ${name} has the checksum ${found}; the release names ${expected}. Nothing was installed. ${byHand()}`)
  await writeFile(join(work, name), archive)
  await extract({ file: join(work, name), cwd: work, filter: (path) => path === `temporal${executable}` })
  return join(work, `temporal${executable}`)
}

/** @returns the sha256 that a release's checksums.txt gives for a file */
export function checksumOf(checksums: string, name: string): string {
  for (const line of checksums.split('\n')) {
    const [sum, file] = line.trim().split(/\s+\*?/)
    if (file === name && sum && /^[0-9a-f]{64}$/.test(sum)) return sum
  }
  throw new Error(`the release has no checksum for ${name}`)
}

// `timeoutMs` bounds the wait for the answer's head; a slow body is still progress.
async function get(url: string, timeoutMs: number, signal?: AbortSignal): Promise<Response> {
  const head = new AbortController()
  const timer = setTimeout(() => head.abort(), timeoutMs)
  try {
    const response = await fetch(url, { signal: AbortSignal.any([head.signal, ...(signal ? [signal] : [])]) })
    if (!response.ok) throw new Error(`${url} answered ${response.status}`)
    return response
  } catch (error) {
    const cause = (error as { cause?: Error }).cause?.message ?? (error as Error).message
    throw new Error(head.signal.aborted ? `${new URL(url).host} did not answer within ${timeoutMs / 1000} s` : cause)
  } finally {
    clearTimeout(timer)
  }
}

async function readAll(response: Response, report: Report): Promise<Buffer> {
  const of = Math.round(Number(response.headers.get('content-length') ?? 0) / 1e6)
  const chunks: Uint8Array[] = []
  let bytes = 0
  const reader = response.body!.getReader()
  for (;;) {
    // A stalled download must not hold the set-up for ever.
    const { value, done } = await Promise.race([reader.read(), new Promise<never>((_, reject) => setTimeout(() => reject(new Error('the download stalled for 60 s')), 60_000).unref())])
    if (done) return Buffer.concat(chunks)
    chunks.push(value)
    bytes += value.length
    report('downloading the Temporal CLI (megabytes)', Math.round(bytes / 1e6), of)
  }
}

async function buildWithGo(work: string, report: Report, why: string, signal?: AbortSignal): Promise<string> {
  if (!(await tryRun('go', ['version']))) throw new NeedsPersonError(`The Temporal CLI is not installed and could not be downloaded (${why}), and there is no Go to build it. ${byHand()}`)
  report(`no download (${why}); building it with Go, about 3 minutes on two cores`)
  let compiled = 0
  try {
    await run('go', ['install', '-v', `-ldflags=-s -w -X github.com/temporalio/cli/temporalcli.Version=${temporalVersion}`, `github.com/temporalio/cli/cmd/temporal@v${temporalVersion}`], {
      signal,
      cwd: work,
      env: { GOBIN: work, GOWORK: 'off', CGO_ENABLED: '0' },
      onLine: (line) => {
        if (line.startsWith('go: downloading')) return report('fetching its Go modules')
        compiled += 1
        report('building it with Go', Math.min(compiled, goPackages), goPackages)
      },
    })
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    if (/no space left/i.test(error.tail)) throw new NeedsPersonError('The disk is full: building the Temporal CLI needs about 3 GB. Free some space and run the command again.')
    throw new NeedsPersonError(`The Temporal CLI could neither be downloaded (${why}) nor built with Go: ${error.tail.split('\n').slice(-3).join(' ')} ${byHand()}`)
  }
  return join(work, `temporal${executable}`)
}

function byHand(): string {
  return process.platform === 'darwin' ? 'Run: brew install temporal' : 'Install it (https://temporal.io/setup/install-temporal-cli) and set TEMPORAL_CLI_PATH to the file, or set TEMPORAL_ADDRESS to a server that runs elsewhere.'
}
