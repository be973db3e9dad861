import { Context } from '@temporalio/activity'
import { searchAttributes } from './names.ts'

/** Asks the cluster whether it can store our search attributes; a cluster of somebody else's may not have them. */
export async function hasSearchAttributes(): Promise<boolean> {
  const { connection, options } = Context.current().client
  try {
    const { customAttributes } = await connection.operatorService!.listSearchAttributes({ namespace: options.namespace })
    return Object.keys(searchAttributes).every((name) => name in (customAttributes ?? {}))
  } catch {
    return false
  }
}
