import { plural, verbSynonyms } from '../../../teacher/english.ts'
import { type Arg, type CliSchema, type Leaf, leaves } from '../schema.ts'

/** What a leaf and its object are called. */
export interface Words {
  /** Verb phrases, the object standing between `before` and `after`: "mark" … "as ready". */
  verbs: { before: string; after: string }[]
  nouns: string[]
  /** Its answer is about many things: "list", "search". */
  many: boolean
  creates: boolean
  /** First positional when it names a class of things ("pods"): it is then the noun. */
  kindArg?: Arg | undefined
  /** The positional that says which one. */
  target?: Arg | undefined
  /** The first argument that "my" fills. */
  mine?: Arg | undefined
}

export const humanized = (name: string) => name.replace(/[-_.]+/g, ' ')
const prepositions = /^(of|on|at|for|to|from|with|in|about|into|onto|by|as|under)$/
export const startsWithPreposition = (text: string) => prepositions.test(text.split(' ')[0]!)
export const endsWithPreposition = (text: string) => prepositions.test(text.split(' ').at(-1)!)

const tails = /^(as|again|back|ready|sticky|merged|locally|up to date|out of|to the|on top|off)\b/

function split(phrase: string): Words['verbs'][number] {
  const [first = '', ...rest] = phrase.split(' ')
  const tail = rest.join(' ')
  return tails.test(tail) && !endsWithPreposition(phrase) ? { before: first, after: tail } : { before: phrase, after: '' }
}

const cached = new WeakMap<CliSchema, Map<string, Words>>()

export function words(schema: CliSchema, leaf: Leaf): Words {
  let all = cached.get(schema)
  if (!all) cached.set(schema, (all = new Map(leaves(schema).map((each) => [each.path, find(schema, each)]))))
  return all.get(leaf.path)!
}

const unique = (items: string[]) => [...new Set(items.filter(Boolean))]

function find(schema: CliSchema, leaf: Leaf): Words {
  const own = leaf.subcommand ?? leaf.command
  const siblings = leaves(schema).filter((other) => other !== leaf && (leaf.subcommand ? other.command === leaf.command : other.subcommand === null))
  const taken = new Set(siblings.flatMap((other) => [humanized(other.subcommand ?? other.command), ...other.synonyms]))
  // "search repos": the command is the verb, the subcommand the thing.
  const swapped = leaf.subcommand !== null && leaf.command in verbSynonyms && !(own in verbSynonyms) && leaf.parent.subcommands.every((sub) => !(sub.name in verbSynonyms))
  const key = swapped ? leaf.command : own
  const general = (verbSynonyms[key] ?? []).filter((verb) => swapped || !taken.has(verb))
  const phrases = leaf.synonyms.length ? unique([...leaf.synonyms, ...(leaf.synonyms.includes(key) ? [key, key, ...general] : [])]) : unique([humanized(key), ...general])
  const singular = own.replace(/s$/, '')
  const other = schema.commands.find((command) => command.name === own || command.name === singular)
  const nouns = !leaf.subcommand
    ? []
    : unique(swapped ? [humanized(singular), ...(other ? other.synonyms : []), ...leaf.synonyms] : [humanized(leaf.command), ...leaf.parent.synonyms])
  const positionals = leaf.args.filter((arg) => arg.positional)
  const first = positionals[0]
  const kindArg = first && ((!leaf.subcommand && (first.type === 'enum' || Object.keys(first.value_synonyms).length >= 3)) || /(^|-)(type|kind)$/.test(first.name)) ? first : undefined
  const many = /^(list|ls|search|find)$/.test(own) || swapped && /^(search|find|list)$/.test(leaf.command) || /^(List|Search|Find)\b/.test(leaf.description)
  return {
    verbs: (swapped ? unique([...general]) : phrases).map(split),
    nouns,
    many,
    creates: /^(create|new|add|init)$/.test(key),
    kindArg,
    target: kindArg ? positionals[1] : first,
    mine: leaf.args.find((arg) => arg.value_synonyms['@me']),
  }
}

/** An argument that only says how many of a list are wanted. */
export const isLimit = (arg: Arg) => arg.type === 'integer' && !arg.positional && /^(limit|max|count|top|num)|(limit|max-count|per-page)$/.test(arg.name)

/** Edit distance with transpositions (optimal string alignment); used to see which names a typo is near to. */
export function distance(a: string, b: string): number {
  const d = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)])
  for (let j = 0; j <= b.length; j++) d[0]![j] = j
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      d[i]![j] = Math.min(d[i - 1]![j]! + 1, d[i]![j - 1]! + 1, d[i - 1]![j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d[i]![j] = Math.min(d[i]![j]!, d[i - 2]![j - 2]! + 1)
    }
  }
  return d[a.length]![b.length]!
}

const nounForms = new Map<string, string>()
export const pluralOf = (noun: string) => {
  let found = nounForms.get(noun)
  if (found === undefined) nounForms.set(noun, (found = plural(noun)))
  return found
}

/** Every single word of the schema's names and synonyms: a typo must not turn one into another. */
const vocabularies = new WeakMap<CliSchema, Set<string>>()
export function vocabulary(schema: CliSchema): Set<string> {
  let found = vocabularies.get(schema)
  if (!found) {
    const texts = leaves(schema).flatMap((leaf) => [leaf.command, leaf.subcommand ?? '', ...leaf.parent.synonyms, ...leaf.synonyms, ...leaf.args.flatMap((arg) => [arg.name, ...(arg.values ?? [])]), ...leaf.flags.map((flag) => flag.name)])
    vocabularies.set(schema, (found = new Set(texts.flatMap((text) => text.toLowerCase().split(/[^a-z]+/)))))
  }
  return found
}
