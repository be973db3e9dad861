import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
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
}

export const scratchTemplate: PromptTemplate = { prefix: '<s>', suffix: '<sep>', add_bos: false, stop: [], eos: '</s>' }

/** Writes a GGUF with random weights into a new temporary folder, which goes with the process, and returns its path. */
export function randomModel({ pieces, spm, ...options }: RandomModel = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'clitron-random-gguf-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'random.gguf')
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  if (spm) args.push('--spm')
  if (pieces) {
    writeFileSync(join(folder, 'pieces.json'), JSON.stringify(pieces))
    args.push('--pieces', join(folder, 'pieces.json'))
  }
  execFileSync(python(), [join(import.meta.dirname, '../../fixtures/random-gguf.py'), file, ...args], { stdio: 'pipe' })
  return file
}

/** The trainers' environment: CLITRON_PYTHON, else the newest in the cache. */
function python(): string {
  if (process.env.CLITRON_PYTHON) return process.env.CLITRON_PYTHON
  const found = (existsSync(cacheDir('python')) ? readdirSync(cacheDir('python')) : []).map((name) => cacheDir('python', name, 'bin', 'python')).filter(existsSync)
  if (!found[0]) throw new Error('This test builds a model with the trainers\' Python environment; run `npx clitron doctor` to install it.')
  return found[0]
}
