import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Hooks } from '../dataset/hooks.ts'
import { GateError } from '../errors.ts'
import { ownFile } from '../paths.ts'
import { ChildFailed, runChild } from '../process/run.ts'
import { withoutSecrets } from '../redact.ts'
import type { Measured } from './performance.ts'

/**
 * Measures a package in a process of its own, which finds nothing but the folder.
 * @param seconds of each level of the load test
 * @throws GateError when the folder cannot be opened, or does not answer
 */
export async function measureApart(folder: string, seconds: number, { onProgress, signal = new AbortController().signal }: Hooks): Promise<Measured> {
  const work = await mkdtemp(join(tmpdir(), 'clitron-package-'))
  try {
    const spec = join(work, 'spec.json')
    await writeFile(spec, JSON.stringify({ folder: resolve(folder), seconds }))
    const result = await runChild({
      command: process.execPath, args: [ownFile('production/run-measure'), spec], cwd: work, env: withoutSecrets(process.env) as Record<string, string>, signal, stallSeconds: 600,
      onEvent: (event) => {
        if (event.event === 'progress') onProgress?.({ message: event.message ?? '', step: event.step, steps: event.steps })
      },
    })
    return result as unknown as Measured
  } catch (error) {
    if (!(error instanceof ChildFailed) || signal.aborted) throw error
    throw new GateError(error.message)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
