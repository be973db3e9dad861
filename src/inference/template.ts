import { z } from 'zod'

/**
 * How a prompt is rendered: `prefix` + the user's text + `suffix`, tokenized with special tokens parsed.
 * The trainer writes it into every model folder (`prompt_template.json`); nothing else renders prompts.
 */
export const PromptTemplate = z.object({
  prefix: z.string(),
  suffix: z.string(),
  /** Put the BOS token in front where the prefix does not already begin with it. */
  add_bos: z.boolean(),
  /** Texts that end an answer, each a single token of the model; the end-of-sequence token always does. */
  stop: z.array(z.string()),
  eos: z.string(),
})
export type PromptTemplate = z.infer<typeof PromptTemplate>
