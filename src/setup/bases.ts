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
  /** 0 when unknown (any other hub id). */
  parameters: number
  goodFor: string
}

/** A small choice; every other hub id or local folder works too. */
export const bases: Base[] = [
  { id: 'scratch', hub: '', licence: 'yours', gated: false, parameters: 2.9e6, goodFor: 'the default: no download, no GPU, minutes; answers in milliseconds' },
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

/** What a whole train of `examples` examples and `pairs` pairs needs on a host. */
export function estimate({ id, parameters }: Base, host: Host, { examples = 3000, pairs = 1000 } = {}): Estimate {
  if (id === 'scratch') {
    // Measured on two cores; the model is too small to gain much from more than four.
    return { memory: 2e9, disk: 0.5e9, seconds: Math.round((600 * 2) / Math.min(4, Math.max(1, host.cores))) }
  }
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

const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
