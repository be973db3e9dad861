import type { DataConverter } from '@temporalio/common'
import { InputError } from '../errors.ts'
import { ownFile } from '../paths.ts'
import { isElsewhere, isLoopback, resolveAddress } from './address.ts'
import { AesCodec } from './codec.ts'
import { type CodecKey, readKeys } from './codec-keys.ts'

/**
 * Whether payloads are encoded before they leave, and with what: wherever there is a key, unless CLITRON_CODEC=off.
 * A server on another machine demands a key; one on this machine does not.
 * @throws InputError for keys that are none, and when a key is demanded and not there
 */
export function codecPolicy(): { keys: CodecKey[]; writer: CodecKey | undefined; refused: boolean } {
  const { CLITRON_CODEC: word = '' } = process.env
  if (word !== '' && word !== 'off') throw new InputError(`CLITRON_CODEC is "off" or unset; found ${JSON.stringify(word)}.`)
  const keys = readKeys()
  const refused = word === 'off'
  if (!refused && keys.length === 0 && isElsewhere() && !isLoopback(resolveAddress())) {
    throw new InputError(`What is sent to ${resolveAddress()} is kept there, so it is encoded first, and no key is set. Make one with \`clitron codec --new-key\` and give it to every worker and terminal; CLITRON_CODEC=off sends all of it in clear.`)
  }
  return { keys, writer: refused ? undefined : keys[0], refused }
}

/**
 * How every client and worker reads and writes payloads. Without a key too: what somebody else encoded is then refused by name.
 * @throws InputError as `codecPolicy`
 */
export function dataConverter(): DataConverter {
  const { keys, writer } = codecPolicy()
  return { payloadCodecs: [new AesCodec(keys, writer)], ...(writer && { failureConverterPath }) }
}

/** TypeScript in the clone, JavaScript in the package. */
export const failureConverterPath = ownFile('temporal/failure-converter')
