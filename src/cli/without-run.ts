import { InputError, NeedsPersonError } from '../errors.ts'

/**
 * Paid calls of a command that is no run: where a run would wait, it ends, and what goes on is the same command. What was answered is in the ledger.
 * @param modelOption what names the paid model here
 * @throws InputError in the place of NeedsPersonError, and with these words; others as they are
 */
export async function withoutRun<T>(paid: () => Promise<T>, modelOption = '--model'): Promise<T> {
  try {
    return await paid()
  } catch (error) {
    if (!(error instanceof NeedsPersonError || error instanceof InputError)) throw error
    throw new InputError(error.message
      .replace(/`clitron resume [^`]+ (--budget \d+)` goes on/, 'give $1')
      .replace(/`clitron resume [^`]+`/, 'run the same command again')
      .replace(/Start the worker with (a valid ANTHROPIC_API_KEY) \([^)]+\)/, 'Set $1')
      .replaceAll(/(?<!\S)(`?)--model\b/g, `$1${modelOption}`))
  }
}
