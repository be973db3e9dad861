import { APIConnectionError, APIError } from '@anthropic-ai/sdk'
import { InputError, NeedsPersonError } from '../../errors.ts'
import { redact } from '../../redact.ts'

/** What to do about a failed call. */
export type Failure =
  /** Wait, then ask again: `afterMs` is the provider's own word. */
  | { kind: 'busy'; limited: boolean; afterMs: number | undefined; why: string }
  /** The request itself was refused: perhaps the endpoint knows no structured output. */
  | { kind: 'refused'; error: Error }
  /** Nothing will change until a person acts. */
  | { kind: 'person'; error: NeedsPersonError }
  | { kind: 'final'; error: unknown }

/** A stream that ended before the message did. */
export class CutAnswer extends Error {
  override name = 'CutAnswer'
  /** Dollars that may have been charged for what came and what was sent. */
  readonly perhaps: number
  constructor(why: string, perhaps: number) {
    super(why)
    this.perhaps = perhaps
  }
}

const moneyCode = /spend|billing|credit|quota/i
const moneyWords = /credit balance|spend(ing)? limit|usage limit|billing|quota/i

export function classify(error: unknown, training: string): Failure {
  if (error instanceof CutAnswer) return { kind: 'busy', limited: false, afterMs: undefined, why: error.message }
  if (error instanceof APIConnectionError) return { kind: 'busy', limited: false, afterMs: undefined, why: `provider not reachable (${reason(error)})` }
  if (!(error instanceof APIError)) return { kind: 'final', error }
  const { status } = error
  const said = redact(error.apiMessage ?? error.message).slice(0, 300)
  const money = moneyCode.test(error.errorCode ?? '') || (status === 429 || status === 400 ? moneyWords.test(said) : false)
  if (status === 401 || status === 402 || status === 403 || money) {
    const act = status === 401 ? 'Start the worker with a valid ANTHROPIC_API_KEY (`clitron down && clitron up`)' : status === 403 && !money ? 'Give the key the right to use this model' : "Raise the limit or pay in at the provider's console"
    return { kind: 'person', error: new NeedsPersonError(`The provider refuses to go on (${status ?? error.type}: ${said}). ${act}, then \`clitron resume ${training}\`.`) }
  }
  if (status === 429) return { kind: 'busy', limited: true, afterMs: retryAfter(error.headers), why: 'provider limits the rate' }
  if (status === undefined || status >= 500 || status === 408 || status === 409) {
    const overloaded = status === 529 || error.type === 'overloaded_error'
    return { kind: 'busy', limited: false, afterMs: retryAfter(error.headers), why: overloaded ? 'provider overloaded' : `provider failed (${status ?? said})` }
  }
  if (status === 404) return { kind: 'final', error: new InputError(`The provider knows no such model or address (404: ${said}); see \`--model\` and ANTHROPIC_BASE_URL.`) }
  if (status === 400 || status === 422) return { kind: 'refused', error: new InputError(`The provider refuses the request (${status}: ${said}).`) }
  return { kind: 'final', error: new InputError(`The provider refuses the request (${status}: ${said}).`) }
}

/** Seconds or an HTTP date, as milliseconds from now. */
function retryAfter(headers: Headers | undefined): number | undefined {
  const exact = Number(headers?.get('retry-after-ms') ?? NaN)
  if (exact >= 0) return exact
  const value = headers?.get('retry-after')
  if (!value) return undefined
  const ms = Number.isFinite(Number(value)) ? 1000 * Number(value) : Date.parse(value) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

function reason(error: Error): string {
  let inner: Error & { code?: string } = error
  while (inner.cause instanceof Error) inner = inner.cause
  return inner.code ?? redact(inner.message).slice(0, 100)
}

/** Back-off before try number `attempt` (0-based): half a second, 1 s, 2 s … at most a minute, a little spread so that callers do not march in step. */
export const backOff = (attempt: number) => Math.min(60_000, 500 * 2 ** attempt) * (0.75 + Math.random() / 2)
