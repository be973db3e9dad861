/** The closed list of failure types; a Temporal failure's `type` is one of these. */
export type FailureType = 'BadInput' | 'GateNotPassed' | 'NeedsPerson' | 'TrainerError' | 'Interrupted' | 'Unavailable' | 'LeaseLost'

/** Exit codes of the command line (docs/architecture.md). */
export const ExitCode = { ok: 0, failed: 1, usage: 2, gate: 3, waiting: 4, cancelled: 130 } as const

/** What a person gave us is wrong: the message is one sentence with the place and the next step. Exit code 2, never retried. */
export class InputError extends Error {
  override name = 'InputError'
  readonly type: FailureType = 'BadInput'
}

/** A quality gate was not passed (leakage, parity, promotion). Exit code 3, never retried. */
export class GateError extends Error {
  override name = 'GateError'
  readonly type: FailureType = 'GateNotPassed'
}

/** Something outside must change first (budget, key, disk); the run pauses. Exit code 4. */
export class NeedsPersonError extends Error {
  override name = 'NeedsPersonError'
  readonly type: FailureType = 'NeedsPerson'
}

/** A payload that cannot be decoded here: its key is not here, or it was changed. Waits, rather than ends a run, until the key is there. */
export class CodecError extends Error {
  override name = 'CodecError'
  readonly type: FailureType = 'Unavailable'
}

/** Infrastructure that does not answer at the moment. Exit code 1; a workflow tries again. */
export class UnavailableError extends Error {
  override name = 'UnavailableError'
  readonly type: FailureType = 'Unavailable'
}
