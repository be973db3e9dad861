import { resolve } from 'node:path'
import type { LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp'
import { InputError } from '../errors.ts'
import { architectureOf, type Architecture } from './architecture.ts'
import { Pool } from './concurrency.ts'
import { checkGguf } from './gguf.ts'
import { llama, spaceInFront, threadsFor, tinyBytes, type Constraint } from './llama.ts'

export interface EngineOptions {
  gguf: string
  /** Default: 1 below 50 M parameters, else cores − 1. */
  threads?: number | undefined
  /** Tokens of prompt and answer together; default: what the model was trained on, at most 4,096. */
  contextSize?: number | undefined
  /** Answers decoded at the same time; default 1. */
  parallel?: number | undefined
}

export interface Generation {
  tokens: Token[]
  /** Natural logarithm of the probability that the model, without any grammar, gives each token and then the end. */
  logProbabilities: number[]
  /** False when the answer was cut at `maxTokens`. */
  ended: boolean
  /** The constraint refused a more probable token. */
  forced: boolean
  /** Tokens that could have stood at a place instead; undefined unless asked for. */
  alternatives?: Alternative[]
}

export interface Alternative {
  at: number
  token: Token
  logProbability: number
}

export interface GenerateOptions {
  constraint?: Constraint | undefined
  /** Tokens that end the answer. */
  isEnd: (token: Token) => boolean
  maxTokens: number
  /** What the answer begins with. */
  start?: { tokens: Token[]; logProbabilities: number[] } | undefined
  /** Notes other allowed tokens of at least this probability, the likeliest of them, but for ends. */
  alternatives?: number | undefined
}

/** The model's own view of a given completion, position by position. */
export interface TeacherForced {
  /** Log-probability of each completion token. */
  logProbabilities: number[]
  /** The token that greedy decoding would choose there. */
  greedy: Token[]
  /** Logit of the best token minus that of the second best: how clear the choice is. */
  margins: number[]
}

type Logits = { best: [Token, number][]; logTotal: number }

/** Vocabularies up to here are sorted at every token (cheap); larger ones only where the grammar refuses the best token. */
const smallVocabulary = 8_192
/** So many that the grammar hardly ever refuses them all: a hybrid model would have to read its prompt again. */
const candidates = 128
/** Of a small vocabulary: each costs some microseconds on the way, and reading a small model's prompt again costs little. */
const fewCandidates = 32

/** A loaded model, in tokens. */
export class Engine {
  readonly model: LlamaModel
  readonly parameters: number
  readonly architecture: Architecture
  readonly contextSize: number
  readonly threads: number
  readonly #sequences: LlamaContextSequence[]
  readonly #idle: Pool<LlamaContextSequence>
  readonly #vocabulary: number
  readonly #dispose: () => Promise<void>

  private constructor(model: LlamaModel, parameters: number, threads: number, contextSize: number, sequences: LlamaContextSequence[], dispose: () => Promise<void>) {
    this.model = model
    this.parameters = parameters
    this.architecture = architectureOf(model)
    this.threads = threads
    this.contextSize = contextSize
    this.#sequences = sequences
    this.#idle = new Pool(sequences)
    this.#vocabulary = (model.fileInfo.metadata?.tokenizer?.ggml?.tokens as unknown[] | undefined)?.length ?? Infinity
    this.#dispose = dispose
  }

  /** @throws InputError when the file is missing, is no GGUF, or its weights cannot be loaded */
  static async load(options: EngineOptions): Promise<Engine> {
    const modelPath = resolve(options.gguf)
    const bytes = await checkGguf(modelPath)
    const gpu = bytes >= tinyBytes
    const instance = await llama(gpu)
    const model = await instance.loadModel({ modelPath, ...(gpu ? {} : { gpuLayers: 0, ignoreMemorySafetyChecks: true }) }).catch((error: Error) => {
      throw new InputError(`The GGUF at ${options.gguf} could not be loaded (${error.message}); it may be cut off, or too large for this machine's memory. Quantize it again, or choose a smaller type.`)
    })
    try {
      const parameters = parameterCount(model)
      const threads = options.threads ?? threadsFor(parameters)
      const sequences = options.parallel ?? 1
      const contextSize = Math.min(options.contextSize ?? 4_096, model.trainContextSize)
      const context = await model.createContext({ contextSize, sequences, threads, ...(gpu ? {} : { ignoreMemorySafetyChecks: true }) })
      const pool = Array.from({ length: sequences }, () => context.getSequence({ checkpoints: { max: 1, interval: false } }))
      return new Engine(model, parameters, threads, contextSize, pool, async () => {
        await context.dispose()
        await model.dispose()
      })
    } catch (error) {
      await model.dispose()
      throw error
    }
  }

  /**
   * Tokens of an answer as the trainer writes it. SentencePiece puts a space before every text, an answer tokenized by
   * itself included; after a line feed, which is a token of its own, it does not.
   */
  answerTokens(text: string): Token[] {
    const { model } = this
    if (!spaceInFront(model) || text.startsWith(' ')) return model.tokenize(text, false)
    return model.tokenize(`\n${text}`, false).slice(model.tokenize('\n', false).length)
  }

  /** Do alternatives cost nothing more? In a small vocabulary all tokens are sorted anyway. */
  get notesAlternatives(): boolean {
    return this.#vocabulary <= smallVocabulary
  }

  /** How many tokens went through the model so far. */
  get evaluatedTokens(): number {
    return this.#sequences.reduce((sum, { tokenMeter }) => sum + tokenMeter.usedInputTokens + tokenMeter.usedOutputTokens, 0)
  }

  async close(): Promise<void> {
    await this.#dispose()
  }

  /**
   * Evaluates what all prompts begin with, once per sequence. Attention models reuse any common beginning by themselves;
   * recurrent and hybrid ones (LFM2) can only go back to a checkpoint, so one is taken here.
   */
  async keepPrefix(prefix: Token[]): Promise<void> {
    for (const sequence of this.#sequences) {
      await sequence.clearHistory()
      if (prefix.length === 0) continue
      await sequence.evaluateWithoutGeneratingNewTokens(prefix)
      await sequence.takeCheckpoint()
    }
  }

  /** Greedy decoding: at each step the most probable token that `constraint` allows. */
  async generate(prompt: Token[], { constraint, isEnd, maxTokens, start, alternatives }: GenerateOptions): Promise<Generation> {
    return this.#idle.use(async (sequence) => {
      const end = this.model.tokens.eos ?? this.model.tokens.eot
      const allows = (token: Token) => {
        if (!constraint) return true
        // llama.cpp's grammar knows its own end tokens only; a template's other stops end an answer just the same.
        return isEnd(token) ? end !== null && constraint.allows(end) : constraint.allows(token)
      }
      const generation: Generation = { tokens: [...(start?.tokens ?? [])], logProbabilities: [...(start?.logProbabilities ?? [])], ended: false, forced: false, ...(alternatives !== undefined && { alternatives: [] }) }
      for (const token of generation.tokens) constraint?.accept(token)
      const atFirst = this.notesAlternatives ? fewCandidates : alternatives === undefined ? 1 : candidates
      const all = [...prompt, ...generation.tokens]
      let input = await this.#align(sequence, all)
      for (let step = generation.tokens.length; step <= maxTokens; step++) {
        let logits = await this.#evaluate(sequence, input, atFirst)
        let chosen = logits.best.find(([token]) => allows(token))
        for (const top of [candidates, Infinity]) {
          if (chosen || logits.best.length >= top) continue
          logits = await this.#evaluate(sequence, await this.#align(sequence, all), top)
          chosen = logits.best.find(([token]) => allows(token))
        }
        generation.forced ||= chosen?.[0] !== logits.best[0]?.[0]
        if (!chosen) break
        const [token, logit] = chosen
        if (step === maxTokens && !isEnd(token)) break
        generation.logProbabilities.push(logit - logits.logTotal)
        if (alternatives !== undefined) {
          for (const [other, its] of logits.best) {
            const logProbability = its - logits.logTotal
            if (logProbability < Math.log(alternatives)) break
            if (other !== token && !isEnd(other) && allows(other)) generation.alternatives!.push({ at: step, token: other, logProbability })
          }
        }
        if (isEnd(token)) {
          generation.ended = true
          break
        }
        constraint?.accept(token)
        generation.tokens.push(token)
        all.push(token)
        input = [token]
      }
      return generation
    })
  }

  /** Scores `completion` after `prompt` in one pass. */
  async teacherForced(prompt: Token[], completion: Token[]): Promise<TeacherForced> {
    return this.#idle.use(async (sequence) => {
      const all = [...prompt, ...completion]
      const input = await this.#align(sequence, all, prompt.length - 1)
      const start = all.length - input.length
      const first = prompt.length - 1 - start
      // What follows position i is scored there; nothing follows the last one.
      const output = await sequence.controlledEvaluate(input.slice(0, -1).map((token, i) => (i < first ? token : [token, { generateNext: { totalLogitWeight: true, logits: { filter: { tokens: [input[i + 1]!], includeTop: 2 } } } }])))
      const result: TeacherForced = { logProbabilities: [], greedy: [], margins: [] }
      for (let i = first; i < input.length - 1; i++) {
        const next = output[i]!.next
        const [best, second] = [...next.logits!].sort((a, b) => b[1] - a[1]) as [[Token, number], [Token, number]]
        result.logProbabilities.push(next.logits!.get(input[i + 1]!)! - best[1] - Math.log(next.totalLogitWeight!))
        result.greedy.push(best[0])
        result.margins.push(best[1] - second[1])
      }
      return result
    })
  }

  /** Logarithms of the whole distribution after `tokens`, indexed by token. */
  async distribution(tokens: Token[]): Promise<Float64Array> {
    return this.#idle.use(async (sequence) => {
      const { best, logTotal } = await this.#evaluate(sequence, await this.#align(sequence, tokens), Infinity)
      const result = new Float64Array(best.length)
      for (const [token, logit] of best) result[token] = logit - logTotal
      return result
    })
  }

  /**
   * Log-probabilities of some tokens at each place of `completion` and after its end, in one pass.
   * @param of so many of the most probable tokens, or at each place its own
   */
  async distributions(prompt: Token[], completion: Token[], of: number | Token[][]): Promise<Map<Token, number>[]> {
    return this.#idle.use(async (sequence) => {
      const input = await this.#align(sequence, [...prompt, ...completion], prompt.length - 1)
      const first = input.length - completion.length - 1
      const output = await sequence.controlledEvaluate(input.map((token, i) => {
        if (i < first) return token
        const filter = typeof of === 'number' ? { tokens: [], includeTop: of } : { tokens: of[i - first]!, includeTop: 1 }
        return [token, { generateNext: { totalLogitWeight: true, logits: { filter } } }]
      }))
      return output.slice(first).map((place) => {
        const { logits, totalLogitWeight } = place!.next
        const logTotal = Math.max(...logits!.values()) + Math.log(totalLogitWeight!)
        return new Map([...logits!].map(([token, logit]) => [token, logit - logTotal]))
      })
    })
  }

  /** Brings the sequence to a state that `tokens` begins with, and says what is left to evaluate: from index `keep` on at least. */
  async #align(sequence: LlamaContextSequence, tokens: Token[], keep = tokens.length - 1): Promise<Token[]> {
    await sequence.adaptStateToTokens(tokens.slice(0, keep), false)
    return tokens.slice(sequence.nextTokenIndex)
  }

  async #evaluate(sequence: LlamaContextSequence, input: Token[], top: number): Promise<Logits> {
    // The one that greedy sampling selects needs no sorting. (`includeMax` of node-llama-cpp 3.22 returns nothing.)
    const logits = top === Infinity ? true : { filter: top === 1 ? { tokens: [], includeSelected: true } : { tokens: [], includeTop: top } }
    const generateNext = { totalLogitWeight: true as const, logits, options: { temperature: 0 } }
    const output = await sequence.controlledEvaluate(input.map((token, i) => (i === input.length - 1 ? [token, { generateNext }] : token)))
    const next = output.at(-1)!.next
    const best = [...next.logits!].sort((a, b) => b[1] - a[1])
    return { best, logTotal: best[0]![1] + Math.log(next.totalLogitWeight!) }
  }
}

/** Elements of all tensors; a shape is a list of numbers. */
function parameterCount(model: LlamaModel): number {
  return (model.fileInfo.tensorInfo ?? []).reduce((sum, tensor) => sum + tensor.dimensions.reduce<number>((product, size) => product * Number(size), 1), 0)
}
