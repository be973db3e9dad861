import type { Row } from '../../dataset/row.ts'
import type { Problem } from '../family.ts'
import { orderProblems, plantedWords } from '../orders.ts'
import { leaves, wordingsOf, type CliSchema } from './schema.ts'

const known = new WeakMap<CliSchema, Map<string, string>>()

/** Words that stand nowhere in the schema but in descriptions that give orders, each with its description. */
function planted(schema: CliSchema): Map<string, string> {
  let found = known.get(schema)
  if (!found) {
    const all = leaves(schema)
    const params = all.flatMap(({ args, flags }) => [...args, ...flags])
    const described = [schema, ...Object.values(schema.context), ...all, ...all.map(({ parent }) => parent), ...params].map(({ description }) => description ?? '')
    found = plantedWords(described, [
      schema.cli_name,
      ...Object.entries(schema.context).flatMap(([path, { examples }]) => [path, ...examples]),
      ...all.flatMap(wordingsOf),
      ...all.flatMap(({ parent }) => parent.phrases),
      ...all.flatMap(({ args }) => args).flatMap((arg) => [arg.default ?? '', ...arg.examples, ...Object.keys(arg.value_synonyms)]),
    ])
    known.set(schema, found)
  }
  return found
}

/** Rows that hold words of orders to the teacher. */
export const checkOrders = (schema: CliSchema, row: Row): Problem[] => orderProblems(planted(schema), row)
