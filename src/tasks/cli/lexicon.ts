import { contextFields, leaves, wordingsOf, type CliSchema } from './schema.ts'

const cached = new WeakMap<CliSchema, Set<string>>()

/** Every word by which people ask for what the schema has, in small letters. */
export function lexicon(schema: CliSchema): Set<string> {
  let words = cached.get(schema)
  if (!words) {
    const texts = leaves(schema).flatMap((leaf) => [...wordingsOf(leaf), ...[leaf, leaf.parent, ...leaf.args, ...leaf.flags].map(({ description }) => description ?? '')])
    words = new Set([schema.cli_name, schema.description ?? '', ...texts, ...contextFields(schema).map(({ path }) => path)].flatMap((text) => text.toLowerCase().match(/[a-z]+/g) ?? []))
    cached.set(schema, words)
  }
  return words
}
