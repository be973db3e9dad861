import { existsSync } from 'node:fs'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { InputError } from '../errors.ts'
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
  if (isElsewhere()) return profile().connectionOptions.address ?? defaultAddress
  return readUpFile(upFile())?.address || defaultAddress
}

/** Whether an address (`host:port`, perhaps with a scheme) is this machine's own. */
export function isLoopback(address: string): boolean {
  const host = address.toLowerCase().replace(/^\w+:\/\//, '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * The connection that the environment names (TEMPORAL_* and the profile).
 * @throws InputError when there is no such profile or file: falling back to another server would send data to the wrong one
 */
export function profile(): ReturnType<typeof loadClientConnectConfig> {
  const file = process.env.TEMPORAL_CONFIG_FILE
  if (file && !existsSync(file)) throw new InputError(`TEMPORAL_CONFIG_FILE=${file}: there is no such file. Set it to a temporal.toml, or unset it.`)
  try {
    return loadClientConnectConfig()
  } catch (error) {
    const { message } = error as Error
    throw new InputError(`The Temporal settings of the environment cannot be used: ${message.replace(/\.$/, '')}. Check ${process.env.TEMPORAL_PROFILE ? `TEMPORAL_PROFILE=${process.env.TEMPORAL_PROFILE} and ` : ''}${file ?? 'temporal.toml'} (\`temporal config list\` shows the profiles).`)
  }
}
