import { activityInfo } from '@temporalio/activity'
import type { Plan } from '../plan.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { keepForRun } from '../store/garbage.ts'
import { readSealed } from '../store/json-file.ts'
import type { Ref } from '../store/ref.ts'
import type { Brief } from '../tasks/family.ts'
import { loadSchema } from '../tasks/index.ts'
import { rowsIndexFile, type RowsIndex } from './rows-index.ts'
import { activity } from './stage.ts'

/** Rows a batch: an offline one takes well under a second, a paid one is a handful of calls. */
const batchSize = { offline: 1000, anthropic: 100, import: 1000 } as const
/** Rows a Message Batch: a hundred requests, some megabytes (100,000 and 256 are allowed). Each may take an hour, so few of them make a train; the ledger keeps what is sent and answered, so a killed worker loses none. */
const messageBatchSize = 2000
/** Each is some events of the run's history; rows that cost nothing come in larger ones. */
const mostBatches = 12

export interface Coverage {
  total: number
  missing: number
  /** Those that are missing, one a line. */
  briefs: Ref
  ranges: { from: number; to: number }[]
  /** Rows that were written already. */
  reused: Ref[]
  /** Batches that are written at once. */
  parallel: number
}

/** Lays out what has to be written: the deterministic plan, less the rows that an earlier run made for the same briefs. */
export async function planCoverage(plan: Plan): Promise<Coverage> {
  return activity('generate', async () => {
    const store = new ArtifactStore()
    const { briefs, earlier, reused, missing } = await missingBriefs(store, plan)
    // In the same batches, so that an unchanged dataset is known again.
    const unchanged = missing.length === 0 && reused.length === earlier.lines.length
    const toWrite = await store.putText(missing.map((brief) => JSON.stringify(brief)).join('\n'), 'briefs')
    const written = unchanged ? earlier.batches : reused.length ? [await store.putText(`${reused.join('\n')}\n`, 'rows')] : []
    await keepForRun(store, activityInfo().workflowExecution!.runId, 'coverage', [toWrite, ...written])
    return { total: briefs.length, missing: missing.length, briefs: toWrite, reused: written, ...batchesOf(plan, missing.length) }
  })
}

/** In which batches so many briefs are written. */
export function batchesOf({ teacher, budget }: Pick<Plan, 'teacher' | 'budget'>, missing: number): Pick<Coverage, 'ranges' | 'parallel'> {
  const paid = teacher.kind === 'anthropic'
  const inBatches = paid && teacher.batch
  const size = inBatches ? messageBatchSize : Math.max(batchSize[teacher.kind], paid ? 0 : Math.ceil(missing / mostBatches))
  return {
    ranges: Array.from({ length: Math.ceil(missing / size) }, (_, index) => ({ from: index * size, to: Math.min(missing, (index + 1) * size) })),
    // One paid batch waits for the network while the next is prepared; the offline teacher only uses the processor.
    // Side by side, Message Batches would share a budget's reserve and become many small ones.
    parallel: paid && !(inBatches && budget !== undefined) ? 4 : 1,
  }
}

interface EarlierRows {
  lines: string[]
  batches: Ref[]
}

/** The plan of what has to be written, and what of it no earlier run made: `reused` are the lines of those rows. */
export async function missingBriefs(store: ArtifactStore, plan: Plan): Promise<{ briefs: Brief[]; earlier: EarlierRows; reused: string[]; missing: Brief[] }> {
  const { family, schema } = loadSchema({ name: plan.name, file: `schemas/${plan.name}.yaml`, text: await store.readText(plan.schema) })
  const briefs = plan.teacher.kind === 'import' ? [] : family.plan(schema, { count: plan.count, seed: plan.seed })
  const earlier = plan.force ? { lines: [], batches: [] } : await earlierRows(store, plan)
  const wanted = new Set(briefs.map((brief) => brief.key))
  const reused = earlier.lines.map((line) => ({ line, key: (JSON.parse(line) as { id: string }).id })).filter(({ key }) => wanted.has(key))
  const have = new Set(reused.map(({ key }) => key))
  return { briefs, earlier, reused: reused.map(({ line }) => line), missing: briefs.filter((brief) => !have.has(brief.key)) }
}

async function earlierRows(store: ArtifactStore, plan: Plan): Promise<EarlierRows> {
  const index = await readSealed<RowsIndex>(rowsIndexFile(store, plan))
  if (!index || !(await Promise.all([index.rows, ...index.batches].map((ref) => store.has(ref)))).every(Boolean)) return { lines: [], batches: [] }
  return { lines: (await store.readText(index.rows)).split('\n').filter(Boolean), batches: index.batches }
}
