import { ensureAll } from '../setup/ensure-all.ts'
import { checkLogs, up } from '../temporal/supervisor.ts'
import { isElsewhere } from '../temporal/address.ts'

/** On a laptop: everything installed, server and worker up. With TEMPORAL_ADDRESS or a profile, the cluster is somebody else's. */
export async function ensureRunning(say: (line: string) => void): Promise<void> {
  if (isElsewhere()) return
  checkLogs()
  await ensureAll({ onProgress: say })
  await up({ onProgress: say })
}
