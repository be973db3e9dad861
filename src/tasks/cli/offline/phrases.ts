import type { Random } from '../../../teacher/random.ts'
import { escapeRegExp } from '../../../text.ts'
import type { CliSchema, Leaf } from '../schema.ts'
import { words } from './words.ts'

/**
 * A whole request of the schema, with slots: "rename <number> to <title>", "(approve|accept) <number> = --approve".
 * `<name>` is an argument's value; the target is spoken of with its noun ("pr 12", "this pr"). What follows " = " are flags and
 * values that the words themselves say. Of "(a|b)" one is said.
 */
export interface Phrase {
  text: string
  slots: string[]
  flags: string[]
  values: Record<string, string>
  /** The noun stands behind the target in the phrase itself: "the <name> label". */
  bare: boolean
}

const cached = new WeakMap<CliSchema, Map<string, Phrase[]>>()

export function phrasesOf(schema: CliSchema, leaf: Leaf): Phrase[] {
  let all = cached.get(schema)
  if (!all) cached.set(schema, (all = new Map()))
  let found = all.get(leaf.path)
  if (!found) all.set(leaf.path, (found = leaf.phrases.map((text) => read(text, leaf, words(schema, leaf)))))
  return found
}

function read(written: string, leaf: Leaf, { nouns, target, kindArg, creates }: ReturnType<typeof words>): Phrase {
  const at = written.lastIndexOf(' = ')
  let text = at < 0 ? written : written.slice(0, at)
  const flags: string[] = []
  const values: Record<string, string> = {}
  for (const said of at < 0 ? [] : written.slice(at + 3).split(/, */)) {
    const [name = '', value] = said.replace(/^--/, '').split('=')
    if (value === undefined) flags.push(name)
    else values[name] = value
  }
  const names = nouns.map(escapeRegExp).join('|')
  // "gist <id>" and "<id>" are one thing: how the target is named varies.
  if (target && !kindArg) {
    if (names) text = text.replace(new RegExp(`(?<![\\w<])(?:the )?(?:${names}) (?=<${target.name}>)`, 'gi'), '')
  }
  // A thing that is yet to be made has no noun but the phrase's own, and "the <name> label" or "a secret (called|named) <name>" has its noun.
  const bare = Boolean(target && (creates || (names && new RegExp(`<${target.name}> [(]?(?:${names})\\b|\\b(?:${names})[)]? [(][^)]*[)] <${target.name}>`, 'i').test(text))))
  const known = new Set(leaf.args.map((arg) => arg.name))
  const slots = [...text.matchAll(/<([\w-]+)>/g)].map((match) => match[1]!).filter((name) => known.has(name))
  return { text, slots, flags, values, bare }
}
