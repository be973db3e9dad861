import { setTimeout as wait } from 'node:timers/promises'
import type Anthropic from '@anthropic-ai/sdk'
import { APIError } from '@anthropic-ai/sdk'
import { InputError, NeedsPersonError } from '../../errors.ts'
import { money } from '../../text.ts'
import { diskFullInRun, isDiskFull } from '../../setup/disk.ts'
import { fault } from '../../process/fault.ts'
import type { Answer, Ledger, Reservation } from '../ledger.ts'
import { asksStructured, refusedStructured, tookStructured } from './structured.ts'
import type { Endpoint } from './client.ts'
import { backOff, classify, CutAnswer } from './failures.ts'
import { paceOf } from './pace.ts'
import type { PaidRequest } from './request.ts'
import { streamed } from './stream.ts'
import { cacheFilled } from './warm.ts'

/** What all calls of one request share. */
export interface Session {
  client: Anthropic
  endpoint: Endpoint
  ledger: Ledger
  training: string
  budget: number | undefined
  /** Ends calls in flight: the person cancelled. */
  signal: AbortSignal
  /** Ends waiting: another call of this request found that there is no going on. Those in flight are paid for and end. */
  waiting: AbortSignal
  say: (message: string) => void
}

export interface Told {
  answer: Answer
  /** Paid now; 0 for a recorded answer. */
  dollars: number
}

/** Tries in a row before the failure is handed to Temporal, which starts again later: about twelve minutes of waiting. */
const mostTries = 18
/** An answer that breaks off was perhaps charged: it is asked for again less stubbornly. */
const mostCuts = 3

/** Gets the answer to one request from the ledger, or buys it. */
export async function ask(request: PaidRequest, session: Session): Promise<Told> {
  const { ledger, endpoint, training } = session
  const pace = paceOf(endpoint)
  let cuts = 0
  for (let attempt = 0; ; attempt++) {
    const known = ledger.answer(request.key)
    if (known) return { answer: known, dollars: 0 }
    const cache = await cacheFilled(JSON.stringify([endpoint.baseUrl, endpoint.model, request.systemSha]), session.waiting)
    const structured = asksStructured(endpoint)
    let leave: (() => void) | undefined
    let id: number | undefined
    try {
      leave = await pace.enter(session.waiting)
      const reservation = reserve([request], session)
      if (reservation.state !== 'reserved') {
        // The rest of the budget is in reserve for calls in flight, which mostly turn out cheaper; or one of them asks the same.
        leave()
        cache.failed()
        await wait(300, undefined, { signal: session.waiting })
        attempt -= 1
        continue
      }
      id = reservation.id
      fault('before_call')
      const { answer, usage } = await streamed(session.client, request.params(structured), session.signal, cache.filled)
      fault('after_call_before_record')
      const dollars = await recorded(() => ledger.record(reservation.id, answer, usage), session)
      fault('after_record_before_ack')
      pace.succeeded()
      if (structured) tookStructured(endpoint)
      return { answer, dollars }
    } catch (error) {
      cache.failed()
      if (id !== undefined) {
        // An answer with a status is a refusal, which costs nothing; anything else may have been charged.
        if (error instanceof CutAnswer) ledger.lose(id, error.perhaps)
        else if ((error instanceof APIError && error.status !== undefined) || neverSent(error)) ledger.free(id)
        else ledger.lose(id)
      }
      session.signal.throwIfAborted()
      if (session.waiting.aborted) throw session.waiting.reason
      const failure = classify(error, training)
      if (failure.kind === 'person') {
        pace.close(failure.error)
        throw failure.error
      }
      if (failure.kind === 'final') throw failure.error
      if (failure.kind === 'refused') {
        if (!refusedStructured(endpoint, structured)) throw failure.error
        session.say('the endpoint knows no structured output; asking for plain JSON')
        continue
      }
      if (error instanceof CutAnswer && ++cuts > mostCuts) throw new Error(`The provider's answers broke off ${cuts} times in a row (${failure.why}).`)
      if (attempt + 1 >= mostTries) throw new Error(`The provider did not answer in ${mostTries} tries: ${failure.why}.`)
      const ms = Math.max(failure.afterMs ?? 0, failure.afterMs !== undefined && failure.limited ? 0 : backOff(attempt))
      if (failure.limited) pace.limited(ms)
      session.say(`${failure.why}, next try in ${Math.max(1, Math.ceil(ms / 1000))} s`)
      leave?.()
      await wait(ms, undefined, { signal: session.waiting })
    } finally {
      leave?.()
    }
  }
}

/**
 * Holds the worst case of these calls back from the budget, or of the first of them as far as it goes; not now where others hold the rest, or ask the same.
 * @throws NeedsPersonError when the budget is spent; InputError when it never sufficed for one call
 */
export function reserve(requests: PaidRequest[], { ledger, training, endpoint, budget }: Session, submission?: string): Exclude<Reservation, { state: 'spent' }> {
  const calls = requests.map(({ key, worst }) => ({ key, training, model: endpoint.model, batch: endpoint.batch, worst }))
  const reservation = ledger.reserve(calls, budget, submission)
  if (reservation.state !== 'spent') return reservation
  const { worst } = calls[0]!
  const least = money(Math.ceil(worst * 100) / 100)
  if (reservation.spent === 0) throw new InputError(`The budget of ${money(budget!)} is too small for one call, which may cost up to ${least} with ${endpoint.model}: give --budget ${Math.max(1, Math.ceil(worst))} or more, or a cheaper --model.`)
  throw new NeedsPersonError(`The budget of ${money(budget!)} is spent to ${money(reservation.spent)} (the next call may cost up to ${least}); \`clitron resume ${training} --budget ${Math.ceil(Math.max(budget! * 2, reservation.spent + worst))}\` goes on.`)
}

/** Other writers may have taken the room that was there before the call: a paid answer waits for it. */
async function recorded(record: () => number, { say, signal }: Session): Promise<number> {
  for (;;) {
    try {
      return record()
    } catch (error) {
      if (!isDiskFull(error)) throw error
      say(`${diskFullInRun((error as Error).message)} A paid answer waits for it.`)
      await wait(1000, undefined, { signal })
    }
  }
}

/** The connection did not come about: nothing reached the provider. */
function neverSent(error: unknown): boolean {
  let inner = error as Error & { code?: string }
  while (inner?.cause instanceof Error) inner = inner.cause as typeof inner
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(inner?.code ?? '')
}
