/** What the stand-in does wrong with the next calls, one entry a call (`times` for more). */
export type Fault = { times?: number; /** Only calls to this path, e.g. "/v1/messages". */ path?: string } & (
  /** Answers with an error. `code` is the error's `details.error_code`, e.g. "enforced_spend_limit_reached". */
  | { kind: 'status'; status: number; retryAfter?: number; code?: string; message?: string }
  /** Closes the connection after so many characters of the answer. */
  | { kind: 'cut'; after: number }
  /** Waits before it answers. */
  | { kind: 'slow'; ms: number }
  /** Begins an answer, then says nothing more. */
  | { kind: 'hang' }
  /** An error event in the middle of the stream. */
  | { kind: 'event'; type: string }
  | { kind: 'max_tokens' }
  | { kind: 'refusal' }
  /** Prose and a code fence around the JSON. */
  | { kind: 'prose' }
  /** The JSON ends in the middle although the message does not. */
  | { kind: 'broken' }
  | { kind: 'empty' }
  /** Every example twice; of a judge, every verdict. */
  | { kind: 'twice' }
  /** One field of so many characters. */
  | { kind: 'huge'; characters: number }
  /** Fields of wrong types, a NUL, half of a surrogate pair. */
  | { kind: 'strange' }
  /** Does what a description orders: every second example holds the marker, where it does not stand out. */
  | { kind: 'obey'; marker: string }
  /** A judge that gives this as each of its reasons, and turns each verdict round. */
  | { kind: 'says'; reason: string }
  /** Accepts a batch, then closes the connection before it says so. */
  | { kind: 'accepted-unsaid' }
  /** Requests of the next batch that end so. */
  | { kind: 'batch'; result: 'errored' | 'expired'; requests: number }
)

const statusTypes: Record<number, string> = { 400: 'invalid_request_error', 401: 'authentication_error', 402: 'billing_error', 403: 'permission_error', 404: 'not_found_error', 413: 'request_too_large', 429: 'rate_limit_error', 504: 'timeout_error', 529: 'overloaded_error' }

export const errorBody = (status: number, message = `stand-in says ${status}`, code?: string) => ({
  type: 'error',
  error: { type: statusTypes[status] ?? 'api_error', message, ...(code && { details: { error_code: code } }) },
  request_id: 'req_standin',
})
