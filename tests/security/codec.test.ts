import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common'
import { decodeOptionalFailureToOptionalError, encodeErrorToFailure, loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { CodecError } from '../../src/errors.ts'
import { isLoopback } from '../../src/temporal/address.ts'
import { addKey, readKeys } from '../../src/temporal/codec-keys.ts'
import { codecPolicy, dataConverter } from '../../src/temporal/data-converter.ts'

const key = () => randomBytes(32).toString('base64')
const [one, two] = [key(), key()]
const folder = () => mkdtempSync(join(tmpdir(), 'clitron-codec-'))
const canary = 'canary-4711'

const codec = () => dataConverter().payloadCodecs![0]!
const payload = () => defaultPayloadConverter.toPayload({ canary })
const opened = async (sealed: Payload) => defaultPayloadConverter.fromPayload((await codec().decode([sealed]))[0]!)
const encoded = async (keys = one): Promise<Payload> => {
  vi.stubEnv('CLITRON_CODEC_KEY', keys)
  return (await codec().encode([payload()]))[0]!
}

beforeEach(() => {
  for (const name of ['CLITRON_CODEC', 'CLITRON_CODEC_KEY', 'CLITRON_CODEC_KEY_FILE', 'TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE']) vi.stubEnv(name, '')
})
afterEach(() => vi.unstubAllEnvs())

describe('a payload', () => {
  it('leaves without a readable word, not even of its metadata, and never twice the same', async () => {
    const [first, second] = [await encoded(), await encoded()]
    expect(Buffer.from(first.data!).toString('latin1')).not.toMatch(/canary|json/)
    expect(first.data).not.toEqual(second.data)
    expect(await opened(first)).toEqual({ canary })
  })

  it('that was never encoded passes through, so that the temporal command starts runs', async () => {
    vi.stubEnv('CLITRON_CODEC_KEY', one)
    const plain = payload()
    expect((await codec().decode([plain, {}]))).toEqual([plain, {}])
  })

  it('of an older key is read, and written anew with the first', async () => {
    const old = await encoded(one)
    const fresh = await encoded(`${two}, ${one}`)
    expect(await opened(old)).toEqual({ canary })
    vi.stubEnv('CLITRON_CODEC_KEY', two)
    expect(await opened(fresh)).toEqual({ canary })
  })

  it.each([['another key', two, /was encoded with key "[0-9a-f]{12}", which is not here \(here: [0-9a-f]{12}\)/], ['no key', '', /no key is set/]])('is refused by name with %s', async (_, other, message) => {
    const sealed = await encoded()
    vi.stubEnv('CLITRON_CODEC_KEY', other)
    await expect(codec().decode([sealed])).rejects.toThrow(message)
    await expect(codec().decode([sealed])).rejects.toBeInstanceOf(CodecError)
  })

  it('that was changed or cut is refused', async () => {
    const sealed = await encoded()
    const changed = Uint8Array.from(sealed.data!)
    changed[20]! ^= 1
    for (const data of [changed, sealed.data!.subarray(0, 30), new Uint8Array(), sealed.data!.subarray(0, 5)]) await expect(codec().decode([{ ...sealed, data }])).rejects.toThrow('changed since')
  })

  it('leaves as it is when the codec is refused by hand; what was encoded before is still read', async () => {
    const sealed = await encoded()
    vi.stubEnv('CLITRON_CODEC', 'off')
    expect(await codec().encode([payload()])).toEqual([payload()])
    expect(await opened(sealed)).toEqual({ canary })
  })
})

describe('a failure', () => {
  const failure = (error: unknown) => encodeErrorToFailure(loadDataConverter(dataConverter()), error)
  const text = (found: object) => JSON.stringify(found) + Buffer.from(JSON.stringify(found), 'base64').toString('latin1')

  it('leaves without its message, its stack and those of its causes, and comes back with them', async () => {
    vi.stubEnv('CLITRON_CODEC_KEY', one)
    const sent = await failure(ApplicationFailure.create({ message: canary, type: 'TrainerError', cause: new Error(`cause ${canary}`), details: [canary] }))
    expect(text(sent)).not.toContain('canary')
    expect(sent).toMatchObject({ message: 'Encoded failure', applicationFailureInfo: { type: 'TrainerError' } })
    const back = await decodeOptionalFailureToOptionalError(loadDataConverter(dataConverter()), sent)
    expect(back).toMatchObject({ message: canary, cause: { message: `cause ${canary}` }, details: [canary] })
  })

  it('for want of a key stays readable: whoever lacks the key could not read it either', async () => {
    vi.stubEnv('CLITRON_CODEC_KEY', one)
    expect((await failure(new CodecError('no such key'))).message).toBe('no such key')
    expect((await failure(ApplicationFailure.fromError(new CodecError('x'), { message: 'Failed to parse: no such key' }))).message).toBe('Failed to parse: no such key')
  })
})

describe('keys', () => {
  it('are read in base64, in its form for addresses and in hex, and have the same id', () => {
    const bytes = randomBytes(32)
    vi.stubEnv('CLITRON_CODEC_KEY', ['base64', 'base64url', 'hex'].map((form) => bytes.toString(form as BufferEncoding)).join('\n'))
    expect(new Set(readKeys().map(({ id }) => id)).size).toBe(1)
    expect(readKeys()[0]!.key).toEqual(bytes)
  })

  it.each(['short', randomBytes(31).toString('base64'), randomBytes(33).toString('hex'), `${one.slice(0, -2)}!=`, ' , '])('%s is refused with exit 2, and is not in the message', async (wrong) => {
    vi.stubEnv('CLITRON_CODEC_KEY', wrong)
    expect(() => readKeys()).toThrow(/CLITRON_CODEC_KEY.*clitron codec --new-key/)
    const said: string[] = []
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((line) => (said.push(String(line)), true))
    expect(await main(['codec'])).toBe(2)
    stderr.mockRestore()
    if (wrong.trim().length > 10) expect(said.join('')).not.toContain(wrong)
  })

  it('come from a file that nobody else may read', () => {
    const file = join(folder(), 'key')
    writeFileSync(file, `${one}\n`, { mode: 0o600 })
    vi.stubEnv('CLITRON_CODEC_KEY_FILE', file)
    expect(readKeys()).toHaveLength(1)
    chmodSync(file, 0o640)
    expect(() => readKeys()).toThrow(`may be read by others (mode 640; expected 600). Run: chmod 600 "${file}"`)
    vi.stubEnv('CLITRON_CODEC_KEY_FILE', join(folder(), 'none'))
    expect(() => readKeys()).toThrow(/cannot be read \(ENOENT\).*clitron codec --new-key/)
  })

  it('are made one by one into a file of mode 600: the newest writes, the older still read', () => {
    const file = join(folder(), 'sub', 'codec.key')
    vi.stubEnv('CLITRON_CODEC_KEY_FILE', file)
    const first = addKey(file)
    const second = addKey(file)
    expect([first.older, second.older]).toEqual([0, 1])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readKeys().map(({ id }) => id)).toEqual([second.id, first.id])
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2)
  })
})

describe('the policy', () => {
  it.each(['127.0.0.1:7233', 'localhost:7233', '[::1]:7233', '127.1.2.3:1', 'http://LOCALHOST:7233'])('%s is this machine', (address) => expect(isLoopback(address)).toBe(true))
  it.each(['temporal.example:7233', '10.0.0.1:7233', 'localhost.example:7233', '127.0.0.1.example:7233', '0.0.0.0:7233', ''])('%s is not', (address) => expect(isLoopback(address)).toBe(false))

  it("the folder's own server and one on this machine need no key", () => {
    expect(codecPolicy()).toMatchObject({ writer: undefined })
    expect(dataConverter()).not.toHaveProperty('failureConverterPath')
    vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:7300')
    expect(codecPolicy()).toMatchObject({ writer: undefined })
  })

  it('a server elsewhere demands one, and names the command that makes it', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example:7233')
    expect(() => codecPolicy()).toThrow(/temporal\.example:7233.*clitron codec --new-key.*CLITRON_CODEC=off/)
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    expect(await main(['status'])).toBe(2)
    stderr.mockRestore()
    vi.stubEnv('CLITRON_CODEC_KEY', one)
    expect(codecPolicy().writer).toBeDefined()
  })

  it('can be refused by hand, by one word only', () => {
    vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example:7233')
    vi.stubEnv('CLITRON_CODEC', 'off')
    expect(codecPolicy()).toMatchObject({ writer: undefined, refused: true })
    vi.stubEnv('CLITRON_CODEC', 'no')
    expect(() => codecPolicy()).toThrow('CLITRON_CODEC is "off" or unset; found "no".')
  })
})
