import { ensureAll } from '../../setup/ensure-all.ts'
import { type Role, runWorker } from '../../worker.ts'
import { note } from '../print.ts'

/** A worker in the foreground; Ctrl-C lets running trainers write a checkpoint. */
export async function worker(role: Role): Promise<void> {
  if (role !== 'pipeline') await ensureAll({ onProgress: note, only: ['python', 'llama'] })
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  note(`Worker (${role}) is serving; Ctrl-C stops it after a checkpoint.`)
  await runWorker(role, stop.signal)
}
