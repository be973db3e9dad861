import { shownTable } from './cells.ts'
import type { Step, Workflow } from './document.ts'
import { ExpressionError } from './expression.ts'
import { Failure, Mistake, Run, Stopped, type Outcome } from './run.ts'
import type { WorkflowSchema } from './schema.ts'
import { handlesFailures, plainWorld, worldsFor, type Place, type World } from './tables.ts'

/** Runs a workflow in a made-up world. No network, no files, no clock. */
export function dryRun(schema: WorkflowSchema, workflow: Workflow, world: World): Outcome {
  const run = new Run(schema, workflow, world)
  const handler = workflow.steps.find((step) => run.operation(step) === 'on_error')
  try {
    if (world.failsAtOnce) throw new Failure('it fails at once')
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
  const { ended, reason } = dryRun(schema, workflow, plainWorld(schema, [workflow]))
  return ended === 'wrong' ? reason : undefined
}

/** Do both do the same in every world that can tell them apart, and wherever a step of theirs may fail? */
export function executesTheSame(schema: WorkflowSchema, one: Workflow, other: Workflow): boolean {
  const both = [one, other]
  const handled = handlesFailures(schema, both)
  const tried = new Set<Step>()
  return worldsFor(schema, both).every((world) => {
    const [a, b] = [dryRun(schema, one, world), dryRun(schema, other, world)]
    if (a.ended === 'wrong' || !alike(a, b)) return false
    return !handled || [...untried([a, b], tried)].every((failing) => alike(dryRun(schema, one, { ...world, failing }), dryRun(schema, other, { ...world, failing })))
  })
}

/** Where the steps stand that no world before came to; from now on they are tried. */
function untried(outcomes: readonly Outcome[], tried: Set<Step>): Set<Place> {
  const found = outcomes.flatMap(({ reached }) => [...reached]).filter(([step]) => !tried.has(step))
  for (const [step] of found) tried.add(step)
  return new Set(found.map(([, place]) => place))
}

/** Nobody gets the table of a run that failed: what its handler did with it is among the effects. */
const alike = (a: Outcome, b: Outcome): boolean => a.ended === b.ended && shown(a) === shown(b)
const shown = ({ effects, table, ended }: Outcome): string => JSON.stringify([effects, ended === 'done' && shownTable(table)])
