import type { Brief, Outcome, RoundOptions } from '../family.ts'
import { moreLike, needOf, type Wanted } from '../more-like.ts'
import { coverage } from './coverage.ts'
import { aboutRules } from './plan.ts'
import { findAction, type WorkflowSchema } from './schema.ts'

/**
 * What more is to be written: a rule that was broken or wrongly told is asked about more (phase 1); of what could not be read, or does
 * something else, there are more requests for those actions (phase 2).
 */
export function reinforce(schema: WorkflowSchema, outcomes: readonly Outcome[], options: RoundOptions): Brief[] {
  return moreLike(outcomes.flatMap((outcome) => wantedFor(schema, outcome)), options)
}

function wantedFor(schema: WorkflowSchema, outcome: Outcome): Wanted[] {
  const { row, error = '' } = outcome
  const among = (slices: Record<string, string>[]) => slices.map((slice) => ({ slice, weight: needOf(outcome) / slices.length }))
  const exercised = new Set(coverage(schema, row))
  // A rule that nobody asks about can only be learned from workflows.
  const rule = schema.rules.find(({ number, questions }) => questions.length > 0 && (error === `breaks rule ${number}` || exercised.has(`rule ${number}`)))
  if (rule) return among(aboutRules.map((kind) => ({ kind, action: `rule ${rule.number}` })))
  const asked = schema.actions.find(({ name }) => exercised.has(`question ${name}`))
  if (asked) return among([{ kind: 'question', action: asked.name }])
  const reply = Object.keys(schema.replies).find((name) => exercised.has(`reply ${name}`))
  if (reply) return among([{ kind: reply }])
  // "wrong parameter: filter condition", "missing step: sort": that action went wrong, whatever the request is about.
  const named = /: (\S+)/.exec(error)?.[1]
  const kind = row.slice?.kind
  const actions = named && findAction(schema, named) ? [named] : row.slice?.action ? [row.slice.action] : schema.actions.map(({ name }) => name).filter((name) => exercised.has(`action ${name}`))
  return among(actions.map((action) => ({ ...(kind && { kind }), action })))
}
