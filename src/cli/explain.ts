import { dirname } from 'node:path'
import { ExitCode, type FailureType } from '../errors.ts'
import { permissionProblem } from '../permission.ts'
import { redact } from '../redact.ts'
import { isDiskFull } from '../setup/disk.ts'
import { asTyped } from './as-typed.ts'

const byType: Partial<Record<FailureType, number>> = { BadInput: ExitCode.usage, GateNotPassed: ExitCode.gate, NeedsPerson: ExitCode.waiting }

/** One sentence for a person, and the exit code, from whatever was thrown: ours, Temporal's wrapping of ours, or a bug. */
export function explain(error: unknown): { message: string; code: number; type: string } {
  const { message, ...rest } = inWords(error)
  return { message: asTyped(redact(message)), ...rest }
}

function inWords(error: unknown): ReturnType<typeof explain> {
  let innermost = error as Error & { type?: string; cause?: unknown; code?: string; path?: string; dest?: string; syscall?: string }
  while (innermost.cause instanceof Error) innermost = innermost.cause as typeof innermost
  const { name, message } = innermost
  if (name === 'CancelledFailure' || name === 'TerminatedFailure') return { message: 'The run was cancelled; what is done stays done, and the same command goes on from there.', code: ExitCode.cancelled, type: 'Cancelled' }
  const type = (innermost.type ?? 'Failed') as FailureType
  if (isDiskFull(innermost)) return { message: `The disk is full${innermost.path ? ` (${dirname(innermost.dest ?? innermost.path)})` : ''}. Free some space and run the same command again; nothing is half-written.`, code: ExitCode.failed, type: 'Failed' }
  // A program that may not be started, or a port, is something else.
  const denied = permissionProblem(innermost)
  if (denied) return { message: denied, code: ExitCode.failed, type: 'Failed' }
  // A programming error keeps its stack: it is what a bug report needs.
  const bug = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
  return { message: bug ? String((error as Error).stack) : message, code: byType[type] ?? ExitCode.failed, type }
}
