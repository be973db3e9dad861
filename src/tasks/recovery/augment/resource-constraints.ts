import { fieldOf, withField } from '../context.ts'
import { conditioned, ownBindings, slotValues, type Simulate } from './failure.ts'

/** Something runs short: memory, disk, quota, a package; the system is often busy then. */
export const resourceConstraints: Simulate = (schema, cause, attempt, r) => {
  let context = conditioned(schema, cause, attempt.context, r)
  const level = schema.contexts['load.level']?.values
  if (level && fieldOf(context, 'load.level') === undefined && r.chance(0.3)) context = withField(context, 'load.level', r.chance(0.6) ? level.at(-1)! : r.pick(level))
  return { failed: attempt.command, context, bindings: { ...slotValues(cause, r), ...ownBindings(attempt) } }
}
