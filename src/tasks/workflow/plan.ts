import { createHash } from 'node:crypto'
import { Random } from '../../teacher/random.ts'
import type { Brief, PlanOptions } from '../family.ts'
import { phrasings } from './offline/sentence.ts'
import type { WorkflowSchema } from './schema.ts'

/** Raised when the offline teacher or the plan would write other rows for the same schema. */
const version = 1

/** Shares of the rows. Edge cases: what fails is handled, variables, branches, long ways, odd input. */
const shares = { single: 0.4, multi: 0.37, edge: 0.11, question: 0.05, off_topic: 0.035, unclear: 0.035 } as const
export type Kind = 'single' | 'multi' | 'edge' | 'reply'

const metadataCases = ['none', 'none', 'none', 'none', 'some', 'some', 'full'] as const

/** How many briefs a plan has unless told otherwise. */
export const usualCount = (schema: WorkflowSchema): number => 56 * schema.actions.length + 18 * schema.rules.length + 90 * Object.keys(schema.replies).length

/**
 * What to ask the teacher for. A brief's slice says what kind of row it is, the action it is about (each as often as the others) or what is
 * asked or said instead of a request, how much metadata stands beside it, and how it is worded.
 */
export function plan(schema: WorkflowSchema, { count = usualCount(schema), seed }: PlanOptions): Brief[] {
  const briefs: Brief[] = []
  const cells: { kind: string; about: string[]; share: number; touches: (about: string) => unknown }[] = [
    ...(['single', 'multi', 'edge'] as const).map((kind) => ({ kind, about: schema.actions.map(({ name }) => name), share: shares[kind], touches: () => [schema.actions, schema.recipes, schema.metadata, schema.variables, schema.facts] })),
    { kind: 'question', about: schema.rules.filter(({ questions }) => questions.length).map(({ number }) => `rule ${number}`), share: shares.question, touches: (about: string) => schema.rules.find(({ number }) => about === `rule ${number}`) },
    ...Object.entries(schema.replies).map(([kind, reply]) => ({ kind, about: ['-'], share: (shares.off_topic + shares.unclear) / Object.keys(schema.replies).length, touches: () => reply })),
  ].filter(({ about }) => about.length > 0)
  const whole = cells.reduce((sum, { share }) => sum + share, 0)
  let planned = 0
  cells.forEach(({ kind, about, share, touches }, i) => {
    const rows = i === cells.length - 1 ? count - planned : Math.round((count * share) / whole)
    planned += rows
    about.forEach((action, j) => {
      const r = new Random(`${seed}/${kind}/${action}`)
      const quota = Math.floor(rows / about.length) + (j < rows % about.length ? 1 : 0)
      const touched = createHash('sha256').update(JSON.stringify(touches(action))).digest('hex')
      for (let ordinal = 0; ordinal < quota; ordinal++) {
        const words = kind === 'question' || action === '-'
        const slice = { kind, action, metadata: words ? 'none' : r.pick(metadataCases), phrasing: words ? 'plain' : r.pick(phrasings) }
        briefs.push({ index: briefs.length, key: createHash('sha256').update(JSON.stringify([version, seed, slice, ordinal, touched])).digest('hex'), slice })
      }
    })
  })
  return briefs
}
