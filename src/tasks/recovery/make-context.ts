import type { Row } from '../../dataset/row.ts'
import type { Random } from '../../teacher/random.ts'
import { kindOf, writeValue } from '../../teacher/values.ts'
import type { Scalar } from '../tools/json.ts'
import { fieldOf, withField } from './context.ts'
import type { RecoverySchema } from './schema.ts'

/** A made-up value of a field of the context. */
export function makeField({ contexts }: RecoverySchema, field: string, r: Random): Scalar {
  const { type, values, format, most } = contexts[field]!
  if (type === 'integer') return r.int(1, most)
  return values ? r.pick(values) : writeValue(kindOf(field, format), r)
}

/** The context with some of these fields, where they are not there yet. */
export function withSome(schema: RecoverySchema, context: Row['context'], fields: readonly string[], r: Random): Row['context'] {
  const free = fields.filter((field) => fieldOf(context, field) === undefined)
  const count = Math.min(free.length, r.weighted([[1, 4], [2, 3], [3, 1.5]] as const))
  return r.sample(free, count).reduce((out, field) => withField(out, field, makeField(schema, field, r.split(field))), context)
}
