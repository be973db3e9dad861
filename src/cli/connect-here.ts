import type { Client } from '@temporalio/client'
import { UnavailableError } from '../errors.ts'
import { checkName } from '../paths.ts'
import { isElsewhere } from '../temporal/address.ts'
import { connect } from '../temporal/connection.ts'
import { upState } from '../temporal/supervisor.ts'
import { checkKnown } from './schema.ts'

/**
 * A client of the server that trains `name`: this folder's, or the cluster that the environment names. Never of whatever else listens on
 * Temporal's usual port: that may be another clone's server with a run of the same name.
 * @throws InputError for a name that stands for nothing here; UnavailableError when nothing runs here, or nothing answers
 */
export async function connectHere(name: string): Promise<Client> {
  checkName(name)
  if (isElsewhere()) return connect()
  await checkKnown(name)
  if (!(await upState())) throw new UnavailableError('Server and worker are not running in this folder. Start them with `clitron up`: runs that were under way go on.')
  return connect()
}
