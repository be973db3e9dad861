import { setMaxListeners } from 'node:events'
import { Ledger } from '../ledger.ts'
import type { Usage } from '../prices.ts'
import { ask, type Session, type Told } from './ask.ts'
import { askBatch, collectSent } from './batches.ts'
import { connect } from './client.ts'
import type { PaidRequest } from './request.ts'

/** Who pays for what, and who listens. */
export type Purchase = Pick<Session, 'endpoint' | 'training' | 'budget' | 'signal' | 'say'>

/**
 * Gets an answer to every request, from the ledger or bought, and hands it to `take`, in any order. `take` may return requests to make in its place,
 * as for an answer that was cut off for its length.
 * @returns what the answers took, whenever they were bought
 * @throws InputError without a key, or with a budget too small for one call; NeedsPersonError when the budget is spent or the provider refuses to go on
 */
export async function buyEach<R extends PaidRequest>(requests: R[], take: (request: R, told: Told) => R[], purchase: Purchase): Promise<Usage> {
  const { endpoint, signal } = purchase
  const client = connect(endpoint)
  const ledger = new Ledger()
  const stop = new AbortController()
  const waiting = AbortSignal.any([signal, stop.signal])
  // Every call in flight listens.
  setMaxListeners(0, signal, stop.signal, waiting)
  const session: Session = { ...purchase, client, ledger, waiting }
  const keys: string[] = []
  const taken = (request: R, told: Told): R[] => {
    keys.push(request.key)
    return take(request, told)
  }
  const single = async (request: R): Promise<void> => {
    try {
      for (const smaller of taken(request, await ask(request, session))) await single(smaller)
    } catch (error) {
      stop.abort(error)
      throw error
    }
  }

  try {
    if (endpoint.batch) {
      for (let open = requests; open.length > 0; ) {
        const told = await askBatch(open, session)
        open = open.flatMap((request) => taken(request, told.get(request.key)!))
      }
    } else {
      // Of a run with --batch that was cancelled, perhaps.
      await collectSent(requests, new Map(), session)
      // Calls in flight are paid for whatever happens beside them: all end and are recorded before a failure is told.
      await Promise.allSettled(requests.map(single))
      if (stop.signal.aborted) throw stop.signal.reason
    }
    return ledger.usageOf(keys)
  } finally {
    ledger.close()
  }
}
