import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../errors.ts'
import { didYouMean } from '../text.ts'
import type { Host } from './host.ts'

export type Base = {
  /** What a person types: `--base llama-3.2-1b`. */
  id: string
  /** The model hub's id; empty for a model made here. */
  hub: string
  licence: string
  /** The hub gives it only to accounts that accepted its licence. */
  gated: boolean
  /** 0 when unknown (any other hub id, a folder), and for scratch, whose configuration decides: ask `parametersOf`. */
  parameters: number
  goodFor: string
}

/** A small choice; every other hub id or local folder works too. */
export const bases: Base[] = [
  { id: 'scratch', hub: '', licence: 'yours', gated: false, parameters: 0, goodFor: 'the default: no download, no GPU, minutes; answers in milliseconds' },
  { id: 'smollm2-135m', hub: 'HuggingFaceTB/SmolLM2-135M-Instruct', licence: 'Apache-2.0', gated: false, parameters: 134.5e6, goodFor: 'the smallest that knows English; a laptop without a GPU, overnight' },
  { id: 'smollm2-360m', hub: 'HuggingFaceTB/SmolLM2-360M-Instruct', licence: 'Apache-2.0', gated: false, parameters: 361.8e6, goodFor: 'more paraphrases understood; a small GPU or Apple silicon' },
  { id: 'qwen3-0.6b', hub: 'Qwen/Qwen3-0.6B', licence: 'Apache-2.0', gated: false, parameters: 596e6, goodFor: 'users who write in many languages' },
  { id: 'llama-3.2-1b', hub: 'meta-llama/Llama-3.2-1B-Instruct', licence: 'Llama 3.2 Community', gated: true, parameters: 1.236e9, goodFor: 'the specification\'s choice; a GPU host' },
  { id: 'lfm2-1.2b', hub: 'LiquidAI/LFM2-1.2B', licence: 'LFM Open License 1.0', gated: false, parameters: 1.17e9, goodFor: 'fast answers on a CPU for its size, long contexts' },
  { id: 'llama-3.2-3b', hub: 'meta-llama/Llama-3.2-3B-Instruct', licence: 'Llama 3.2 Community', gated: true, parameters: 3.213e9, goodFor: 'the best answers of these; a GPU with 24 GB' },
]

const hubId = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/

/**
 * A base by its short name or hub id.
 * @throws InputError, with the nearest name, for what is neither
 */
export function findBase(name: string): Base {
  const wanted = name.toLowerCase()
  const known = bases.find(({ id, hub }) => id === wanted || (hub !== '' && hub.toLowerCase() === wanted))
  if (known) return known
  if (hubId.test(name) && !name.includes('..')) {
    const billions = name.match(/(?:^|[-_])(\d+(?:\.\d+)?)([bm])(?:[-_.]|$)/i)
    return { id: name, hub: name, licence: 'see its page on the hub', gated: false, parameters: billions ? Number(billions[1]) * (billions[2]!.toLowerCase() === 'b' ? 1e9 : 1e6) : 0, goodFor: '' }
  }
  throw new InputError(`A base is one of ${bases.map(({ id }) => id).join(', ')}, a hub id (owner/name) or a folder; found ${JSON.stringify(name.slice(0, 120))}${didYouMean(wanted, bases.map(({ id }) => id)) || '.'}`)
}

/**
 * A base by its short name, its hub id or the local folder that it lies in.
 * @throws InputError for what is none of these, and for a folder without a model
 */
export function locateBase(base: string): Base {
  if (base === 'scratch' || !existsSync(base)) return findBase(base)
  if (!existsSync(join(base, 'config.json'))) throw new InputError(`--base ${base} is here, but is no model: expected a folder in Hugging Face's form, with config.json, tokenizer.json and *.safetensors. \`clitron bases\` lists names to choose from.`)
  return { id: base, hub: '', licence: '', gated: false, parameters: 0, goodFor: '' }
}

/** An estimate for a base of unknown size is for its smallest part only. */
export const isSizeKnown = ({ id, parameters }: Base) => parameters > 0 || id === 'scratch'

export type Estimate = {
  /** Bytes while it trains, on the training device. */
  memory: number
  /** Bytes while it trains and is converted, without the set-up's own. */
  disk: number
  /** The whole train; about, within a factor of two. */
  seconds: number
  /** In a person's words, when it will not do on this host. */
  obstacle?: string
}

/** FLOP/s that training reaches, about: 80 GFLOPS a core were measured; a GPU at 40% of its dense 16-bit peak. */
function speed({ cores, gpu }: Host): number {
  if (!gpu) return cores * 80e9
  if (gpu.kind === 'mps') return 4e12
  return /H[12]00|B[12]00/.test(gpu.name) ? 400e12 : /A100/.test(gpu.name) ? 125e12 : /L4|T4|RTX (20|A2)/.test(gpu.name) ? 20e12 : 50e12
}

/** What is trained: how many examples and pairs, and by which `sft` configuration (the package's, where none is given). */
export type Work = { examples?: number; pairs?: number; config?: Record<string, unknown> }

/** What a whole train needs on a host. */
export function estimate({ id, parameters }: Base, host: Host, { examples = 3000, pairs = 1000, config = {} }: Work = {}): Estimate {
  if (id === 'scratch') return { memory: 2e9, disk: 0.5e9, seconds: scratchSeconds(host, { examples, pairs, config }) }
  // 150 tokens an example: 3 epochs of SFT, 1 of DPO over two answers and a reference.
  const tokens = 150 * (3 * examples + 3 * pairs)
  const device = host.gpu?.memory ?? host.memory
  // Frozen weights in 16 bit (32 bit on a CPU), activations and the runtime.
  const memory = parameters * (host.gpu?.kind === 'cuda' ? 2.6 : 5) + 2e9
  // Download, merged SFT, merged DPO and F16 GGUF at 2 bytes a weight, the quantized file and checkpoints.
  const disk = parameters * 9 + 1e9
  // LoRA: forward 2, backward 2 floating-point operations a weight and token; start-up and evaluation beside it.
  const seconds = Math.round((4 * parameters * tokens) / speed(host)) + 180
  return { memory, disk, seconds, ...(memory > device && { obstacle: `needs ${gb(memory)} of memory for training; this host's ${host.gpu ? 'GPU' : 'main memory'} has ${gb(device)}` }) }
}

/** The keys of scratch_config.yaml's `sft` section that decide how large it is and how long it takes; a missing one counts as in the package's file. */
const ScratchConfig = z.object({
  model: z.object({
    architecture: z.string().default('lfm2'), layers: z.string().min(1).default('caca'), hidden_size: z.number().positive().default(128),
    intermediate_size: z.number().positive().default(384), num_attention_heads: z.number().positive().default(4), conv_length: z.number().positive().default(3), vocab_size: z.number().positive().default(768),
  }).prefault({}),
  training: z.object({ steps: z.number().positive().default(2600), batch_size: z.number().positive().default(48) }).prefault({}),
})

/** Question and answer of gh as the default tokenizer cuts them (docs/recipes.md); other schemas differ a little. */
const scratchTokens = 52
/** Tokens a second and core in training: 15,000 on two slow cores (docs/recipes.md). The model is too small to gain much from more than four, and was not timed on a GPU. */
const scratchSpeed = 7500
/** An answer under the grammar, on the same two cores, both at work. */
const secondsPerAnswer = 0.02

/** Tokens beside BPE's: 4 special ones, and what gh's schema and context add; other schemas differ a little. */
const furtherTokens = 400

/** How many weights a base has; one made here by its `sft` configuration, 0 when unknown. */
export function parametersOf({ id, parameters }: Base, config: Record<string, unknown> = {}): number {
  return id === 'scratch' ? scratchParameters(config) : parameters
}

/** As trainers/scratch_model.py builds it: embedding and head are one matrix, nothing has a bias. */
function scratchParameters(config: Record<string, unknown>): number {
  const { architecture, layers, hidden_size: width, intermediate_size: inner, num_attention_heads: heads, conv_length, vocab_size } = readScratch(config).model
  const norms = 2 * width
  // Gates, values and output of a convolution, or queries, keys, values and output of attention: four squares each.
  const common = 4 * width ** 2 + 3 * width * inner + norms
  const own = { c: conv_length * width, a: 2 * (width / heads) }
  const blocks = [...layers].reduce((sum, letter) => sum + common + (architecture === 'lfm2' ? (own[letter as 'c' | 'a'] ?? 0) : 0), 0)
  return (vocab_size + furtherTokens) * width + blocks + width
}

/** The steps take the same time however many examples there are; what is asked of the model afterwards grows with them. */
function scratchSeconds({ cores }: Host, { examples, pairs, config }: Required<Work>): number {
  const { model, training } = readScratch(config)
  // Twice the width takes five times as long a step (scratch_config.yaml).
  const size = (model.layers.length / 4) * (model.hidden_size / 128) ** Math.log2(5)
  const slower = size / Math.min(4, Math.max(1, cores))
  // DPO: two answers a pair, through the policy forward and backward and through the reference forward.
  const tokens = scratchTokens * (training.steps * training.batch_size + pairs * 2 * (4 / 3))
  // Validation twice, calibration, test (held-out splits have a limit); each pair's question; about 4,000 for quantization and robustness.
  const answers = Math.min(examples / 4, 3900) + pairs + 4000
  // Six starts of Python and PyTorch, two conversions.
  return Math.round((tokens / scratchSpeed) * slower + answers * secondsPerAnswer * 2 * slower + 60)
}

function readScratch(config: Record<string, unknown>): z.infer<typeof ScratchConfig> {
  const read = ScratchConfig.safeParse(config)
  if (read.success) return read.data
  throw new InputError(`training/configs/scratch_config.yaml: ${read.error.issues.map(({ path, message }) => `sft.${path.join('.')}: ${message}`).join('; ')}.`)
}

const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
