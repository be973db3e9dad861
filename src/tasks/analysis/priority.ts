import type { ActionItem } from './answer.ts'
import { markersIn } from './indicators.ts'
import type { AnalysisSchema } from './schema.ts'

/** The priority that the criteria give: words settle it first, in the order of the schema; then state, deadline and open actions do. */
export function priorityOf(schema: AnalysisSchema, { text, state, actions }: { text: string; state: string; actions: readonly ActionItem[] }): string {
  const said = schema.priorities.find((priority) => markersIn(schema, priority, text).length > 0)
  const settled = said ?? schema.priorities.find(({ states, deadline, nothing_asked: nothing }) => states.includes(state) || (deadline && actions.some(({ when }) => when !== undefined)) || (nothing && actions.length === 0))
  return (settled ?? schema.priorities.find(({ otherwise }) => otherwise)!).name
}
