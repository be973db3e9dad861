import { z } from 'zod'
import { augmentationOf } from '../augment/section.ts'
import { gatesOf } from '../gates.ts'

/** Names of workflows, states, entity types, priorities, actions and patterns of the summary. */
const Name = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/)
const Text = z.string().min(1).max(2_000)
const Texts = z.array(Text).max(500)
const Pattern = z.string().min(1).max(300)

/** The parts of an analysis; each may be asked for alone. */
export const tasks = ['state', 'priority', 'summary', 'entities', 'actions'] as const
export type Task = (typeof tasks)[number]

/** Who writes the mail: a customer, or the desk that answers. */
export const sides = ['customer', 'desk'] as const

/** Ways to write one event, for the offline teacher: `{order}` is an entity, `{when}` a deadline, `[one|another|]` a choice. */
export const Wording = z.strictObject({
  by: z.enum(sides),
  implies: z.array(Name).max(4).default([]).describe('Actions that these words ask for by themselves'),
  asks: z.array(Name).max(10).default([]).describe('Actions that a further sentence may ask for'),
  says: Texts.min(1),
  subjects: Texts.default([]),
})

/** What may have happened last: the finest that an analysis tells, and a pattern of the summary. */
export const Event = z.strictObject({
  name: Name,
  description: Text,
  summary: Text.describe('The sentence of the summary: `{order}` is the first entity of the type, what stands in [brackets] falls away where the batch has none'),
  after: z.array(Name).max(20).default([]).describe('Events that mails before it in a thread may tell'),
  empty: z.boolean().default(false).describe('What a batch is in which nothing can be read; its wordings are never said'),
  wordings: z.array(Wording).min(1).max(10),
})

export const State = z.strictObject({
  name: Name,
  description: Text,
  indicators: Texts.default([]).describe('Words that speak for it'),
  events: z.array(Event).min(1).max(20),
})

export const Workflow = z.strictObject({ name: Name, description: Text, states: z.array(State).min(1).max(20) })

export const EntityType = z.strictObject({
  name: Name,
  description: Text,
  key: z.boolean().default(true).describe('Counts for completeness'),
  patterns: z.array(Pattern).max(20).default([]).describe('Regular expressions of what surely is one'),
  like: z.array(z.string().min(1).max(60)).max(100).default([]).describe('Masks of made-up values: # is a digit, @ a capital, anything else itself'),
  made: z.enum(['mask', 'quantity', 'amount', 'date', 'person', 'company']).default('mask').describe('How values are made up'),
})

export const Priority = z.strictObject({
  name: Name,
  description: Text.describe('The criterion, as people read it'),
  markers: Texts.default([]).describe('Words that settle it'),
  says: Texts.default([]).describe('Sentences that hold such words, for the offline teacher'),
  states: z.array(z.string()).max(50).default([]).describe('States that settle it, as "orders/start"'),
  deadline: z.boolean().default(false).describe('Settled where an action has a deadline'),
  nothing_asked: z.boolean().default(false).describe('Settled where no action is open'),
  otherwise: z.boolean().default(false).describe('Taken where nothing settles another'),
})

export const Action = z.strictObject({
  name: Name,
  description: Text,
  about: z.array(Name).min(1).max(10).describe('Entity types, the first that the batch has is the `what`'),
  asks: Texts.min(1).describe('How people ask for it: `{when}` is a deadline'),
})

/** How a batch becomes the few lines that a model reads. */
export const Mail = z.strictObject({
  mails: z.int().min(1).max(50).default(4).describe('The newest so many are read'),
  longest: z.int().min(80).max(20_000).default(900).describe('Characters of the whole text'),
  end: z.array(Pattern).max(100).default([]).describe('A line that matches ends the mail: quoted text or a signature follows'),
  skip: z.array(Pattern).max(100).default([]).describe('Lines that are left out'),
})

export const Sanitize = z.strictObject({
  name: Text,
  pattern: Pattern,
  by: z.string().max(40).describe('What stands there instead'),
  check: z.enum(['luhn']).optional().describe('Only numbers with this check digit'),
})

/** The levels of curriculum_config.json (`clitron inspect`) have these keys too, and may be written here as they stand there. */
export const Level = z.strictObject({
  name: Name,
  to: z.number().min(0).optional().describe('Points of the hardest batch in it (docs/families/analysis.md says how they are counted); none for the last level, which has all'),
  joins: z.number().min(0).lt(1).describe('Share of the training after which its batches join the easier ones'),
})

/** Figures of score.ts that a schema may bound. */
export const figures = {
  state: 'accuracy (state)', priority: 'priority', completeness: 'completeness (recall of key entities)', precision: 'precision of entities', recall: 'recall of all entities',
  relevance: 'relevance', coherence: 'coherence', factual_correctness: 'factual correctness', actions: 'action items', summary: 'summary',
} as const
export const Gates = gatesOf(figures)

export const AnalysisSchema = z.strictObject({
  kind: z.literal('analysis'),
  description: Text.optional(),
  mail: Mail.prefault({}),
  sanitize: z.array(Sanitize).max(50).default([]),
  workflows: z.array(Workflow).min(1).max(30),
  nothing: z.strictObject({ name: Name, description: Text, events: z.array(Event).min(1).max(20) }).describe('What belongs to none of the workflows'),
  entities: z.array(EntityType).min(1).max(30),
  priorities: z.array(Priority).min(2).max(10).describe('In the order in which they are settled'),
  actions: z.array(Action).min(1).max(60),
  small_talk: Texts.default([]).describe('Sentences that mean nothing, for the offline teacher'),
  curriculum: z.array(Level).max(10).default([]).describe('Simple batches first; the whole at once where it is left out'),
  gates: Gates.optional(),
  augmentation: augmentationOf(['values']).optional(),
  training_config: z.unknown().optional().describe('Number of examples, splits and hyperparameters; lists are a search: see docs/families/analysis.md'),
})

export type Wording = z.output<typeof Wording>
export type Event = z.output<typeof Event>
export type State = z.output<typeof State>
export type EntityType = z.output<typeof EntityType>
export type Priority = z.output<typeof Priority>
export type Action = z.output<typeof Action>
export type Level = z.output<typeof Level>
export type Sanitize = z.output<typeof Sanitize>
export type AnalysisSchema = z.output<typeof AnalysisSchema>

/** An event with the state it belongs to, as an answer names that: "orders/start", or the name of nothing. */
export interface Placed { state: string; event: Event; indicators: readonly string[] }

const known = new WeakMap<AnalysisSchema, { placed: Placed[]; states: string[]; events: Map<string, Placed> }>()

function indexed(schema: AnalysisSchema) {
  let found = known.get(schema)
  if (!found) {
    const placed = [
      ...schema.workflows.flatMap((workflow) => workflow.states.flatMap((state) => state.events.map((event): Placed => ({ state: `${workflow.name}/${state.name}`, event, indicators: state.indicators })))),
      ...schema.nothing.events.map((event): Placed => ({ state: schema.nothing.name, event, indicators: [] })),
    ]
    found = { placed, states: [...new Set(placed.map(({ state }) => state))], events: new Map(placed.map((each) => [each.event.name, each])) }
    known.set(schema, found)
  }
  return found
}

export const placedEvents = (schema: AnalysisSchema): readonly Placed[] => indexed(schema).placed
export const statesOf = (schema: AnalysisSchema): readonly string[] => indexed(schema).states
export const findEvent = (schema: AnalysisSchema, name: string): Placed | undefined => indexed(schema).events.get(name)
export const findAction = (schema: AnalysisSchema, name: string): Action | undefined => schema.actions.find((action) => action.name === name)
export const findType = (schema: AnalysisSchema, name: string): EntityType | undefined => schema.entities.find((type) => type.name === name)
