import { resolve } from 'node:path'
import type { LlamaModel, LlamaText } from 'node-llama-cpp'
import { InputError } from '../errors.ts'
import { checkGguf } from './gguf.ts'
import { llama } from './llama.ts'
import type { PromptTemplate } from './template.ts'

/** A chat model's vocabulary and its chat template, without its weights. */
export interface ChatModel {
  /** Tokens of prompt and answer together that it was trained on. */
  contextSize: number
  /** How many tokens a text is, special ones in it read as such. */
  count(text: string): number
  /** How it is asked under a system text. @throws InputError when its chat template cannot be split around the user's text */
  template(system: string): PromptTemplate
  close(): Promise<void>
}

/** Stands for the user's text while the chat template is rendered. */
const sentinel = 'clitron-7f3a-user-text'

/** @throws InputError when the file is no GGUF, or one of a model that has no chat template (`tokenizer.chat_template`) */
export async function openChatModel(gguf: string): Promise<ChatModel> {
  await checkGguf(gguf)
  const model = await (await llama(false)).loadModel({ modelPath: resolve(gguf), vocabOnly: true, gpuLayers: 0, ignoreMemorySafetyChecks: true })
  const jinja = (model.fileInfo.metadata.tokenizer as { chat_template?: unknown } | undefined)?.chat_template
  if (typeof jinja !== 'string') {
    await model.dispose()
    throw new InputError(`Expected a chat model in ${gguf}, found no chat template in it (tokenizer.chat_template); give the GGUF of an instruction-tuned model.`)
  }
  const { JinjaTemplateChatWrapper } = await import('node-llama-cpp')
  return {
    // Without its weights, llama.cpp does not say it.
    contextSize: Number(model.fileInfo.architectureMetadata.context_length),
    count: (text) => model.tokenize(text, true).length,
    template: (system) => {
      const fail = (why: string) => new InputError(`The chat template of ${gguf} ${why}; give the GGUF of another chat model.`)
      try {
        // Thinking aloud has no place before an answer that a grammar holds to its form.
        const wrapper = new JinjaTemplateChatWrapper({ template: jinja, tokenizer: model.tokenizer, reasoning: false })
        const { contextText } = wrapper.generateContextState({ chatHistory: [{ type: 'system', text: system }, { type: 'user', text: sentinel }, { type: 'model', response: [] }] })
        return split(model, textOf(model, contextText), system, fail)
      } catch (error) {
        throw error instanceof InputError ? error : fail(`cannot be rendered (${(error as Error).message})`)
      }
    },
    close: () => model.dispose(),
  }
}

function split(model: LlamaModel, rendered: string, system: string, fail: (why: string) => InputError): PromptTemplate {
  const [prefix, suffix, ...more] = rendered.split(sentinel)
  if (prefix === undefined || suffix === undefined || more.length > 0) throw fail(`shows the user's text ${rendered.split(sentinel).length - 1} times (once was expected)`)
  if (!prefix.includes(system.trim())) throw fail('drops the system text')
  const eos = model.tokens.eosString ?? model.tokens.eotString
  if (eos === null) throw fail('belongs to a model without a token that ends an answer')
  return { prefix, suffix, add_bos: model.tokens.shouldPrependBosToken, stop: [], eos }
}

/** What the wrapper made, as text in which the special tokens are spelled. */
function textOf({ tokens }: LlamaModel, text: LlamaText): string {
  const spelled: Record<string, string | null> = { BOS: tokens.bosString, EOS: tokens.eosString, EOT: tokens.eotString, NL: '\n', SEP: null }
  return text.values.map((value) => {
    if (typeof value === 'string') return value
    const { type, value: name } = value.toJSON()
    return type === 'specialToken' ? (spelled[name] ?? '') : name
  }).join('')
}
