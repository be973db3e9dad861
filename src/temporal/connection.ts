import { Client, Connection, type ConnectionOptions } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { resolveAddress } from './address.ts'

/**
 * Where the server is: TEMPORAL_ADDRESS and the environment profiles (TEMPORAL_PROFILE, temporal.toml) when they say so,
 * else this folder's own server.
 */
export async function connectionOptions(): Promise<ConnectionOptions & { namespace: string }> {
  const { connectionOptions: fromProfile, namespace } = loadClientConnectConfig()
  return { ...fromProfile, address: await resolveAddress(), namespace: namespace ?? 'default' } as ConnectionOptions & { namespace: string }
}

export async function connect(): Promise<Client> {
  const { namespace, ...options } = await connectionOptions()
  const connection = await Connection.connect({ ...options, connectTimeout: '5 seconds' })
  return new Client({ connection, namespace })
}
