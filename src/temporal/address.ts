import { loadClientConnectConfig } from '@temporalio/envconfig'
import { upFile, readUpFile } from './up-file.ts'

export const defaultAddress = '127.0.0.1:7233'

/**
 * Whether a person said that the server is somebody else's: TEMPORAL_ADDRESS, TEMPORAL_PROFILE or TEMPORAL_CONFIG_FILE.
 * A configuration file that merely lies in the home folder is not enough to send data to a cluster.
 */
export const isElsewhere = (): boolean => Boolean(process.env.TEMPORAL_ADDRESS || process.env.TEMPORAL_PROFILE || process.env.TEMPORAL_CONFIG_FILE)

/** Where the server is: as the environment says, else this folder's own (.clitron/up.json), else Temporal's usual port. */
export function resolveAddress(): string {
  if (process.env.TEMPORAL_ADDRESS) return process.env.TEMPORAL_ADDRESS
  if (isElsewhere()) return loadClientConnectConfig().connectionOptions.address ?? defaultAddress
  return readUpFile(upFile())?.address || defaultAddress
}
