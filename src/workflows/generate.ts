import type { ActivityInterfaceFor } from '@temporalio/workflow'
import type * as pipelineActivities from '../activities/pipeline.ts'
import type { Coverage } from '../activities/plan-coverage.ts'
import type { Plan } from '../plan.ts'
import type { Ref } from '../store/ref.ts'
import type { Run, StageResult } from './run.ts'

export interface GeneratedRows extends StageResult {
  /** JSONL files of accepted and rejected rows, in plan order. */
  batches: Ref[]
}

/**
 * Makes the rows that are missing, batch by batch; a batch is a range of the coverage.
 * A few batches are in flight at once, because a paid teacher mostly waits for the network.
 */
export async function generateRows({ generateBatch }: Pick<ActivityInterfaceFor<typeof pipelineActivities>, 'generateBatch'>, plan: Plan, coverage: Coverage, run: Run): Promise<GeneratedRows> {
  const batches: Ref[] = [...coverage.reused]
  const results: Awaited<ReturnType<typeof generateBatch>>[] = []
  let next = 0
  let failed = false
  const made = async () => {
    while (next < coverage.ranges.length && !failed) {
      const index = next++
      const budget = run.budget ?? plan.budget
      try {
        const result = await generateBatch(plan, { briefs: coverage.briefs, ...coverage.ranges[index]!, total: coverage.missing, budget })
        results[index] = result
        run.progress.dollars += result.dollars
      } catch (error) {
        // The others end the batch they are at, so that no answer on its way is lost, and begin no further one.
        failed = true
        throw error
      }
    }
  }
  for (const loop of await Promise.allSettled(Array.from({ length: coverage.parallel }, made))) if (loop.status === 'rejected') throw loop.reason
  batches.push(...results.map((result) => result.batch))
  return {
    batches,
    upToDate: coverage.missing === 0 || results.every((result) => result.upToDate),
    facts: { examples: coverage.total, made: coverage.missing, reused: coverage.total - coverage.missing },
  }
}
