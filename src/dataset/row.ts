import { z } from 'zod'

/**
 * One example as the specification stores it, with optional bookkeeping beside it.
 * `output` is the answer as a string: JSON for structured families, text for free-text ones.
 */
export const Row = z.object({
  instruction: z.string(),
  context: z.record(z.string(), z.unknown()).nullable(),
  output: z.string(),
  /** Stable within a dataset; unique. */
  id: z.string().optional(),
  /** Lineage: every paraphrase of one intent shares it, and a split never divides it. */
  intent: z.string().optional(),
  /** What this row is an example of, for coverage counts and scores by slice, e.g. {command: "pr view", case: "positive", context: "full"}. */
  slice: z.record(z.string(), z.string()).optional(),
  /** Who wrote it; a variant is made of a row that people wrote. */
  source: z.enum(['offline', 'anthropic', 'import', 'hand', 'variant']).optional(),
  /** Other outputs that are also right. */
  accepted: z.array(z.string()).optional(),
  /** A model's answer that a person has put right: the row is also a preference of `output` over it. */
  rejected: z.string().optional(),
  /** What came along with the row that no answer hangs on, as it was found: whether the command succeeded, how long it took. Training ignores it. */
  bookkeeping: z.record(z.string(), z.json()).optional(),
  /** Golden rows only: errors of the dev half may be read, the final half is only scored. */
  part: z.enum(['dev', 'final']).optional(),
})
export type Row = z.infer<typeof Row>

/** A slot value that stands verbatim both in the input and in the answer: the trainer may replace it consistently (re-lexicalise). */
export const CopiedValue = z.object({
  value: z.string().min(1),
  /** Which values may stand in for it: word, number, path, url, quoted … (see `teacher/values.ts`). */
  kind: z.string(),
})
export type CopiedValue = z.infer<typeof CopiedValue>

/**
 * A row as the trainers read it: text only, no JSON inside JSON.
 * `text` is the user's turn as rendered by the family's `userText`; `completion` is the canonical answer without confidence.
 */
export const TrainingRow = z.object({
  id: z.string(),
  text: z.string(),
  completion: z.string(),
  copied: z.array(CopiedValue),
})
export type TrainingRow = z.infer<typeof TrainingRow>
