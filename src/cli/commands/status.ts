import { existsSync } from 'node:fs'
import type { WorkflowHandle } from '@temporalio/client'
import { CodecError, InputError } from '../../errors.ts'
import { isAlive } from '../../process/identity.ts'
import { champion } from '../../registry/registry.ts'
import { ArtifactStore, hashFile } from '../../store/artifacts.ts'
import { checkName } from '../../paths.ts'
import { connect } from '../../temporal/connection.ts'
import { upState } from '../../temporal/supervisor.ts'
import { isElsewhere, resolveAddress } from '../../temporal/address.ts'
import type { UpFile } from '../../temporal/up-file.ts'
import { explain } from '../explain.ts'
import { bold, dim, percent, print, printJson, yellow } from '../print.ts'
import { commandOf, look, runOf, type RunState } from '../run-state.ts'
import { checkKnown, schemaNames } from '../schema.ts'
import { situation } from '../situation.ts'

interface NameStatus {
  name: string
  run: RunState | undefined
  /** Why the last run did not end well, and the command that goes on. */
  failed?: { reason: string; command: string }
  model: { version: number; created: string; score: number | undefined; older_than_schema: boolean; failed: Record<string, string> } | undefined
}

/** One screen: what runs, what happened, what is safe, what to do. */
export async function status(name: string | undefined, { json }: { json?: boolean }): Promise<void> {
  if (name) await (isElsewhere() ? checkName(name) : checkKnown(name))
  const server = isElsewhere() ? { elsewhere: true as const } : await upState()
  let unreachable = ''
  const client = server ? await connect().catch((error: Error) => {
    if (error instanceof InputError) throw error
    unreachable = error.message
    return undefined
  }) : undefined
  const found: NameStatus[] = []
  for (const training of name ? [name] : schemaNames()) {
    const handle = client && (await runOf(client, training).catch(unlessKeyIsMissing))
    const run = handle && (await look(handle))
    const failed = run && !['RUNNING', 'COMPLETED'].includes(run.status) && { reason: await reasonOf(handle), command: await commandOf(handle, training) }
    found.push({ name: training, run, ...(failed && { failed }), model: await modelStatus(training) })
  }
  await client?.connection.close()
  if (json) return printJson({ server: server ?? null, reachable: client !== undefined, trainings: found })

  const worker = server && 'supervisor' in server ? workerTrouble(server) : undefined
  print(!server ? 'Server and worker are not running here. What is done is safe; runs that were under way go on with `clitron up`.' : !client ? ('elsewhere' in server ? `${unreachable} What is done is safe.` : `${unreachable.replace(/ Start this .*$/, '')} What is done is safe, and its supervisor restarts it; if this stays, see \`clitron doctor\`.`) : 'uiAddress' in server ? `Server (${server.address}) ${worker ? 'is' : 'and worker are'} up; Web UI: ${server.uiAddress}` : `The cluster at ${'address' in server ? server.address : resolveAddress()} answers.`)
  if (client && worker) print(worker)
  for (const { name: training, run, failed, model } of found) {
    print(`\n${bold(training)}`)
    print(model ? `  model: version ${model.version} of ${model.created.slice(0, 16).replace('T', ' ')}${model.score === undefined ? '' : `, ${percent(model.score)} right`}${model.older_than_schema ? ` — older than its schema: run \`clitron train ${training}\`` : ''}` : `  no model yet: \`clitron train ${training}\``)
    for (const reason of Object.values(model?.failed ?? {})) print(yellow(`  fails a gate: ${reason}`))
    if (!run) continue
    if (run.status === 'COMPLETED') {
      print(dim(`  last run: ${run.workflowId} completed`))
      continue
    }
    const { happened, safe, next } = situation(run, training, failed || undefined)
    print(`  ${happened}\n  safe: ${safe}\n  to do: ${next}`)
  }
}

/** A worker that ended so often was not just killed once. */
const often = 3

/** The supervisor lives; that its worker does is another matter. */
function workerTrouble({ worker }: UpFile): string | undefined {
  if (!worker) return 'The worker is being started.'
  const log = `Its log says why: ${worker.log}`
  if (!isAlive(worker)) return `The worker is not running; its supervisor starts it again (restarts so far: ${worker.restarts}). ${log}`
  return worker.restarts < often ? undefined : `The worker was started again ${worker.restarts} times. ${log}`
}

const reasonOf = (handle: WorkflowHandle): Promise<string> => handle.result().then(String, (error: unknown) => explain(error).message)

/** A server that is just restarting is no reason to say nothing at all; a missing key stays missing. */
function unlessKeyIsMissing(error: unknown): undefined {
  if (error instanceof CodecError) throw error
}

async function modelStatus(name: string): Promise<NameStatus['model']> {
  const store = new ArtifactStore()
  const version = await champion(store, name)
  if (!version) return undefined
  const schema = `schemas/${name}.yaml`
  const golden = version.scores.golden as { equivalent?: number } | undefined
  const test = version.scores.test as { equivalent?: number } | undefined
  return {
    version: version.version,
    created: version.created,
    score: golden?.equivalent ?? test?.equivalent,
    older_than_schema: existsSync(schema) && (await hashFile(schema)).sha256 !== version.schema,
    failed: version.failed ?? {},
  }
}
