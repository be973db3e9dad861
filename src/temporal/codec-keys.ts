import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { InputError } from '../errors.ts'
import { keepSecret } from '../redact.ts'

export interface CodecKey {
  /** Stands in the clear beside every payload that the key encoded. */
  id: string
  key: Buffer
}

/**
 * The keys of CLITRON_CODEC_KEY and of the file CLITRON_CODEC_KEY_FILE: the first writes, all of them read.
 * @throws InputError for what is no key, and for a file that others may read
 */
export function readKeys(): CodecKey[] {
  const { CLITRON_CODEC_KEY: inline, CLITRON_CODEC_KEY_FILE: file } = process.env
  return [...(inline ? parseKeys(inline, 'CLITRON_CODEC_KEY') : []), ...(file ? readKeyFile(file, 'CLITRON_CODEC_KEY_FILE') : [])]
}

/**
 * Puts a fresh key in front of those that the file holds: what they encoded can still be read.
 * @returns the new key's id, and how many older ones the file holds
 */
export function addKey(file: string): { id: string; older: number } {
  const older = existsSync(file) ? readKeyFile(file, 'The file of the key') : []
  const key = randomBytes(32)
  mkdirSync(dirname(file), { recursive: true })
  const beside = `${file}.${randomUUID()}.part`
  writeFileSync(beside, [key, ...older.map(({ key }) => key)].map((one) => `${one.toString('base64')}\n`).join(''), { mode: 0o600, flag: 'wx' })
  // A umask of another day may have taken the owner's own rights.
  chmodSync(beside, 0o600)
  renameSync(beside, file)
  return { id: idOf(key), older: older.length }
}

function readKeyFile(file: string, what: string): CodecKey[] {
  let text: string
  try {
    const handle = openSync(file, 'r')
    try {
      const { mode } = fstatSync(handle)
      if (process.platform !== 'win32' && mode & 0o077) throw new InputError(`${what}=${file} may be read by others (mode ${(mode & 0o777).toString(8)}; expected 600). Run: chmod 600 ${JSON.stringify(file)}`)
      text = readFileSync(handle, 'utf8')
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${what}=${file} cannot be read (${(error as NodeJS.ErrnoException).code}). \`clitron codec --new-key\` makes a key.`)
  }
  return parseKeys(text, `${what}=${file}`)
}

/** Keys between commas or spaces, each 32 bytes in base64 or in hex. A message never holds any of them. */
function parseKeys(text: string, where: string): CodecKey[] {
  const words = text.split(/[\s,]+/).filter(Boolean)
  if (words.length === 0) throw new InputError(`${where} holds no key. \`clitron codec --new-key\` makes one.`)
  keepSecret(...words)
  return words.map((word, index) => {
    const key = /^[0-9a-f]{64}$/i.test(word) ? Buffer.from(word, 'hex') : /^[\w+/-]{43}=?$/.test(word) ? Buffer.from(word, 'base64') : undefined
    if (key?.length !== 32) throw new InputError(`${where}: key ${index + 1} of ${words.length} has ${word.length} characters; expected 32 bytes, which are 44 characters of base64 or 64 of hex. \`clitron codec --new-key\` makes one.`)
    return { id: idOf(key), key }
  })
}

/** The key cannot be found from it: a few bits of a hash of 256 random ones. */
const idOf = (key: Buffer) => createHash('sha256').update('clitron codec key').update(key).digest('hex').slice(0, 12)
