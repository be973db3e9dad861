import { narrowed } from '../copying.ts'
import { leaves, type CliSchema } from './schema.ts'
import { stands } from './values.ts'

/** The grammar narrowed to values that stand in this text (the user's, as rendered); undefined where that is not worth it. */
export function copyingGrammar(schema: CliSchema, grammar: string, text: string): string | undefined {
  const meant = new Set(leaves(schema).flatMap(({ args }) => args.flatMap((arg) => (arg.type === 'enum' ? [] : Object.keys(arg.value_synonyms).filter((value) => stands(arg, value, text))))))
  return narrowed(grammar, text, [...meant])
}
