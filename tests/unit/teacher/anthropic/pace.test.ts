import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { APIError } from '@anthropic-ai/sdk'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ask, type Session } from '../../../../src/teacher/anthropic/ask.ts'
import { backOff } from '../../../../src/teacher/anthropic/failures.ts'
import { Pace, paceOf } from '../../../../src/teacher/anthropic/pace.ts'
import { Ledger } from '../../../../src/teacher/ledger.ts'

// The waits of `ask` and `Pace` by the timers that a test can hold.
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) => new Promise((resolve, reject) => {
    setTimeout(resolve, ms, value)
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  }),
}))

const never = new AbortController().signal

test('one more call at once for a round of successes, half as many after a refusal, and up again', () => {
  const pace = new Pace()
  const round = () => {
    for (let calls = pace.limit; calls > 0; calls--) pace.succeeded()
  }
  const limits = [pace.limit]
  for (let i = 0; i < 30; i++) round()
  limits.push(pace.limit)
  // Calls in flight together come back refused together.
  pace.limited(50)
  pace.limited(50)
  limits.push(pace.limit)
  for (let i = 0; i < 5; i++) round()
  expect(limits).toEqual([4, 16, 8])
  expect(pace.limit).toBeGreaterThan(10)
})

test('no more calls at once than the limit', async () => {
  const pace = new Pace()
  const leave = await Promise.all(Array.from({ length: 4 }, () => pace.enter(never)))
  await expect(pace.enter(AbortSignal.timeout(60))).rejects.toThrow()
  leave[0]!()
  await pace.enter(never)
})

test('nobody enters before the time named, nor after a refusal that a person has to mend', async () => {
  const pace = new Pace()
  pace.limited(150)
  const began = Date.now()
  ;(await pace.enter(never))()
  expect(Date.now() - began).toBeGreaterThanOrEqual(145)
  pace.close(new Error('pay first'))
  await expect(pace.enter(never)).rejects.toThrow('pay first')
})

test('a clock that is set back an hour holds nobody up, and one set forward lets nobody in early', async () => {
  for (const hour of [-3_600_000, 3_600_000]) {
    const pace = new Pace()
    const began = performance.now()
    pace.limited(150)
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + hour)
    ;(await pace.enter(AbortSignal.timeout(5000)))()
    clock.mockRestore()
    expect(performance.now() - began).toBeGreaterThanOrEqual(145)
  }
})

test('the pause before another try grows to a minute, a quarter more or less, and no further', () => {
  for (const spread of [0, 0.5, 0.999]) {
    const random = vi.spyOn(Math, 'random').mockReturnValue(spread)
    const pauses = Array.from({ length: 30 }, (_, attempt) => backOff(attempt))
    random.mockRestore()
    expect(pauses.slice(0, 3)).toEqual([500, 1000, 2000].map((ms) => ms * (0.75 + spread / 2)))
    expect(new Set(pauses.slice(7))).toEqual(new Set([60_000 * (0.75 + spread / 2)]))
  }
})

describe('by a clock of its own', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }))
  afterEach(() => void vi.useRealTimers())

  /** A provider that takes two seconds for an answer, and what `refusal` says of a call at once. */
  function provider(model: string, refusal: () => APIError | undefined) {
    const store = mkdtempSync(join(tmpdir(), 'ledger-'))
    const ledger = new Ledger(store)
    onTestFinished(() => {
      ledger.close()
      rmSync(store, { recursive: true })
    })
    const begun: { at: number; refused: boolean }[] = []
    let inFlight = 0
    let most = 0
    /** Calls in flight at once, at most, since it was asked last. */
    const mostSince = () => {
      const before = most
      most = inFlight
      return before
    }
    const create = async () => {
      const error = refusal()
      begun.push({ at: performance.now(), refused: error !== undefined })
      if (error) throw error
      return (async function* () {
        inFlight += 1
      most = Math.max(most, inFlight)
        yield { type: 'message_start', message: { usage: { input_tokens: 1, output_tokens: 1 } } }
        await new Promise((resolve) => setTimeout(resolve, 2000))
        yield { type: 'content_block_delta', delta: { type: 'text_delta', text: '{}' } }
        yield { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } }
        inFlight -= 1
        yield { type: 'message_stop' }
      })()
    }
    const endpoint = { model, batch: false, baseUrl: 'http://nowhere' }
    const messages: string[] = []
    const session = { client: { messages: { create } }, endpoint, ledger, training: 'notes', budget: undefined, signal: never, waiting: never, say: (message: string) => void messages.push(message) } as unknown as Session
    const asked = (key: string) => ask({ key, systemSha: 'one', worst: 0.01, params: () => ({ model, max_tokens: 1, messages: [] }) }, session)
    return { ledger, begun, messages, asked, pace: paceOf(endpoint), inFlight: () => inFlight, most: mostSince }
  }
  const refusal = (status: number, headers: Record<string, string> = {}) => APIError.generate(status, { error: { type: 'error', message: 'no' } }, undefined, new Headers(headers))

  test('through 60 s of 429 fewer and fewer calls are made at once, none before the time named, and afterwards as many again', async () => {
    let limited = false
    const { ledger, begun, asked, pace, inFlight, most } = provider('claude-opus-4-5-a', () => (limited ? refusal(429, { 'retry-after': '5' }) : undefined))
    let next = 0
    let isLast = false
    const all = Promise.all(Array.from({ length: 7 }, async () => {
      while (!isLast) await asked(`call ${next++}`)
    }))
    await vi.advanceTimersByTimeAsync(15_000)
    expect(most()).toBe(7)
    limited = true
    const from = performance.now()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([pace.limit, inFlight(), most()]).toEqual([1, 0, 7])
    const refused = begun.filter(({ at }) => at > from)
    // One comes up for each that ends, until the first is refused; from then on one each five seconds.
    const after = refused.filter(({ at }) => at > from + 20_000)
    expect(after.length).toBeGreaterThan(5)
    for (const [index, { at }] of after.entries()) if (index) expect(at - after[index - 1]!.at).toBeGreaterThanOrEqual(5000)
    limited = false
    await vi.advanceTimersByTimeAsync(7000)
    expect(most()).toBeLessThan(4)
    await vi.advanceTimersByTimeAsync(23_000)
    expect(most()).toBe(7)
    isLast = true
    await vi.advanceTimersByTimeAsync(30_000)
    await all
    // Each answer was bought once.
    expect(begun.filter(({ refused: no }) => !no)).toHaveLength(next)
    expect(ledger.spent('notes')).toMatchObject({ perhaps: 0, reserved: 0 })
  })

  test('a provider that is overloaded for long is asked ever less often, some ten minutes long, and nothing is charged', async () => {
    const { ledger, begun, messages, asked } = provider('claude-opus-4-5-b', () => refusal(529))
    const told = asked('call').catch((error: Error) => error)
    await vi.advanceTimersByTimeAsync(30 * 60_000)
    expect(await told).toMatchObject({ message: 'The provider did not answer in 18 tries: provider overloaded.' })
    expect(begun).toHaveLength(18)
    const pauses = begun.slice(1).map(({ at }, index) => at - begun[index]!.at)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(75_100)
    expect(Math.min(...pauses.slice(7))).toBeGreaterThanOrEqual(45_000)
    expect(messages).toHaveLength(17)
    expect(ledger.spent('notes')).toEqual({ paid: 0, perhaps: 0, reserved: 0 })
  })
})
