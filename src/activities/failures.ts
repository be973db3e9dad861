import { appendFile, readFile } from 'node:fs/promises'
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity'
import type { FailureType } from '../errors.ts'
import { permissionProblem } from '../permission.ts'
import { diskFullInRun, isDiskFull } from '../setup/disk.ts'
import { DamagedArtifact } from '../store/artifacts.ts'

/** An attempt that lasted so long was well: the next one need not wait ever longer, as after a start that fails at once, or for room on a disk. */
const wellAfterMs = 10_000
/** One that was killed need not have lasted: it did nothing wrong, and a start alone takes longer than this. Temporal's pauses count every kill. */
const wellUntilKilledMs = 1_000

/** Classifies once: what a person must mend is final, the rest is tried again for ever. */
export function asFailure(error: unknown, ranMs: number): unknown {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error
  const { type, message } = error as Error & { type?: FailureType }
  if (type === 'BadInput' || type === 'GateNotPassed' || type === 'NeedsPerson') return ApplicationFailure.nonRetryable(message, type)
  if (error instanceof DamagedArtifact) return ApplicationFailure.nonRetryable(message, 'TrainerError')
  const denied = permissionProblem(error)
  if (denied) return ApplicationFailure.nonRetryable(denied, 'NeedsPerson')
  if (isDiskFull(error)) return ApplicationFailure.retryable(diskFullInRun(message), 'Unavailable')
  return ApplicationFailure.create({ message, type: type ?? 'Unavailable', nonRetryable: false, cause: error as Error, ...(ranMs > (type === 'Interrupted' ? wellUntilKilledMs : wellAfterMs) && type !== 'Unavailable' && { nextRetryDelay: '1 second' }) })
}

const mostErrors = 3

/**
 * Runs a child; its own error is final the third time. Temporal's count of attempts would not do: it counts killed workers too.
 * @param folder where the errors so far are noted
 */
export async function countErrors<T>(folder: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if ((error as { type?: FailureType }).type !== 'TrainerError') throw error
    const file = `${folder}/errors.log`
    await appendFile(file, `${JSON.stringify((error as Error).message)}\n`)
    const errors = (await readFile(file, 'utf8')).trim().split('\n').length
    // By whole rounds: the same command again has three tries of its own.
    if (errors % mostErrors === 0) throw ApplicationFailure.nonRetryable(`${(error as Error).message} (tried ${mostErrors} times)`, 'TrainerError')
    throw error
  }
}
