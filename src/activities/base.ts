import { existsSync, statSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { packageRoot } from '../paths.ts'
import { runChild } from '../process/run.ts'
import { findBase } from '../setup/bases.ts'
import { pythonCommand, trainerEnvironment } from './commands.ts'
import type { StageContext } from './stage.ts'

/**
 * The base model's folder on this host, downloaded when it is not here; "scratch" is its own path.
 * The hub token reaches only the download.
 * @throws InputError for a name that is neither in the catalogue, nor a hub id, nor a folder
 */
export async function resolveBase(base: string, options: { revision?: string | undefined; progress: StageContext['progress']; signal: AbortSignal }): Promise<{ path: string; revision?: string }> {
  if (base === 'scratch') return { path: base }
  if (existsSync(base) && statSync(base).isDirectory()) return { path: resolve(base) }
  const { hub } = findBase(base)
  const { command, args } = await pythonCommand('download')
  const specFile = join(await mkdtemp(join(tmpdir(), 'clitron-download-')), 'spec.json')
  await writeFile(specFile, JSON.stringify({ stage: 'download', hub, ...(options.revision && { revision: options.revision }) }))
  const environment = { ...trainerEnvironment(), HF_HUB_OFFLINE: '0' }
  for (const name of ['HF_TOKEN', 'HF_HOME', 'HF_ENDPOINT', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE']) {
    const value = process.env[name]
    if (value) Object.assign(environment, { [name]: value })
  }
  const result = await runChild({
    command, args: [...args, specFile], cwd: packageRoot, env: environment, signal: options.signal, stallSeconds: 900,
    onEvent: (event) => event.event === 'progress' && options.progress({ ...event }),
  })
  return { path: String(result.path ?? result.output), revision: String(result.revision) }
}
