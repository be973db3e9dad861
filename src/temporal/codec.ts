import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Payload, PayloadCodec } from '@temporalio/common'
import { z } from 'zod'
import { CodecError } from '../errors.ts'
import type { CodecKey } from './codec-keys.ts'

/** A payload in JSON, as Temporal's codec servers exchange it: bytes are base64. */
export const JsonPayload = z.object({ metadata: z.record(z.string(), z.base64()).default({}), data: z.base64().default('') })

const cipher = 'aes-256-gcm'
/** Bytes, as NIST SP 800-38D recommends both for GCM. */
const nonceLength = 12
const tagLength = 16

const encoding = Buffer.from('binary/encrypted')
const keyId = 'encryption-key-id'

/** Encodes each payload, metadata and all, with AES-256-GCM; what was never encoded passes through decoding as it is. */
export class AesCodec implements PayloadCodec {
  readonly #keys: CodecKey[]
  readonly #writer: CodecKey | undefined

  /** `writer` is absent where payloads leave as they are. */
  constructor(keys: CodecKey[], writer: CodecKey | undefined) {
    this.#keys = keys
    this.#writer = writer
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    const writer = this.#writer
    return writer ? payloads.map((payload) => seal(payload, writer)) : payloads
  }

  /** @throws CodecError when the key is not here, or the payload was changed */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => this.#open(payload))
  }

  #open(payload: Payload): Payload {
    const { metadata, data } = payload
    if (!metadata?.encoding || !encoding.equals(metadata.encoding)) return payload
    const id = Buffer.from(metadata[keyId] ?? []).toString('utf8').slice(0, 64)
    const found = this.#keys.find((key) => key.id === id)
    if (!found) throw new CodecError(`This payload was encoded with key ${JSON.stringify(id)}, which is not here (${this.#keys.length ? `here: ${this.#keys.map((key) => key.id).join(', ')}` : 'no key is set'}). Set CLITRON_CODEC_KEY or CLITRON_CODEC_KEY_FILE as where it was encoded, and start the worker anew; the run waits until then.`)
    const bytes = Buffer.from(data ?? [])
    try {
      const decipher = createDecipheriv(cipher, found.key, bytes.subarray(0, nonceLength), { authTagLength: tagLength })
      decipher.setAuthTag(bytes.subarray(-tagLength))
      const plain = Buffer.concat([decipher.update(bytes.subarray(nonceLength, -tagLength)), decipher.final()])
      return fromJson(JSON.parse(plain.toString('utf8')))
    } catch {
      throw new CodecError(`This payload was encoded with key ${id} and changed since, or cut: it cannot be opened.`)
    }
  }
}

function seal(payload: Payload, { id, key }: CodecKey): Payload {
  const nonce = randomBytes(nonceLength)
  const encipher = createCipheriv(cipher, key, nonce, { authTagLength: tagLength })
  const sealed = Buffer.concat([nonce, encipher.update(JSON.stringify(toJson(payload))), encipher.final(), encipher.getAuthTag()])
  return { metadata: { encoding, [keyId]: Buffer.from(id) }, data: sealed }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

export const toJson = ({ metadata, data }: Payload): z.infer<typeof JsonPayload> => ({ metadata: mapValues(metadata ?? {}, base64), data: base64(data ?? new Uint8Array()) })

/** @throws ZodError for what is no payload */
export function fromJson(json: unknown): Payload {
  const { metadata, data } = JsonPayload.parse(json)
  return { metadata: mapValues(metadata, (text) => Buffer.from(text, 'base64')), data: Buffer.from(data, 'base64') }
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
}
