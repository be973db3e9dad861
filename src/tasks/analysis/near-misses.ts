import type { Row } from '../../dataset/row.ts'
import { missesOf } from '../comparing.ts'
import { canonical, type ActionItem, type Answer } from './answer.ts'
import { placedEvents, statesOf, type AnalysisSchema } from './schema.ts'
import { comparison } from './score.ts'

/** Wrong answers that look right, as completions: another state, priority, event or action, a value left out, of another type or cut. `salt` picks which. */
export const nearMisses = (schema: AnalysisSchema, row: Row, salt: number): string[] =>
  missesOf(comparison(schema), row, salt, (truth) => beside(schema, truth)).map((answer) => JSON.stringify(canonical(schema, answer, false)))

function beside(schema: AnalysisSchema, truth: Answer): Answer[] {
  const { state, priority, summary, entities, actions } = truth
  const workflow = state?.split('/')[0]
  const placed = placedEvents(schema)
  const others: Answer[] = []
  if (state !== undefined) others.push(...statesOf(schema).filter((other) => other !== state && other.split('/')[0] === workflow).map((other) => ({ ...truth, state: other })))
  if (priority !== undefined) others.push(...schema.priorities.filter(({ name }) => name !== priority).map(({ name }) => ({ ...truth, priority: name })))
  if (typeof summary === 'object') others.push(...placed.filter(({ event, state: of }) => event.name !== summary.pattern && (state === undefined || of === state)).map(({ event }) => ({ ...truth, summary: { pattern: event.name } })))
  if (entities) others.push(...otherEntities(schema, entities).map((changed) => ({ ...truth, entities: changed })))
  if (actions) others.push(...otherActions(schema, actions).map((changed) => ({ ...truth, actions: changed })))
  return others
}

function otherEntities(schema: AnalysisSchema, entities: Record<string, string[]>): Record<string, string[]>[] {
  const types = schema.entities.map(({ name }) => name)
  return Object.entries(entities).flatMap(([type, values]) =>
    values.flatMap((value, i) => {
      const rest = { ...entities, [type]: values.toSpliced(i, 1) }
      const elsewhere = types.filter((other) => other !== type).map((other) => ({ ...rest, [other]: [...(entities[other] ?? []), value] }))
      const cut = value.length > 3 ? [{ ...entities, [type]: values.with(i, value.slice(0, -1)) }, { ...entities, [type]: values.with(i, value.slice(1)) }] : []
      return [rest, ...elsewhere, ...cut]
    }))
}

function otherActions(schema: AnalysisSchema, actions: readonly ActionItem[]): ActionItem[][] {
  const kinds = schema.actions.map(({ name }) => name)
  return [
    ...actions.flatMap((item, i) => [
      actions.toSpliced(i, 1),
      ...kinds.filter((kind) => kind !== item.kind).map((kind) => actions.with(i, { ...item, kind })),
      ...(['who', 'what', 'when'] as const).filter((slot) => item[slot] !== undefined).map((slot) => actions.with(i, { ...item, [slot]: undefined })),
    ]),
    ...(actions.length === 0 ? kinds.map((kind) => [{ kind } as ActionItem]) : []),
  ]
}
