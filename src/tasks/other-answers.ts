import { InputError } from '../errors.ts'

/**
 * The answers that stand beside a row's own, read as its own is: others that are also right, and the wrong one that it puts right. A wrong one
 * that cannot be read stays as it is: that may be what was wrong with it.
 * @param read an answer as it is stored; @throws InputError
 */
export function otherAnswers({ accepted, rejected }: Record<string, unknown>, read: (given: unknown) => string, readWrong = read): { accepted: unknown; rejected: string | undefined } {
  return {
    accepted: Array.isArray(accepted) ? accepted.map(read) : accepted,
    rejected: rejected === undefined || rejected === null ? undefined : orAsItIs(rejected, readWrong),
  }
}

function orAsItIs(given: unknown, read: (given: unknown) => string): string {
  try {
    return read(given)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return typeof given === 'string' ? given : JSON.stringify(given)
  }
}
