import type { Row } from '../../dataset/row.ts'
import { readAnswer } from './answer.ts'
import { placedEvents, statesOf, type AnalysisSchema } from './schema.ts'

/** What of the schema a row exercises: state, event, priority, entity types and kinds of action. */
export function coverage(_schema: AnalysisSchema, row: Row): string[] {
  const { answer = {} } = readAnswer(row.output)
  return [
    ...(answer.state === undefined ? [] : [`state ${answer.state}`]),
    ...(answer.priority === undefined ? [] : [`priority ${answer.priority}`]),
    ...(typeof answer.summary === 'object' ? [`event ${answer.summary.pattern}`] : []),
    ...Object.keys(answer.entities ?? {}).map((type) => `entity ${type}`),
    ...(answer.actions ?? []).map(({ kind }) => `action ${kind}`),
  ]
}

/** Every label that `coverage` can give. */
export const coverable = (schema: AnalysisSchema): string[] => [
  ...statesOf(schema).map((state) => `state ${state}`),
  ...schema.priorities.map(({ name }) => `priority ${name}`),
  ...placedEvents(schema).map(({ event }) => `event ${event.name}`),
  ...schema.entities.map(({ name }) => `entity ${name}`),
  ...schema.actions.map(({ name }) => `action ${name}`),
]
