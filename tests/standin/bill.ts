/** Opus 4.5's list price, written down a second time: the dollars shown must be those of the provider's log. */
export const billed = (log: { usage?: { input_tokens: number; output_tokens: number; cache_creation_input_tokens: number; cache_read_input_tokens: number } }[]) =>
  log.reduce((sum, { usage }) => sum + (usage ? usage.input_tokens * 5 + usage.output_tokens * 25 + usage.cache_creation_input_tokens * 6.25 + usage.cache_read_input_tokens * 0.5 : 0) / 1e6, 0)
