import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { resolve, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker'
import * as gpu from './activities/gpu.ts'
import * as pipeline from './activities/pipeline.ts'
import { packageRoot, stateDir } from './paths.ts'
import { redact, redactOutput } from './redact.ts'
import { writeAtomically } from './store/atomic.ts'
import { codeVersion } from './store/code-version.ts'
import { bundleWorkflows } from './temporal/bundle.ts'
import { connectionOptions } from './temporal/connection.ts'
import { dataConverter } from './temporal/data-converter.ts'
import { gpuQueue, pipelineQueue } from './temporal/names.ts'
import { giveBackForTheDead, workerIdentity } from './temporal/predecessor.ts'

export const roles = ['pipeline', 'gpu', 'all'] as const
export type Role = (typeof roles)[number]

const here = dirname(fileURLToPath(import.meta.url))

/**
 * The only worker entry. `pipeline` serves workflows and light activities, `gpu` the trainers, `all` both in one process.
 * Ends when `signal` aborts: running trainers get time for a checkpoint.
 */
export async function runWorker(role: Role, signal: AbortSignal): Promise<void> {
  redactOutput()
  const converter = dataConverter()
  const { namespace, ...options } = await connectionOptions()
  const connection = await NativeConnection.connect(options)
  // Beside the start, which takes longer. Where it fails, the missing heartbeat tells the same later.
  void giveBackForTheDead(new Client({ connection, namespace, dataConverter: converter })).catch((error: Error) => process.stderr.write(`What a killed worker held is taken over only after its heartbeat timeout: ${error.message}\n`))
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace,
    dataConverter: converter,
    identity: workerIdentity(),
    // Longer than a trainer's own time for a checkpoint (process/run.ts), so that a stop never cuts one.
    shutdownGraceTime: '1 second',
    shutdownForceTime: '90 seconds',
    // A cancel is noticed with the next heartbeat that goes out: a trainer and its children are to be gone within ten seconds.
    maxHeartbeatThrottleInterval: '2 seconds',
  }
  const workers: Worker[] = []
  if (role !== 'gpu') {
    workers.push(await Worker.create({
      // Many: a run that waits for its training's lock takes one, and must not keep the one it waits for from its own.
      ...common, taskQueue: pipelineQueue, activities: pipeline, maxConcurrentActivityTaskExecutions: 100, maxCachedWorkflows: Number(process.env.CLITRON_CACHED_WORKFLOWS ?? 50),
      workflowBundle: await workflowBundle(converter),
    }))
  }
  if (role !== 'pipeline') {
    // Two trainers on one device only take each other's memory; each further GPU gets a worker of its own (docs/hosts.md).
    workers.push(await Worker.create({ ...common, taskQueue: gpuQueue, activities: gpu, maxConcurrentActivityTaskExecutions: Number(process.env.CLITRON_GPU_SLOTS ?? 1) }))
  }
  signal.addEventListener('abort', () => workers.forEach((worker) => worker.getState() === 'RUNNING' && worker.shutdown()))
  try {
    await Promise.all(workers.map((worker) => worker.run()))
  } finally {
    await connection.close()
  }
}

/** The package brings its bundle along. A clone makes one for each state of its code, so that a killed worker is back sooner by the seconds it takes. */
async function workflowBundle({ failureConverterPath }: DataConverter): Promise<NonNullable<WorkerOptions['workflowBundle']>> {
  const name = failureConverterPath ? 'workflow-bundle-encoded' : 'workflow-bundle'
  const built = join(here, `${name}.js`)
  if (existsSync(built)) return { codePath: built }
  const libraries = createHash('sha256').update(readFileSync(join(packageRoot, 'package-lock.json'))).digest('hex').slice(0, 16)
  const kept = stateDir(name, `${codeVersion('.')}-${libraries}.js`)
  const known = await readFile(kept, 'utf8').catch(() => undefined)
  if (known !== undefined) return { code: known }
  const code = await bundleWorkflows(here, failureConverterPath)
  await rm(dirname(kept), { recursive: true, force: true })
  await writeAtomically(kept, code)
  return { code }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const role = roles.find((known) => known === (process.argv[2] ?? 'all'))
  if (!role) {
    process.stderr.write(`A worker's role is ${roles.join(', ')}; found ${process.argv[2]}.\n`)
    process.exit(2)
  }
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort())
  await runWorker(role, stop.signal).catch((error: Error) => {
    process.stderr.write(`${redact(String(error.stack))}\n`)
    process.exit(1)
  })
  process.exit(0)
}
