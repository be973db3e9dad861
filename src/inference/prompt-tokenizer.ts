import type { Token } from 'node-llama-cpp'
import { InputError } from '../errors.ts'
import type { Engine } from './engine.ts'
import type { PromptTemplate } from './template.ts'

/** Renders prompts from the template, in tokens. */
export class PromptTokenizer {
  /** What every prompt begins with, when keeping it evaluated is worth a checkpoint. */
  readonly kept: Token[]
  readonly #engine: Engine
  readonly #template: PromptTemplate

  constructor(engine: Engine, template: PromptTemplate) {
    this.#engine = engine
    this.#template = template
    // The last token of the prefix may merge with the text after it.
    const prefix = this.#begin(engine.model.tokenize(template.prefix, true)).slice(0, -1)
    this.kept = prefix.length >= 16 ? prefix : []
  }

  /**
   * prefix + text + suffix. Special tokens are read in the template only: text that spells one stays text.
   * (llama.cpp matches user-defined tokens, such as the schema's pieces, everywhere; those end no turn and start none.)
   * @throws InputError when no room is left for an answer
   */
  tokenize(text: string): Token[] {
    const { model, contextSize } = this.#engine
    const { prefix, suffix } = this.#template
    const plain = model.tokenize(text, false)
    const spelled = model.tokenize(text, true)
    const harmless = plain.length === spelled.length && plain.every((token, i) => token === spelled[i])
    // Tokenized as one string, as the trainer does; in three parts only where the text spells a special token.
    const tokens = this.#begin(harmless ? model.tokenize(prefix + text + suffix, true) : [...model.tokenize(prefix, true), ...plain, ...model.tokenize(suffix, true)])
    const room = contextSize - 64
    if (tokens.length > room) throw new InputError(`The question is too long for this model: ${tokens.length} tokens with its context, ${room} fit. Shorten it.`)
    return tokens
  }

  #begin(tokens: Token[]): Token[] {
    const { bos } = this.#engine.model.tokens
    return this.#template.add_bos && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens
  }
}

/** @throws InputError when the template's end of sequence is no token of the model: then no answer would ever end */
export function endTokens({ model }: Engine, template: PromptTemplate): { end: Token; isEnd: (token: Token) => boolean } {
  const [end, ...others] = model.tokenize(template.eos, true)
  if (end === undefined || others.length) {
    throw new InputError(`The prompt template ends answers with ${JSON.stringify(template.eos)}, which is no single token of this GGUF; model and template do not belong together.`)
  }
  const ends = new Set<Token>([end])
  for (const text of template.stop) {
    const tokens = model.tokenize(text, true)
    if (tokens.length === 1) ends.add(tokens[0]!)
  }
  return { end, isEnd: (token) => ends.has(token) || model.isEogToken(token) }
}
