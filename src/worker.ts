import { existsSync } from 'node:fs'
import { resolve, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker'
import * as gpu from './activities/gpu.ts'
import * as pipeline from './activities/pipeline.ts'
import { redact, redactOutput } from './redact.ts'
import { connectionOptions } from './temporal/connection.ts'
import { dataConverter } from './temporal/data-converter.ts'
import { gpuQueue, pipelineQueue } from './temporal/names.ts'

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
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace,
    dataConverter: converter,
    // Longer than a trainer's own time for a checkpoint (process/run.ts), so that a stop never cuts one.
    shutdownGraceTime: '1 second',
    shutdownForceTime: '90 seconds',
    // A cancel is noticed with the next heartbeat that goes out: at most 5 s late.
    maxHeartbeatThrottleInterval: '5 seconds',
  }
  const workers: Worker[] = []
  if (role !== 'gpu') {
    // How failures are written is part of a bundle.
    const bundle = join(here, converter.failureConverterPath ? 'workflow-bundle-encoded.js' : 'workflow-bundle.js')
    workers.push(await Worker.create({
      ...common, taskQueue: pipelineQueue, activities: pipeline, maxConcurrentActivityTaskExecutions: 8, maxCachedWorkflows: 50,
      ...(existsSync(bundle) ? { workflowBundle: { codePath: bundle } } : { workflowsPath: resolve(here, 'workflows/index.ts'), interceptors: { workflowModules: [resolve(here, 'workflows/summaries.ts')] } }),
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
