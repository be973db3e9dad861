import { z } from 'zod'

/** The only thing that crosses an activity's boundary for data: where it is, and what it must be. */
export const Ref = z.object({
  /** "cas:<sha256>" in the artifact store. */
  uri: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  /** What the content is: "schema", "rows", "dataset", "model", "gguf", "report" … A tree's content is its manifest. */
  kind: z.string(),
})
export type Ref = z.infer<typeof Ref>
