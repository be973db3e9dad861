import { createHash } from 'node:crypto'
import { Random } from '../../teacher/random.ts'
import { endless, shares } from '../dealing.ts'
import type { Brief, PlanOptions } from '../family.ts'
import type { Kind } from './offline.ts'
import { placedEvents, statesOf, tasks, type AnalysisSchema, type Placed } from './schema.ts'

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
  const quotas = shares(count, states.map(() => 1)).flatMap((rows, i) => {
    const events = placedEvents(schema).filter(({ state }) => state === states[i])
    return shares(rows, events.map(({ event }) => Math.sqrt(event.wordings.length))).map((quota, j) => ({ ...events[j]!, quota }))
  })
  return briefsOf(schema, quotas, seed)
}

/** So many briefs of each event. @param round above 0: other examples than those of the rounds before */
export function briefsOf(schema: AnalysisSchema, quotas: readonly (Placed & { quota: number })[], seed: number, round = 0): Brief[] {
  const briefs: Brief[] = []
  // What the trainer reads, and what the evaluation demands, changes no example.
  const { workflows: _, gates: __, training_config: ___, augmentation: ____, ...common } = schema
  for (const { event, state, quota } of quotas) {
    const r = new Random(round === 0 ? `${seed}/${event.name}` : `${seed}/${event.name}/${round}`)
    const [nextKind, nextTask] = [endless(r, [...kindDeck]), endless(r, [...taskDeck])]
    const touched = createHash('sha256').update(JSON.stringify([event, event.after, common])).digest('hex')
    for (let ordinal = 0; ordinal < quota; ordinal++) {
      const slice = { kind: event.empty ? 'malformed' : nextKind(), state, event: event.name, task: nextTask() }
      briefs.push({ index: briefs.length, key: createHash('sha256').update(JSON.stringify([version, seed, slice, ordinal, touched, ...(round === 0 ? [] : [round])])).digest('hex'), slice })
    }
  }
  return briefs
}
