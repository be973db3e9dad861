import type { Row } from '../../dataset/row.ts'
import { Random } from '../../teacher/random.ts'
import { contextVariations } from './augment/index.ts'
import type { RecoverySchema } from './schema.ts'
import { validate } from './validate.ts'

/** The same words with another state, history, preference or load, each with the answer that is right there; those that a row cannot have are left out. Deterministic. */
export function otherContexts(schema: RecoverySchema, row: Row): Row[] {
  return Object.entries(contextVariations).flatMap(([name, vary]) => {
    const other = vary(schema, { ...row, accepted: undefined }, new Random(`other context/${name}/${row.instruction}`))
    return other && validate(schema, other).length === 0 ? [other] : []
  })
}
