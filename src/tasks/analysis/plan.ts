import { createHash } from 'node:crypto'
import { Random } from '../../teacher/random.ts'
import { endless, shares } from '../dealing.ts'
import type { Brief, PlanOptions } from '../family.ts'
import type { Kind } from './offline.ts'
import { placedEvents, statesOf, tasks, type AnalysisSchema } from './schema.ts'

/** Raised when the offline teacher or the plan would write other rows for the same schema. */
const version = 1

/** Cards in proportion to the shares of the kinds of batches, and of what is asked for. */
const kindDeck: Kind[] = ['plain', 'plain', 'plain', 'plain', 'plain', 'thread', 'thread', 'thread', 'quoted', 'quoted', 'malformed', 'incomplete', 'incomplete']
const taskDeck = [...Array.from({ length: 14 }, () => 'all'), ...tasks]

/** How many briefs a plan has unless told otherwise. */
export const usualCount = (schema: AnalysisSchema): number => 130 * statesOf(schema).length

/** What to ask the teacher for: every state as often, every event of a state as often; kinds and tasks dealt out. */
export function plan(schema: AnalysisSchema, { count = usualCount(schema), seed }: PlanOptions): Brief[] {
  const states = statesOf(schema)
  const briefs: Brief[] = []
  const { workflows: _, ...common } = schema
  shares(count, states.map(() => 1)).forEach((rows, i) => {
    const state = states[i]!
    const events = placedEvents(schema).filter((placed) => placed.state === state).map(({ event }) => event)
    shares(rows, events.map(({ wordings }) => Math.sqrt(wordings.length))).forEach((quota, j) => {
      const event = events[j]!
      const r = new Random(`${seed}/${event.name}`)
      const [nextKind, nextTask] = [endless(r, [...kindDeck]), endless(r, [...taskDeck])]
      const touched = createHash('sha256').update(JSON.stringify([event, event.after, common])).digest('hex')
      for (let ordinal = 0; ordinal < quota; ordinal++) {
        const slice = { kind: event.empty ? 'malformed' : nextKind(), state, event: event.name, task: nextTask() }
        briefs.push({ index: briefs.length, key: createHash('sha256').update(JSON.stringify([version, seed, slice, ordinal, touched])).digest('hex'), slice })
      }
    })
  })
  return briefs
}
