import type { Random } from '../../../teacher/random.ts'
import { randomWord } from '../../../teacher/values.ts'
import type { Scalar } from '../../tools/json.ts'
import { conditioned, madeUp, namesRight, ownBindings, propertyOf, slotValues, type Simulate } from './failure.ts'

/** The system has changed around the command: a file was moved, an agent stopped, a service went down, a right was taken away. */
export const contextModification: Simulate = (schema, cause, attempt, r) => {
  const context = conditioned(schema, cause, attempt.context, r)
  const bindings = { ...slotValues(cause, r), ...ownBindings(attempt) }
  if (!namesRight(cause)) return { failed: attempt.command, context, bindings }
  const property = propertyOf(schema, attempt)
  if (!property || bindings.value === undefined) return undefined
  const right = r.chance(0.6) ? nearby(String(bindings.value), r) : madeUp(property, r)
  return right === bindings.value || Object.values(attempt.command.parameters).includes(right) ? undefined : { failed: attempt.command, context, bindings: { ...bindings, right } }
}

/** Where a file may have gone: another folder, another name with the same ending, a number or a word more. */
function nearby(path: string, r: Random): Scalar {
  const [, folder = '', stem = '', ending = ''] = /^(.*\/)?([^/]*?)((?:\.[A-Za-z0-9]+)?)$/.exec(path) ?? []
  return r.weighted([
    [`${r.pick(['archive', 'old', 'docs', 'src', 'lib', 'shared', randomWord(r, 3, 6)])}/${stem}${ending}`, 3],
    [`${folder}${stem}${r.pick(['-2', '_2', '-new', '_v2', '-copy', '.1', '-final', `-${r.int(2, 99)}`])}${ending}`, 3],
    [`${folder}${randomWord(r, 4, 8)}${ending}`, 3],
  ] as const)
}
