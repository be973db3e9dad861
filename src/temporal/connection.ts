import { Client, Connection } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { isElsewhere, resolveAddress } from './address.ts'

/**
 * Where the server is: TEMPORAL_ADDRESS and the environment profiles (TEMPORAL_PROFILE, temporal.toml) when they say so,
 * else this folder's own server.
 */
export async function connectionOptions() {
  // A profile that merely lies in the home folder belongs to another cluster: its key and namespace must not reach the local server.
  const { connectionOptions: profile = {}, namespace = 'default' } = isElsewhere() ? loadClientConnectConfig() : {}
  const { tls, apiKey, metadata } = profile
  return { address: await resolveAddress(), namespace, ...(tls !== undefined && { tls }), ...(apiKey && { apiKey }), ...(metadata && { metadata }) }
}

export async function connect(): Promise<Client> {
  const { namespace, ...options } = await connectionOptions()
  const connection = await Connection.connect({ ...options, connectTimeout: '5 seconds' })
  return new Client({ connection, namespace })
}
