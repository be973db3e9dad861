import { shownTable } from './cells.ts'
import type { Step, Workflow } from './document.ts'
import { ExpressionError } from './expression.ts'
import { Failure, Mistake, Run, Stopped, type Outcome } from './run.ts'
import type { WorkflowSchema } from './schema.ts'
import { worldsFor, type World } from './tables.ts'

/** Runs a workflow in a made-up world. No network, no files, no clock. */
export function dryRun(schema: WorkflowSchema, workflow: Workflow, world: World): Outcome {
  const run = new Run(schema, workflow, world)
  const handler = workflow.steps.find((step) => run.operation(step) === 'on_error')
  try {
    run.steps(workflow.steps)
    return run.outcome('done')
  } catch (error) {
    if (error instanceof Stopped) return run.outcome('done')
    if (error instanceof Mistake || error instanceof ExpressionError) return run.outcome('wrong', error.message)
    if (!(error instanceof Failure)) throw error
    if (!handler) return run.outcome('failed', error.message)
    try {
      run.steps(handler.parameters.steps as Step[])
      return run.outcome('handled', error.message)
    } catch (second) {
      if (second instanceof Stopped) return run.outcome('handled', error.message)
      return run.outcome(second instanceof Failure ? 'failed' : 'wrong', (second as Error).message)
    }
  }
}

/** Why a workflow cannot be executed; undefined when it runs to its end on plain tables. */
export function whyNotExecutable(schema: WorkflowSchema, workflow: Workflow): string | undefined {
  const { ended, reason } = dryRun(schema, workflow, worldsFor(schema, [workflow])[0]!)
  return ended === 'wrong' ? reason : undefined
}

/** Do both do the same in every world that can tell them apart? */
export function executesTheSame(schema: WorkflowSchema, one: Workflow, other: Workflow): boolean {
  const worlds = worldsFor(schema, [one, other])
  return worlds.every((world) => {
    const [a, b] = [dryRun(schema, one, world), dryRun(schema, other, world)]
    return a.ended !== 'wrong' && a.ended === b.ended && JSON.stringify([a.effects, shownTable(a.table)]) === JSON.stringify([b.effects, shownTable(b.table)])
  })
}
