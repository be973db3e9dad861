import { createHash } from 'node:crypto'
import { Random } from '../../teacher/random.ts'
import { share, shares } from '../dealing.ts'
import type { Brief, PlanOptions } from '../family.ts'
import { phrasings } from './offline/sentence.ts'
import type { Action, Parameter, WorkflowSchema } from './schema.ts'
import { toldAbout } from './told.ts'

/** Raised when the offline teacher or the plan would write other rows for the same schema. */
const version = 6

/** Shares of the rows. Edge cases: what fails is handled, variables, branches, long ways, odd input. */
const kinds = { single: 0.4, multi: 0.37, edge: 0.11, question: 0.05, about_actions: 0.03, choice: 0.03, off_topic: 0.035, unclear: 0.035 } as const

/** Kinds of rows that are about the language itself: a question about a rule or an action, alone, and about a rule with texts to choose from. */
export const aboutRules = ['question', 'choice'] as const
export const isAboutRules = (kind: string | undefined): boolean => aboutRules.some((each) => each === kind)

/** How much can be said of a parameter, beside one that is copied as it stands: a comparison has a column, an operator in many words, a value, and may be turned round. */
const variety: Partial<Record<Parameter['type'], number>> = { condition: 4, expression: 2 }
const varietyOf = ({ parameters }: Action): number => Math.max(1, ...parameters.map(({ type }) => variety[type] ?? 1))

const metadataCases = ['none', 'none', 'none', 'none', 'some', 'some', 'full'] as const

/** How many briefs a plan has unless told otherwise. */
export const usualCount = (schema: WorkflowSchema): number => 56 * schema.actions.length + 18 * schema.rules.length + 90 * Object.keys(schema.replies).length

/**
 * What to ask the teacher for. A brief's slice says what kind of row it is, the action it is about (as often as much can be said of it) or what
 * is asked or said instead of a request, how much metadata stands beside it, and how it is worded.
 */
export function plan(schema: WorkflowSchema, { count = usualCount(schema), seed }: PlanOptions): Brief[] {
  const briefs: Brief[] = []
  const cells: { kind: string; about: string[]; weights?: number[]; weight: number; touches: (about: string) => unknown }[] = [
    ...(['single', 'multi', 'edge'] as const).map((kind) => ({ kind, about: schema.actions.map(({ name }) => name), weights: schema.actions.map(varietyOf), weight: kinds[kind], touches: () => [schema.actions, schema.recipes, schema.metadata, schema.variables, schema.facts] })),
    ...aboutRules.map((kind) => ({
      kind, about: schema.rules.filter(({ questions }) => questions.length).map(({ number }) => `rule ${number}`), weight: kinds[kind],
      touches: (about: string) => (kind === 'choice' ? schema.rules : schema.rules.find(({ number }) => about === `rule ${number}`)),
    })),
    { kind: 'question', about: schema.actions.map(({ name }) => name).filter((name) => toldAbout(schema, name).length), weight: kinds.about_actions, touches: (about: string) => toldAbout(schema, about) },
    ...Object.entries(schema.replies).map(([kind, reply]) => ({ kind, about: ['-'], weight: (kinds.off_topic + kinds.unclear) / Object.keys(schema.replies).length, touches: () => reply })),
  ].filter(({ about }) => about.length > 0)
  const whole = cells.reduce((sum, { weight }) => sum + weight, 0)
  let planned = 0
  cells.forEach(({ kind, about, weights, weight, touches }, i) => {
    const rows = i === cells.length - 1 ? count - planned : Math.round((count * weight) / whole)
    planned += rows
    const quotas = weights ? shares(rows, weights) : about.map((_, j) => share(rows, about.length, j))
    about.forEach((action, j) => {
      const r = new Random(`${seed}/${kind}/${action}`)
      const touched = createHash('sha256').update(JSON.stringify(touches(action))).digest('hex')
      for (let ordinal = 0; ordinal < quotas[j]!; ordinal++) {
        const words = isAboutRules(kind) || action === '-'
        const slice = { kind, action, metadata: words ? 'none' : r.pick(metadataCases), phrasing: words ? 'plain' : r.pick(phrasings) }
        briefs.push({ index: briefs.length, key: createHash('sha256').update(JSON.stringify([version, seed, slice, ordinal, touched])).digest('hex'), slice })
      }
    })
  })
  return briefs
}
