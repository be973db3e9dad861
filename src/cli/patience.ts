import { isGrpcServiceError, ServiceError } from '@temporalio/client'
import { NeedsPersonError, UnavailableError } from '../errors.ts'
import { isElsewhere, resolveAddress } from '../temporal/address.ts'
import { upState } from '../temporal/supervisor.ts'
import { readUpFile, upFile } from '../temporal/up-file.ts'

/** A cluster's restart takes minutes; nobody here sees whether anything will bring it back. */
const clusterMs = 20 * 60_000
/** Time for a person, or for what keeps the supervisor, to start a killed one again. */
const killedMs = 2 * 60_000

/**
 * What somebody who follows a run of `name` does about a server that is silent: waits for as long as something may bring it back.
 * One silence may be a busy server, or the moment between `clitron down` and `clitron up`; only a second in a row counts.
 */
export function patience(name: string, say: (line: string) => void) {
  const address = resolveAddress()
  let since: number | undefined
  let said = ''
  const sayOnce = (line: string) => {
    if (line !== said) say(line)
    said = line
  }
  return {
    answered(): void {
      since = undefined
      said = ''
    },
    /** @throws the error itself when it is no silence; NeedsPersonError when only a person can bring this folder's server back; UnavailableError when a cluster stays away */
    async silent(error: unknown): Promise<void> {
      if (!isSilence(error)) throw error
      if (since === undefined) {
        since = Date.now()
        return
      }
      const waited = Date.now() - since
      if (isElsewhere()) {
        if (waited > clusterMs) throw new UnavailableError(`The Temporal server at ${address} has not answered for ${clusterMs / 60_000} minutes. Check the cluster; \`clitron watch ${name}\` follows the run again.`)
        return sayOnce(`The Temporal server at ${address} does not answer; waiting for it. The run goes on without this terminal.`)
      }
      const fate = await fateOf(address)
      if (fate === 'kept') return sayOnce('The server does not answer. Its supervisor starts it again, and the run goes on then.')
      if (fate === 'moved') throw new NeedsPersonError(`This folder's server has another address now; \`clitron watch ${name}\` follows the run there.`)
      const remedy = `\`clitron up\` starts it again; what is done stays done, a run under way goes on then, and \`clitron watch ${name}\` shows it.`
      if (fate === 'stopped') throw new NeedsPersonError(`This folder's server was stopped (\`clitron down\`). ${remedy}`)
      const killed = `This folder's server and its supervisor are gone. ${remedy}`
      if (waited > killedMs) throw new NeedsPersonError(killed)
      sayOnce(killed)
    },
  }
}

/** PERMISSION_DENIED and UNAUTHENTICATED (https://grpc.io/docs/guides/status-codes/) are answers. */
const isSilence = (error: unknown) => error instanceof ServiceError && !(isGrpcServiceError(error.cause) && [7, 16].includes(error.cause.code))

/** Will this folder's server be back at `address`? A supervisor names no address before its server has started. */
async function fateOf(address: string): Promise<'kept' | 'moved' | 'stopped' | 'killed'> {
  const up = await upState()
  if (up) return !up.address || up.address === address ? 'kept' : 'moved'
  return readUpFile(upFile())?.state === 'stopped' ? 'stopped' : 'killed'
}
