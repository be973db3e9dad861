import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type Anthropic from '@anthropic-ai/sdk'
import { APIError } from '@anthropic-ai/sdk'
import { InputError } from '../../errors.ts'
import { fault } from '../../process/fault.ts'
import type { OpenBatch } from '../ledger.ts'
import { reserve, type Session, type Told } from './ask.ts'
import { backOff, classify } from './failures.ts'
import { paceOf } from './pace.ts'
import type { PaidRequest } from './request.ts'
import { usageOf } from './stream.ts'
import { asksStructured, refusedStructured, tookStructured } from './structured.ts'

/** Requests that errored or expired are sent again so often. */
const mostRounds = 4
const mostTries = 18
/** Clocks of two hosts differ by less, also where one is an hour off: size and custom ids decide which batch it is. */
const slackMs = 2 * 60 * 60_000

/** Answers to all requests, by key: recorded ones, those of a batch that was sent before a crash, and the rest at half the price: in one new batch, or in several one after the other where the budget does not bear the worst case of all together. */
export async function askBatch(requests: PaidRequest[], session: Session): Promise<Map<string, Told>> {
  const { ledger, endpoint } = session
  const told = new Map<string, Told>()
  const missing = () => requests.filter(({ key }) => !told.has(key))
  for (let failed = 0; ; ) {
    // Each time: another attempt may be at work for some seconds yet.
    await collectSent(requests, told, session)
    for (const { key } of missing()) {
      const answer = ledger.answer(key)
      if (answer) told.set(key, { answer, dollars: 0 })
    }
    if (missing().length === 0) return told
    if (failed >= mostRounds) throw new Error(`${missing().length} requests failed in ${mostRounds} batches; Temporal tries again.`)
    const structured = asksStructured(endpoint)
    const open = await submit(missing(), structured, session)
    if (!open) continue
    const refused = await collect(open.batchId!, open.keys, told, session)
    if (missing().some(({ key }) => open.keys.has(key))) failed += 1
    if (told.size && structured) tookStructured(endpoint)
    if (refused && !refusedStructured(endpoint, structured)) throw refused
  }
}

/** Waits for batches that were sent and not collected, as of a run that was killed or cancelled: what was sent is paid for. */
export async function collectSent(requests: PaidRequest[], told: Map<string, Told>, session: Session): Promise<void> {
  const open = () => session.ledger.openBatches(requests.flatMap(({ key }) => (told.has(key) ? [] : key)))
  // One that another attempt is just sending is in no list yet, and would count as never sent.
  while (open().some(({ onItsWay }) => onItsWay)) await wait(500, undefined, { signal: session.signal })
  for (const batch of open()) await settle(batch, told, session)
}

async function settle(open: OpenBatch, told: Map<string, Told>, session: Session): Promise<void> {
  const batchId = open.batchId ?? (await findLost(open, session))
  if (batchId) await collect(batchId, open.keys, told, session)
  else for (const id of open.keys.values()) session.ledger.free(id)
}

/** Sends one batch of these requests, or of as many as the budget bears; its id is in the ledger before anything waits for it. Undefined: another attempt has asked for all of them. */
async function submit(requests: PaidRequest[], structured: boolean, session: Session): Promise<OpenBatch | undefined> {
  const { client, ledger, signal } = session
  const submission = randomUUID()
  for (let attempt = 0; ; attempt++) {
    const leave = await paceOf(session.endpoint).enter(signal)
    try {
      for (let reservation = reserve(requests, session, submission); reservation.state !== 'reserved'; reservation = reserve(requests, session, submission)) {
        // A batch of a run that is over, with other questions, holds its worst case back until somebody asks for its answers.
        if (reservation.state === 'held') for (const other of ledger.forgottenBatches(session.training)) await settle(other, new Map(), session)
        await wait(500, undefined, { signal })
        if (reservation.state === 'elsewhere') return undefined
      }
      const open = ledger.openBatches(requests.map(({ key }) => key)).find((batch) => batch.submission === submission)!
      try {
        fault('before_call')
        const batch = await client.messages.batches.create({ requests: requests.filter(({ key }) => open.keys.has(key)).map((request) => ({ custom_id: request.key, params: request.params(structured) })) }, { signal })
        fault('after_call_before_record')
        ledger.batchAccepted(submission, batch.id)
        fault('after_record_before_ack')
        return { ...open, batchId: batch.id }
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof APIError && error.status !== undefined)) {
          // No answer: the batch may have been accepted all the same.
          const batchId = await findLost(open, session)
          if (batchId) return { ...open, batchId }
        }
        for (const id of open.keys.values()) ledger.free(id)
        await afterFailure(error, attempt, session)
      }
    } finally {
      leave()
    }
  }
}

/** The batch whose id was never recorded: among those of that time that this ledger does not know, the one that holds our custom ids. */
async function findLost(open: OpenBatch, session: Session): Promise<string | undefined> {
  const { client, ledger, signal } = session
  session.say('looking for the batch that was sent before the interruption')
  const candidates = await patiently(session, async () => {
    const found: Anthropic.Messages.MessageBatch[] = []
    for await (const batch of client.messages.batches.list({ limit: 100 }, { signal })) {
      const created = Date.parse(batch.created_at)
      if (created < open.created - slackMs) break
      const { canceled, errored, expired, processing, succeeded } = batch.request_counts
      const size = canceled + errored + expired + processing + succeeded
      if (created <= open.created + slackMs && size === open.keys.size && !ledger.isKnownBatch(batch.id)) found.push(batch)
    }
    return found
  })
  // The likeliest first, for another's of the same size is waited for until it has ended.
  const apart = (batch: Anthropic.Messages.MessageBatch) => Math.abs(Date.parse(batch.created_at) - open.created)
  for (const { id } of candidates.sort((a, b) => apart(a) - apart(b))) {
    await ended(id, session)
    // Which requests a batch holds shows only in its results.
    const ours = await patiently(session, async () => {
      for await (const { custom_id } of await client.messages.batches.results(id, undefined, { signal })) return open.keys.has(custom_id)
      return false
    })
    if (!ours) continue
    ledger.batchAccepted(open.submission, id)
    return id
  }
  return undefined
}

/** Waits for a batch and records what it brought. Returns the refusal when its requests were refused as such. */
async function collect(batchId: string, keys: Map<string, number>, told: Map<string, Told>, session: Session): Promise<Error | undefined> {
  const { client, ledger, signal } = session
  await ended(batchId, session)
  let refused: Error | undefined
  await patiently(session, async () => {
    for await (const { custom_id, result } of await client.messages.batches.results(batchId, undefined, { signal })) {
      const id = keys.get(custom_id)
      if (id === undefined || told.has(custom_id)) continue
      if (result.type !== 'succeeded') {
        ledger.free(id)
        if (result.type === 'errored' && result.error.error.type === 'invalid_request_error') refused = new InputError(`The provider refuses the request (${result.error.error.message}).`)
        continue
      }
      const { content, stop_reason, usage } = result.message
      const answer = { text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''), stop: stop_reason ?? 'end_turn' }
      told.set(custom_id, { answer, dollars: ledger.record(id, answer, usageOf(usage)) })
    }
  })
  for (const [key, id] of keys) if (!told.has(key)) ledger.free(id)
  return refused
}

/** Asks after the batch, ever less often: after a fifth of a second at first, after a minute at last. */
async function ended(batchId: string, session: Session): Promise<void> {
  for (let pause = 200; ; pause = Math.min(60_000, pause * 1.5)) {
    const batch = await patiently(session, () => session.client.messages.batches.retrieve(batchId, undefined, { signal: session.signal }))
    if (batch.processing_status === 'ended') return
    const { processing, succeeded, errored, expired, canceled } = batch.request_counts
    session.say(`batch ${batchId}: ${succeeded} of ${processing + succeeded + errored + expired + canceled} requests answered`)
    await wait(pause, undefined, { signal: session.signal })
  }
}

/** Runs one free request, again after failures that pass. */
async function patiently<T>(session: Session, request: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await request()
    } catch (error) {
      session.signal.throwIfAborted()
      await afterFailure(error, attempt, session)
    }
  }
}

async function afterFailure(error: unknown, attempt: number, session: Session): Promise<void> {
  const failure = classify(error, session.training)
  if (failure.kind === 'person') paceOf(session.endpoint).close(failure.error)
  if (failure.kind !== 'busy') throw failure.error
  if (attempt + 1 >= mostTries) throw new Error(`The provider did not answer in ${mostTries} tries: ${failure.why}.`)
  const ms = failure.afterMs ?? backOff(attempt)
  session.say(`${failure.why}, next try in ${Math.max(1, Math.ceil(ms / 1000))} s`)
  await wait(ms, undefined, { signal: session.signal })
}
