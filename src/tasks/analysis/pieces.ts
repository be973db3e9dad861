import { placedEvents, statesOf, tasks, type AnalysisSchema } from './schema.ts'
import { taskMark } from './user-text.ts'

/**
 * Strings of completions that become single tokens: each state, priority and pattern with its key, each type with the way into its first
 * value, each kind of action, each slot. What stands between them is values. Every part may open an answer of its own. Beside them the marks
 * of the tasks in the user's text.
 */
export function pieces(schema: AnalysisSchema): string[] {
  const found = new Set<string>(tasks.map(taskMark))
  const both = (piece: string) => found.add(`{${piece}`).add(`,${piece}`)
  for (const state of statesOf(schema)) found.add(`{"state":${JSON.stringify(state)}`)
  for (const { name } of schema.priorities) both(`"priority":${JSON.stringify(name)}`)
  for (const { event } of placedEvents(schema)) both(`"summary":${JSON.stringify({ pattern: event.name })}`)
  both('"summary":"')
  both('"entities":{}')
  for (const { name } of schema.entities) {
    both(`"entities":{"${name}":["`)
    found.add(`"],"${name}":["`)
  }
  found.add('"]}').add('","').add('"').add('}').add('"}]').add('}]')
  both('"actions":[]')
  for (const { name } of schema.actions) {
    both(`"actions":[{"kind":"${name}"`)
    for (const before of ['"', '']) found.add(`${before}},{"kind":"${name}"`)
  }
  for (const name of ['who', 'what', 'when']) for (const before of ['"', '']) found.add(`${before},"${name}":"`)
  return [...found]
}
