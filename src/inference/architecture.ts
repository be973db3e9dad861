import type { LlamaModel } from 'node-llama-cpp'

/** What a model is built of, as its GGUF says (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md); what it does not say is left out. */
export interface Architecture {
  type: string
  layers?: number
  /** Of the hidden states, and of the feed-forward part. */
  width?: number
  feed_forward?: number
  attention_heads?: number
  /** Tokens that it was made for, and those that it knows. */
  context?: number
  vocabulary?: number
}

export function architectureOf({ fileInfo: { metadata } }: Pick<LlamaModel, 'fileInfo'>): Architecture {
  const type = String(metadata.general?.architecture ?? 'unknown')
  const own = ((metadata as Record<string, unknown>)[type] ?? {}) as Record<string, unknown>
  const tokens = metadata.tokenizer?.ggml?.tokens as unknown[] | undefined
  // Where layers differ there is a list, with 0 for those that have none of it.
  const figure = (value: unknown): number | undefined => (Array.isArray(value) ? Math.max(0, ...value.map(Number)) : value === undefined ? undefined : Number(value)) || undefined
  const found = {
    layers: figure(own.block_count), width: figure(own.embedding_length), feed_forward: figure(own.feed_forward_length), attention_heads: figure((own.attention as Record<string, unknown> | undefined)?.head_count),
    context: figure(own.context_length), vocabulary: tokens?.length,
  }
  return { type, ...Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) }
}
