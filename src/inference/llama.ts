import { availableParallelism } from 'node:os'
import type { Llama, LlamaGrammarEvaluationState, LlamaModel, Token } from 'node-llama-cpp'
import { NeedsPersonError } from '../errors.ts'

/** Below this file size a GPU only adds start-up time: the whole model fits the processor's cache. */
export const tinyBytes = 100e6
/** From here on a token costs more than waking a second thread does (0.42 ms on one thread, 12 ms on two, for 2 M parameters). */
const manyThreadsFrom = 50e6

/** One thread for small models, all cores but one for others. */
export const threadsFor = (parameters: number) => (parameters < manyThreadsFrom ? 1 : Math.max(1, availableParallelism() - 1))

const instances = new Map<boolean, Promise<Llama>>()

/** llama.cpp, loaded once a process; `gpu: false` for models that are faster without. Never compiles anything. */
export function llama(gpu: boolean): Promise<Llama> {
  let instance = instances.get(gpu)
  if (!instance) {
    instance = import('node-llama-cpp').then(({ getLlama, LlamaLogLevel }) =>
      getLlama({ gpu: gpu ? 'auto' : false, build: 'never', logLevel: LlamaLogLevel.error, logger: () => {}, progressLogs: false }),
    ).catch((error: Error) => {
      instances.delete(gpu)
      throw new NeedsPersonError(`llama.cpp could not be loaded on this machine: ${error.message} Reinstall the packages (npm ci) on this platform.`)
    })
    instances.set(gpu, instance)
  }
  return instance
}

/** What follows a grammar through one answer. */
export interface Constraint {
  allows(token: Token): boolean
  accept(token: Token): void
}

/** The two functions of the native module that check one token against a grammar; the library keeps them to itself. */
interface TokenChecks {
  canBeNextTokenForGrammarEvaluationState(state: unknown, token: Token): boolean
  acceptGrammarEvaluationStateToken(state: unknown, token: Token): void
}

/**
 * Compiles a GBNF grammar for a model; every call of the result starts a fresh answer.
 * Asking about one token is what makes greedy decoding cheap: applying the grammar to a whole vocabulary costs 44 ms at 128 k entries.
 */
export async function compileGrammar(model: LlamaModel, gbnf: string): Promise<() => Constraint> {
  const { LlamaGrammarEvaluationState } = await import('node-llama-cpp')
  const checks = (model.llama as unknown as { _bindings: { AddonSampler: TokenChecks } })._bindings.AddonSampler
  // Parsed once: a clone of the first state is much cheaper than a new one.
  const grammar = spaceInFront(model) ? `root ::= " "? spaced\n${gbnf.replace(/^root ::=/m, 'spaced ::=')}` : gbnf
  const first = new LlamaGrammarEvaluationState({ model, grammar: await model.llama.createGrammar({ grammar }) })
  return () => {
    const native = (first.clone() as LlamaGrammarEvaluationState & { _state: unknown })._state
    return {
      allows: (token) => checks.canBeNextTokenForGrammarEvaluationState(native, token),
      accept: (token) => checks.acceptGrammarEvaluationStateToken(native, token),
    }
  }
}

/** SentencePiece tokenizers begin every text with a space that belongs to the token, not to the answer. */
export function spaceInFront(model: LlamaModel): boolean {
  const tokenizer = model.fileInfo.metadata.tokenizer?.ggml
  return tokenizer?.model === 'llama' && (tokenizer as { add_space_prefix?: boolean }).add_space_prefix !== false
}
