import { conditioned, namesRight, ownBindings, propertyOf, slotValues, type Simulate } from './failure.ts'

/** Too late, too slow, too often, or at the same time as somebody else. */
export const timingIssues: Simulate = (schema, cause, attempt, r) => {
  const context = conditioned(schema, cause, attempt.context, r)
  const bindings = { ...slotValues(cause, r), ...ownBindings(attempt) }
  if (!namesRight(cause)) return { failed: attempt.command, context, bindings }
  // It takes longer than it was given.
  const { shape } = propertyOf(schema, attempt)?.node ?? {}
  if (shape?.kind !== 'number') return undefined
  const given = Number(bindings.value)
  return { failed: attempt.command, context, bindings: { ...bindings, right: given + r.pick([r.int(1, 30), 5 * r.int(1, 40), given, 60 * r.int(1, 9)]) } }
}
