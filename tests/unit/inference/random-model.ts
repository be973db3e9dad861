import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheDir } from '../../../src/paths.ts'
import type { PromptTemplate } from '../../../src/inference/template.ts'

export interface RandomModel {
  arch?: 'lfm2' | 'llama'
  width?: number
  layers?: number
  vocab?: number
  context?: number
  seed?: number
  scale?: number
  pieces?: string[]
  /** SentencePiece's tokenizer instead of BPE. */
  spm?: boolean
  /** With a chat template. */
  chat?: boolean
}

export const scratchTemplate: PromptTemplate = { prefix: '<s>', suffix: '<sep>', add_bos: false, stop: [], eos: '</s>' }

const script = join(import.meta.dirname, '../../fixtures/random-gguf.py')

/** Path of a GGUF with random weights; the same options give the same file, made once. */
export function randomModel({ pieces = [], spm, chat, ...options }: RandomModel = {}): string {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  if (spm) args.push('--spm')
  if (chat) args.push('--chat')
  const key = createHash('sha256').update(readFileSync(script)).update(JSON.stringify([args, pieces])).digest('hex').slice(0, 16)
  const folder = join(tmpdir(), 'clitron-random-gguf', key)
  const file = join(folder, 'random.gguf')
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true })
  const part = join(folder, `${randomUUID()}.part`)
  writeFileSync(`${part}.json`, JSON.stringify(pieces))
  execFileSync(python(), [script, part, '--pieces', `${part}.json`, ...args], { stdio: 'pipe' })
  renameSync(part, file)
  return file
}

/** The trainers' environment: CLITRON_PYTHON, else one in the user's cache. */
function python(): string {
  if (process.env.CLITRON_PYTHON) return process.env.CLITRON_PYTHON
  const found = (existsSync(cacheDir('python')) ? readdirSync(cacheDir('python')) : []).map((name) => cacheDir('python', name, 'bin', 'python')).filter(existsSync)
  if (!found[0]) throw new Error('This test builds a model with the trainers\' Python environment; run `npx clitron doctor` to install it.')
  return found[0]
}
