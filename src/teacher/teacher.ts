import type { Row } from '../dataset/row.ts'
import type { Brief, TaskFamily } from '../tasks/family.ts'

export interface WriteRequest {
  /** The training's name, for the ledger. */
  training: string
  family: TaskFamily
  schema: unknown
  briefs: Brief[]
  seed: number
  /** Hard limit in dollars for the whole training; checked before every paid call. */
  budget?: number | undefined
  /** The run that asked for fresh examples: of the recorded answers only its own count, so that a crash costs nothing. */
  forcedBy?: string | undefined
  signal: AbortSignal
  onProgress: (progress: { done: number; dollars?: number; message?: string }) => void
}

export interface Written {
  /** Each row's id is its brief's key; rows are in the order of the briefs. A teacher's unreadable entry is a row whose output says so: validation rejects and counts it. */
  rows: Row[]
  /** Paid for this request, recorded answers not counted again. */
  dollars: number
}

/** Who writes examples: offline, Anthropic, or nobody (imported rows). */
export interface Teacher {
  write(request: WriteRequest): Promise<Written>
}
