import { ensureAll } from '../setup/ensure-all.ts'
import { isElsewhere } from '../temporal/address.ts'
import { checkLogs, up, type UpOptions } from '../temporal/supervisor.ts'
import type { UpFile } from '../temporal/up-file.ts'

/** On a laptop: everything installed, server and worker up. With TEMPORAL_ADDRESS or a profile, the cluster is somebody else's. */
export async function ensureRunning(say: (line: string) => void): Promise<void> {
  if (!isElsewhere()) await setUpAndStart({ onProgress: say })
}

/** Also with a cluster elsewhere, where only a worker is kept here. */
export async function setUpAndStart(options: Pick<UpOptions, 'onProgress' | 'port'>): Promise<UpFile> {
  checkLogs()
  await ensureAll(options)
  return up(options)
}
