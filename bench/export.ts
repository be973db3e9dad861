/**
 * How long a model from scratch takes to become a quantized GGUF: ours (trainers/quantize.py) against llama.cpp's converter and quantizer.
 *
 *   node bench/export.ts [--rounds 7] [--width 512]
 *
 * The model is LFM2 of the default's four layers with random weights, and a tokenizer trained on gh's rows. The converter refuses such
 * tokenizers; here it is told which pre-tokenizer this one has (bench/convert_peer.py). Quantizing (Q4_K_M) is on both sides the same function of the
 * same llama.cpp, which has no program for it in the npm package. Whole processes are timed, one after the other as a script would run them.
 * First the files are compared: tensors byte for byte, and the vocabulary, in 16 bit and quantized. The ratio is that of the default's width (128);
 * growth: a quarter, half and all of `--width`, by parameters. Prints one JSON document.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../src/paths.ts'
import { readConfigs } from '../src/setup/configs.ts'
import { ensureLlamaSources } from '../src/setup/llama-cpp.ts'
import { ensurePython } from '../src/setup/python.ts'
import { run } from '../src/setup/run.ts'
import { exponentOf, inTurns, median, mustHold, type Ratio, ratioWords, round, speedup, tell } from './compare.ts'
import { runPeer, runTrainer } from './peers.ts'
import { writeLessons } from './rows.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' }, width: { type: 'string', default: '512' } } })
const widths = [4, 2, 1].map((part) => Number(values.width) / part)
const folder = mkdtempSync(join(tmpdir(), 'clitron-bench-export-'))
const python = await ensurePython()
const { convert, library, tag } = await ensureLlamaSources()
const sft = (await readConfigs('scratch')).sft as Record<'model' | 'training', object>

/** A model of this width after one step, which is as good as random. */
async function modelOf(width: number, lessons: ReturnType<typeof writeLessons>): Promise<string> {
  const work = join(folder, String(width))
  mkdirSync(work)
  const config = { ...sft, model: { ...sft.model, hidden_size: width, intermediate_size: 3 * width }, training: { ...sft.training, steps: 1 } }
  await runTrainer('sft', work, { stage: 'sft', name: 'bench', base: 'scratch', ...lessons, config, work: join(work, 'checkpoints'), output: join(work, 'model'), device: 'cpu', precision: 'fp32' })
  return work
}

async function ours(work: string): Promise<number> {
  const output = join(work, 'ours')
  rmSync(output, { recursive: true, force: true })
  return (await runTrainer('quantize', work, { stage: 'quantize', name: 'bench', model: join(work, 'model'), output, llama_cpp: { convert: null, library } })).process_seconds
}

async function peers(work: string): Promise<number> {
  const output = join(work, 'peer')
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output)
  const { process_seconds } = await runPeer<object>(python, 'convert_peer.py', [convert, join(work, 'model'), '--outfile', join(output, 'f16.gguf'), '--outtype', 'f16'])
  const started = performance.now()
  await run(python, [join(packageRoot, 'trainers', 'llama_cpp.py'), library, join(output, 'f16.gguf'), join(output, 'q4_k_m.gguf'), 'q4_k_m'])
  return process_seconds + (performance.now() - started) / 1000
}

async function compare(work: string): Promise<number> {
  let parameters = 0
  for (const type of ['f16', 'q4_k_m']) {
    const compared = await runPeer<{ tensors: number; parameters: number; different: string[] }>(python, 'same_gguf.py', [join(work, 'ours', `clitron-bench-${type}.gguf`), join(work, 'peer', `${type}.gguf`)])
    mustHold(compared.tensors > 0 && compared.different.length === 0, `the two files in ${type} differ in ${compared.different.slice(0, 5).join(', ')}.`)
    parameters = compared.parameters
  }
  return parameters
}

try {
  const lessons = writeLessons(join(folder, 'lessons'), { train: 2_000, validation: 50 })
  const sizes: { width: number; parameters: number; seconds: { ours: number; peer: number }; ratio: Ratio }[] = []
  for (const width of widths) {
    const work = await modelOf(width, lessons)
    const seconds = await inTurns(Number(values.rounds), () => ours(work), () => peers(work))
    sizes.push({ width, parameters: await compare(work), seconds: { ours: median(seconds.ours), peer: median(seconds.peer) }, ratio: speedup(seconds.ours, seconds.peer) })
  }
  const exponent = (side: 'ours' | 'peer') => exponentOf(sizes.map(({ parameters, seconds }) => ({ work: parameters, cost: seconds[side] })))
  const [{ ratio, seconds, parameters }] = sizes as [(typeof sizes)[number]]
  tell({ what: `GGUF export of a model from scratch, Q4_K_M, against llama.cpp ${tag}'s converter and quantizer`, ratio, parameters, seconds, growth: { sizes, exponent: { ours: exponent('ours'), peer: exponent('peer') } } },
    `${ratioWords(ratio)} as fast as llama.cpp's converter and quantizer (bar: 5×): ${round(seconds.ours)} s against ${round(seconds.peer)} s for ${parameters} parameters`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
