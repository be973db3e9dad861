import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { InputError } from '../errors.ts'
import { cacheDir } from '../paths.ts'
import { withLock } from '../process/lock.ts'
import { CommandFailed, run } from './run.ts'
import { timed } from './timings.ts'
import type { SetupOptions } from './types.ts'

export type LlamaPaths = {
  /** llama.cpp's release, the same for conversion, quantization and inference: "v0.5.0". */
  tag: string
  /** convert_hf_to_gguf.py, with conversion/ and gguf-py/ beside it. */
  convert: string
  /** The shared library that exports llama_model_quantize. */
  library: string
  /** The folder of the sources; its models/ holds the vocabularies ggml-vocab-*.gguf. */
  sources: string
}

/** What conversion needs of the 34 MB of sources: the script, what it imports, and the vocabularies that tests use. */
const needed = ['convert_hf_to_gguf.py', 'conversion', 'gguf-py/gguf', 'models', 'LICENSE']

/**
 * Unpacks llama.cpp's Python tools out of the git bundle that node-llama-cpp carries, so that conversion, quantization
 * and inference are of one version. 2 s, once a version, shared by all folders.
 */
export async function ensureLlamaSources({ onProgress, signal }: SetupOptions = {}): Promise<LlamaPaths> {
  const root = nodeLlamaCpp()
  const tag = llamaTag()
  const sources = cacheDir('llama.cpp', tag)
  const paths = { tag, sources, convert: join(sources, 'convert_hf_to_gguf.py'), library: findLibrary(root) }
  const report = (message: string) => onProgress?.({ part: 'llama.cpp', message })

  await timed('llama.cpp', onProgress, async () => {
    // The folder appears by one rename, so that its presence means completeness.
    if (existsSync(paths.convert)) return false
    await withLock(cacheDir('llama.cpp', `${tag}.lock`), async () => {
      if (existsSync(paths.convert)) return
      report(`unpacking llama.cpp ${tag}'s converter`)
      await unpack(join(root, 'llama', 'gitRelease.bundle'), sources, signal)
    }, { signal, onWait: ({ pid }) => report(`waiting for process ${pid}, which unpacks it`) })
    return true
  })
  return paths
}

/** The same without a screen: what the worker's activities ask for. */
export const llamaPaths = (): Promise<LlamaPaths> => ensureLlamaSources()

/** llama.cpp's release, as node-llama-cpp brings it along. */
export const llamaTag = (): string => (JSON.parse(readFileSync(join(nodeLlamaCpp(), 'llama', 'llama.cpp.info.json'), 'utf8')) as { tag: string }).tag

async function unpack(bundle: string, target: string, signal?: AbortSignal): Promise<void> {
  const beside = `${target}.part`
  await rm(beside, { recursive: true, force: true })
  const tree = join(beside, 'tree')
  const repository = join(beside, 'git')
  await mkdir(tree, { recursive: true })
  try {
    // Git's own settings of the person (hooks, line endings) must not change the files.
    const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
    await run('git', ['clone', '--quiet', '--bare', bundle, repository], { env, signal })
    await run('git', [`--git-dir=${repository}`, `--work-tree=${tree}`, 'checkout', '--quiet', 'HEAD', '--', ...needed], { env, signal })
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    if (!(error instanceof CommandFailed)) throw error
    if (/ENOENT|not found/i.test(error.message)) throw new InputError('git is needed to unpack llama.cpp\'s converter and was not found on PATH. Install it (for example: sudo apt install git, or brew install git) and run the command again.')
    throw new Error(`llama.cpp's sources could not be unpacked from ${bundle}: ${error.tail || error.message}`)
  }
  await rm(target, { recursive: true, force: true })
  await rename(tree, target)
  await rm(beside, { recursive: true, force: true })
}

function nodeLlamaCpp(): string {
  // The package exports no package.json: its entry is dist/index.js.
  return dirname(dirname(createRequire(import.meta.url).resolve('node-llama-cpp')))
}

/** libllama of this platform; the plain CPU build first, since quantization needs nothing else. */
function findLibrary(root: string): string {
  const packages = join(dirname(root), '@node-llama-cpp')
  const platform = process.platform === 'darwin' ? 'mac' : process.platform === 'win32' ? 'win' : 'linux'
  const prefix = `${platform}-${process.arch === 'arm' ? 'armv7l' : process.arch}`
  const folders = existsSync(packages) ? readdirSync(packages).filter((name) => name === prefix || name.startsWith(`${prefix}-`)).sort() : []
  for (const folder of folders) {
    const bins = join(packages, folder, 'bins')
    for (const variant of existsSync(bins) ? readdirSync(bins) : []) {
      const file = readdirSync(join(bins, variant)).find((name) => /^(lib)?llama(\.[\w.-]+)?\.(so|dylib|dll)$/.test(name) && !name.includes('common'))
      if (file) return join(bins, variant, file)
    }
  }
  throw new InputError(`node-llama-cpp has no prebuilt library for ${platform}-${process.arch} under ${packages}. Install the packages on this platform: npm ci`)
}
