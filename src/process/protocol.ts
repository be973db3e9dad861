import { z } from 'zod'

/**
 * The protocol between the worker and every heavy child process, Python trainer or Node station alike.
 * In: one JSON spec file, its path the only argument. Out: one JSON object a line on stdout; log on stderr.
 * End of stdin means that the parent is gone: exit. SIGTERM means: checkpoint, exit 75.
 */
export const ChildExit = { done: 0, badSpec: 64, badData: 65, interrupted: 75 } as const

export const ProgressEvent = z.looseObject({
  event: z.literal('progress'),
  /** What is being done, in a person's words: "training", "scoring the test split". */
  message: z.string().optional(),
  step: z.number(),
  steps: z.number(),
  loss: z.number().optional(),
  tokens_per_second: z.number().optional(),
  eta_seconds: z.number().optional(),
  dollars: z.number().optional(),
  /** Something to look at once; it stays on the screen. */
  note: z.string().optional(),
})

/** A complete, verified checkpoint folder; `path` is local to the child. */
export const CheckpointEvent = z.looseObject({ event: z.literal('checkpoint'), step: z.number(), path: z.string() })

/** The last line of a successful child; stage-specific keys beside `event`. */
export const ResultEvent = z.looseObject({ event: z.literal('result') })

/** The last line of a failed child; `type` is a FailureType. */
export const ErrorEvent = z.looseObject({ event: z.literal('error'), type: z.string(), message: z.string() })

export const ChildEvent = z.discriminatedUnion('event', [ProgressEvent, CheckpointEvent, ResultEvent, ErrorEvent])
export type ChildEvent = z.infer<typeof ChildEvent>
export type ProgressEvent = z.infer<typeof ProgressEvent>
export type CheckpointEvent = z.infer<typeof CheckpointEvent>
