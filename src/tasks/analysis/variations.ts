import type { CopiedValue } from '../../dataset/row.ts'
import type { Random } from '../../teacher/random.ts'
import { otherNumber, valueSubstitution } from '../augment/values.ts'
import type { Variations } from '../augment/variation.ts'
import { target } from './answer.ts'
import { copiedValues } from './copied-values.ts'
import { personName, valueOf } from './offline/values.ts'
import type { AnalysisSchema } from './schema.ts'

/** Mails with other numbers, names and dates. Their words are nobody's request: said otherwise, what they are about might be another. */
export const variations: Variations<AnalysisSchema> = { value_substitution: valueSubstitution({ copiedValues, target, other }) }

/** `kind` is an entity type with masks, or how values of a type are made up (copied-values.ts). */
function other(schema: AnalysisSchema, { value, kind }: CopiedValue, r: Random): string | undefined {
  if (kind === 'number') return otherNumber(value, r)
  if (kind === 'first name') return personName(r).split(' ')[0]
  const type = schema.entities.find(({ name, made }) => name === kind || made === kind)
  return type && valueOf(schema, type.name, r)
}
