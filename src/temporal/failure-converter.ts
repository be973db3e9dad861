import { DefaultFailureConverter, type FailureConverter } from '@temporalio/common'

/** Messages and stack traces as a payload, which the codec encodes. Temporal loads this module by its path, into workflows too. */
class EncodedFailureConverter extends DefaultFailureConverter {
  readonly #clear = new DefaultFailureConverter()

  override errorToFailure(...args: Parameters<FailureConverter['errorToFailure']>): ReturnType<FailureConverter['errorToFailure']> {
    const { name, type } = (args[0] ?? {}) as { name?: string; type?: string }
    // Who lacks the key could not read this either, and it names no more than the key's id.
    return name === 'CodecError' || type === 'CodecError' ? this.#clear.errorToFailure(...args) : super.errorToFailure(...args)
  }
}

export const failureConverter = new EncodedFailureConverter({ encodeCommonAttributes: true })
