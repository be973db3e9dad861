import { Client, Connection } from '@temporalio/client'
import { UnavailableError } from '../errors.ts'
import { keepSecret } from '../redact.ts'
import { isElsewhere, profile as environmentProfile, resolveAddress } from './address.ts'
import { dataConverter } from './data-converter.ts'

/**
 * Where the server is: TEMPORAL_ADDRESS and the environment profiles (TEMPORAL_PROFILE, temporal.toml) when they say so,
 * else this folder's own server.
 */
export async function connectionOptions() {
  // A profile that merely lies in the home folder belongs to another cluster: its key and namespace must not reach the local server.
  const { connectionOptions: profile = {}, namespace = 'default' } = isElsewhere() ? environmentProfile() : {}
  const { tls, apiKey, metadata } = profile
  if (typeof apiKey === 'string') keepSecret(apiKey)
  return { address: await resolveAddress(), namespace, ...(tls !== undefined && { tls }), ...(apiKey && { apiKey }), ...(metadata && { metadata }) }
}

/** @throws UnavailableError, with the one command that mends it, when no server answers; InputError when payloads would leave in clear unasked */
export async function connect(): Promise<Client> {
  const converter = dataConverter()
  const { namespace, ...options } = await connectionOptions()
  const connection = await Connection.connect({ ...options, connectTimeout: '5 seconds' }).catch((error: Error) => {
    const why = error.message.split('\n')[0]!.slice(0, 200)
    throw new UnavailableError(isElsewhere()
      ? `No Temporal server answers at ${options.address} (${why}). Check TEMPORAL_ADDRESS, TEMPORAL_PROFILE and the cluster, or unset them to use this folder's own server.`
      : `No Temporal server answers at ${options.address} (${why}). Start this folder's own with \`clitron up\`.`)
  })
  return new Client({ connection, namespace, dataConverter: converter })
}
