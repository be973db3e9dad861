import { createHash } from 'node:crypto'
import type { Row } from '../../dataset/row.ts'
import { offTopic, unclear } from '../../teacher/beside.ts'
import { choose } from '../../teacher/choose.ts'
import { withArticle } from '../../teacher/english.ts'
import { guard } from '../../teacher/noise.ts'
import { Random } from '../../teacher/random.ts'
import { asTyped } from '../../teacher/typing.ts'
import type { Brief } from '../family.ts'
import { honest } from '../orders.ts'
import { readGroup } from './offline/negatives.ts'
import { byMention } from './offline/mentions.ts'
import { phrasesOf } from './offline/phrases.ts'
import { type Meaning, request } from './offline/request.ts'
import { contextOf, type Said, say } from './offline/values.ts'
import { humanized, pluralOf, vocabulary, words } from './offline/words.ts'
import { fromContext } from './plan.ts'
import { type Arg, askable, type CliSchema, contextFields, contextValue, defaultValue, findLeaf, type Leaf } from './schema.ts'

/**
 * One example from the schema's own words and general English; no network, no model.
 * It depends on the brief's key and slice and on the seed alone, so an unchanged key is an unchanged example.
 */
export function writeOffline(schema: CliSchema, brief: Brief, seed: number): Row {
  const r = new Random(`${brief.key}/${seed}`)
  const written = brief.slice['case'] === 'positive' ? positive(schema, brief, r) : negative(schema, brief, r)
  const wording = r.split('noise')
  const { phrasing = 'plain', case: kind } = brief.slice
  const instruction = asTyped(written.text, { question: written.question, phrasing, fillers: kind !== 'unclear', slips: kind !== 'typo_ambiguity', known: vocabulary(schema) }, wording)
  return {
    id: brief.key.slice(0, 16),
    intent: createHash('sha256').update(written.free ? written.intent : `${written.intent}/${brief.slice['phrasing']}`).digest('hex').slice(0, 16),
    instruction,
    context: written.context,
    output: JSON.stringify(written.output),
    slice: brief.slice,
    source: 'offline',
  }
}

interface Written {
  text: string
  question: boolean
  context: Row['context']
  output: unknown
  /** What is meant, without its wording. */
  intent: string
  /** It holds values of its own; without any, one intent would hold a leaf's whole share, so each phrasing counts as one. */
  free: boolean
}

function positive(schema: CliSchema, brief: Brief, r: Random): Written {
  const { slice } = brief
  const [command, subcommand] = slice['command']!.split(' ')
  const leaf = findLeaf(schema, command, subcommand ?? null)!
  const uses = new Set(slice['uses'] ? slice['uses'].split(', ') : [])
  const pointed = leaf.args.filter((arg) => uses.has(fromContext(arg.name)))
  const needed = pointed.map((arg) => arg.context!)
  // What nobody names but the context would fill must not stand there when it is to be left out.
  const kept = leaf.args.filter((arg) => arg.positional && arg.context && !uses.has(arg.name) && !pointed.includes(arg)).map((arg) => arg.context!)
  const context = environment(schema, slice['context']!, needed, kept, r)
  const given = leaf.args.filter((arg) => uses.has(arg.name)).map((arg) => ({ arg, said: said(arg, r.split(arg.name)) }))
  const flags = leaf.flags.filter((flag) => uses.has(flag.name))
  const meaning: Meaning = { leaf, args: given, flags, pointed, phrasing: slice['phrasing']! }
  const { text, question } = request(schema, meaning, r.split('words'))
  const order = byMention(leaf, text)
  const args: Record<string, unknown> = {}
  for (const arg of order.args) {
    const mine = given.find((each) => each.arg === arg)
    let value: unknown
    if (mine) value = arg.repeatable ? mine.said.map((each) => each.value) : mine.said[0]!.value
    else if (pointed.includes(arg) || (arg.positional && arg.context)) {
      const found = contextValue(context, arg.context!)
      if (found !== undefined) value = arg.repeatable ? [found] : found
    }
    if (value !== undefined && value !== defaultValue(arg)) args[arg.name] = value
  }
  const output = { type: 'command', command: leaf.command, subcommand: leaf.subcommand, args, flags: order.flags.filter((flag) => flags.includes(flag)).map((flag) => flag.name), confidence: r.pick([0.9, 0.92, 0.93, 0.95, 0.95, 0.96, 0.97, 0.98]) }
  const intent = JSON.stringify([leaf.path, leaf.args.flatMap(({ name }) => (name in args ? [[name, args[name]]] : [])), flags.map((flag) => flag.name)])
  return { text, question, context, output, intent, free: Object.keys(args).length > 0 }
}

function said(arg: Arg, r: Random): Said[] {
  if (!arg.repeatable) return [say(arg, r)]
  const many = Array.from({ length: r.weighted([[1, 7], [2, 2.5], [3, 0.6]] as const) }, () => say(arg, r))
  return many.filter((each, i) => many.findIndex((other) => other.value === each.value) === i)
}

/** Context of the asked kind: with the fields that are needed, without those that would change the answer. */
function environment(schema: CliSchema, kind: string, needed: string[], kept: string[], r: Random): Row['context'] {
  const all = contextFields(schema).map((each) => each.path)
  if (kind === 'none') return null
  if (kind === 'full' && kept.length === 0) return contextOf(schema, all, r)
  const free = all.filter((path) => !needed.includes(path) && !kept.includes(path))
  const some = r.sample(free, free.length ? r.int(needed.length ? 0 : 1, Math.max(needed.length ? 0 : 1, free.length - (kept.length || needed.length === all.length ? 0 : 1))) : 0)
  return contextOf(schema, [...needed, ...some], r)
}

const clarification = (message: string, found: Leaf[], r: Random) => ({
  type: 'clarification',
  message,
  suggestions: found.map((leaf) => ({ label: honest(leaf.description) || humanized(leaf.path), command: leaf.command, subcommand: leaf.subcommand })),
  confidence: r.pick([0.3, 0.35, 0.4, 0.4, 0.45]),
})

const wantings = ['i want to', 'i need to', 'can you', 'could you', 'please', 'let me', "i'd like to", 'help me', 'how do i', "let's"]

function negative(schema: CliSchema, brief: Brief, r: Random): Written {
  const { slice } = brief
  const uses = slice['uses']!
  const plainContext = () => environment(schema, slice['context']!, [], [], r.split('context'))
  const made = (text: string, message: string, found: Leaf[], context = plainContext(), question = false): Written =>
    ({ text, question, context, output: clarification(message, found, r), intent: `${slice['case']}/${slice['command']}/${text.toLowerCase()}`, free: true })
  switch (slice['case']) {
    case 'off_topic':
      return made(offTopic(r), `I can only help with ${schema.cli_name}${honest(schema.description) ? `: ${schema.description}` : ''}.`, [])
    case 'unclear':
      return made(unclear(r), `What would you like to do with ${schema.cli_name}?`, [])
    case 'ambiguous': {
      const command = schema.commands.find((each) => each.name === slice['command'])!
      const first = command.subcommands.slice(0, 3).map((sub) => findLeaf(schema, command.name, sub.name)!)
      return made(ambiguous(schema, command.name, [humanized(command.name), ...command.synonyms], slice['phrasing']!, r), `What would you like to do with ${humanized(command.name)}?`, first)
    }
    case 'missing_required': {
      const [command, subcommand] = slice['command']!.split(' ')
      const leaf = findLeaf(schema, command, subcommand ?? null)!
      const arg = askable(leaf).find((each) => each.name === uses)!
      const context = environment(schema, slice['context']!, [], arg.context ? [arg.context] : [], r.split('context'))
      return { ...missing(schema, leaf, arg, slice['phrasing']!, r), context, output: clarification(`Which ${humanized(arg.name)}? ${honest(arg.description)}`.trim(), [leaf], r), intent: `missing/${leaf.path}/${uses}`, free: false }
    }
    case 'multiple': {
      const { how, leaves } = readGroup(schema, uses)
      return made(several(schema, how, leaves, r), `Did you mean ${leaves.map((leaf) => humanized(leaf.path)).join(' or ')}?`, leaves)
    }
    default: {
      const { how, leaves } = readGroup(schema, uses)
      return made(mistyped(schema, how, leaves, r), `Did you mean ${leaves.map((leaf) => leaf.path).join(' or ')}?`, leaves)
    }
  }
}

/** A command and no word of what to do with it. */
function ambiguous(schema: CliSchema, name: string, names: string[], phrasing: string, r: Random): string {
  const one = r.chance(0.5) ? names[r.int(0, Math.min(2, names.length - 1))]! : r.pick(names)
  const noun = r.chance(0.5) ? pluralOf(one) : one
  if (phrasing === 'command line') return r.chance(0.6) ? `${schema.cli_name} ${name}` : `${name}${r.pick(['', ' command', ' ?', ' --help', ' stuff'])}`
  return r.weighted([
    [`${one} ${r.pick(['stuff', 'things', 'thing', 'work', 'commands', 'options', 'command', 'please', 'business', 'help', 'actions', 'management', 'tasks'])}`, 5],
    [`${r.pick(['do something', 'do sth', 'work', 'help me', 'help', 'deal', 'play', 'mess around', 'i need help', 'i need something', 'what can i do', 'something', 'assist me', 'start'])} with ${r.pick(['', 'the ', 'a ', 'my ', 'some ', 'our '])}${noun}`, 7],
    [`${r.pick(wantings)} ${r.pick(['do something with', 'work with', 'use', 'manage', 'handle', 'work on', 'deal with', 'do stuff with'])} ${r.pick(['', 'the ', 'my ', 'some '])}${noun}`, 6],
    [`${r.pick(['manage', 'handle', 'use', 'about', 'regarding', 'take care of', 'deal with', 'the', 'something about', 'do'])} ${r.pick(['', 'the ', 'my '])}${noun}`, 4],
    [`${noun}${r.pick([': ', '... ', ', ', ' - ', '? '])}${r.pick(["what's possible", 'what can i do', 'what are my options', 'what now', 'how', 'help', 'whats there', 'where do i start'])}`, 2], [`${r.pick(['do', 'try', 'make', 'run', 'i need', 'perform'])} ${r.pick(['a', 'some', 'the'])} ${one} ${r.pick(['thing', 'command', 'operation', 'action', 'task', 'stuff'])}`, 2], [`${r.pick(['i would like to', 'i want to', 'i need to', 'let me', 'can i'])} ${humanized(name)}`, r.chance(0.5) ? 1.2 : 0],
    [one, 2.5], [`${schema.cli_name} ${one}`, 1.5], [`${noun}, ${r.pick(['please', 'you know', 'now', 'can you help', 'do something'])}`, 1.5], [`${r.pick(['i need', 'i have', 'it is about', "there's something about", 'i was thinking about'])} ${r.pick([withArticle(one), `the ${noun}`, 'something with ' + noun])}`, 2],
  ] as const)
}

/** A request without the value it needs, or pointing at something the context does not have. */
function missing(schema: CliSchema, leaf: Leaf, arg: Arg, phrasing: string, r: Random): { text: string; question: boolean } {
  const deictic = arg.positional && (r.chance(0.4) || !arg.required)
  const others = leaf.args.filter((each) => each !== arg && each.required && (deictic || !each.positional || r.chance(0.5)) && !(each.positional && leaf.args.indexOf(each) > leaf.args.indexOf(arg)))
  const extra = r.chance(0.2) ? leaf.args.filter((each) => !each.required && !each.positional && each.type !== 'enum') : []
  const phrases = deictic && phrasing !== 'command line' && r.chance(0.4) ? phrasesOf(schema, leaf).filter((each) => each.slots.includes(arg.name)) : []
  const phrase = phrases.length ? r.pick(phrases) : undefined
  const spoken = leaf.args.filter((each) => each !== arg && (phrase?.slots.includes(each.name) || each.name in (phrase?.values ?? {})))
  const given = [...new Set([...others, ...(extra.length ? [r.pick(extra)] : []), ...spoken])]
  const meaning: Meaning = {
    leaf,
    args: given.map((each) => ({ arg: each, said: said(each, r.split(each.name)) })),
    flags: phrase ? leaf.flags.filter((flag) => phrase.flags.includes(flag.name)) : leaf.flags.length && r.chance(0.12) ? [r.pick(leaf.flags)] : [],
    pointed: deictic ? [arg] : [],
    pointing: !arg.required,
    phrasing: deictic && phrasing === 'command line' ? 'plain' : phrasing,
  }
  const target = words(schema, leaf).target
  // A pointed argument that is not the sentence's object would be put as an option of the context; it has none.
  if (deictic && arg !== target) meaning.pointed = []
  return request(schema, meaning, r.split('words'))
}

/** One verb, several things it could be done to. */
function several(schema: CliSchema, how: string, found: Leaf[], r: Random): string {
  const first = found[0]!
  const known = found.map((leaf) => words(schema, leaf))
  const verbs = known[0]!.verbs.filter((verb) => !verb.after && known.every((each) => each.verbs.some((other) => other.before === verb.before)))
  const verb = verbs.length ? (r.chance(0.4) ? verbs[0]! : r.pick(verbs)).before : humanized(first.subcommand ?? first.command)
  const opening = r.chance(0.35) ? `${r.pick(wantings)} ` : ''
  const closing = r.chance(0.15) ? r.pick([' please', ' now', ' for me', ' quickly']) : ''
  const noun = (i: number) => known[i]!.nouns[r.chance(0.7) ? 0 : r.int(0, Math.min(2, known[i]!.nouns.length - 1))]!
  const many = known[0]!.many
  const creates = known[0]!.creates
  const all = () => r.pick(['everything', 'all', 'all of them', 'things', 'everything here', 'all things', 'it all', 'stuff', 'all the things', 'what we have', 'whatever is there'])
  const target = known[0]!.target
  const object = (): string => {
    if (how === 'named') {
      const nouns = found.map((_, i) => (many ? pluralOf(noun(i)) : noun(i)))
      const joiner = r.pick(many ? [' and ', ' or ', ' and ', ' & ', ' and the '] : [' or ', ' or the ', ' or ', ' and '])
      const listed = nouns.length > 2 ? `${nouns.slice(0, -1).join(', ')}${joiner}${nouns.at(-1)}` : nouns.join(joiner)
      if (many) return `${r.pick(['', 'all ', 'the ', 'my ', 'our ', ''])}${listed}`
      if (creates) return `${r.pick(['a ', 'a new ', 'new ', 'an '])}${listed}`.replace(/^an? (?!new)/, () => `${withArticle('x' + listed).split(' ')[0]} `)
      return `${r.pick(['the ', 'an ', '', 'that '])}${listed}`.replace(/^an /, 'a ').replace(/^a (?=[aeiou])/, 'an ') + (target?.type === 'integer' && r.chance(0.6) ? ` ${guard(String(r.int(1, 999)))}` : '')
    }
    if (how === 'value') return r.pick(['#', '', '', 'number ', 'no. ']) + guard(String(r.int(1, 2000)))
    if (how.startsWith('with ')) {
      const arg = first.args.find((each) => each.name === how.slice(5))!
      const common = { ...arg, values: arg.values?.filter((value) => found.every((leaf) => leaf.args.some((each) => each.name === arg.name && (!each.values || each.values.includes(value))))) }
      const value = say(common.values?.length ? common : arg, r)
      const lead = arg.synonyms.length ? r.pick(arg.synonyms) : humanized(arg.name)
      return r.chance(arg.type === 'enum' ? 0.5 : 0) ? `${r.pick(['everything', 'all'])} ${guard(value.words)}` : `${r.pick(['everything', 'all', 'things', 'anything', 'stuff', 'whatever is'])} ${lead} ${guard(value.words)}`
    }
    if (many) return all()
    if (creates) return r.pick(['a new one', 'one', 'something new', 'something', 'another one', 'a new thing', 'a thing', 'new stuff'])
    return r.pick(['one', 'one of them', 'the old one', 'the last one', 'the latest one', 'the first one', 'something', 'some', 'the thing', 'the newest one', 'both', 'the wrong one', 'a few'])
  }
  // The same words with a value, which fit each of them: "tell 17 that it is done".
  if (how === 'value' && target && r.chance(0.5)) {
    const others = found.slice(1).map((leaf) => new Set(phrasesOf(schema, leaf).map((each) => each.text)))
    const shared = phrasesOf(schema, first).filter((each) => each.slots.includes(target.name) && others.every((texts) => texts.has(each.text)))
    if (shared.length) {
      const number = () => r.pick(['#', '', '', 'number ']) + guard(String(r.int(1, 2000)))
      const text = choose(r.pick(shared).text, r).replace(/<([\w-]+)>/g, (_slot, name: string) => {
        const arg = first.args.find((each) => each.name === name)!
        if (arg === target) return number()
        const { words: value, loose } = say(arg, r)
        return guard(loose && r.chance(0.8) ? `"${value.replaceAll('"', '')}"` : value)
      })
      return `${opening && r.chance(0.3) ? opening : ''}${text}${closing}`
    }
  }
  if (how.startsWith('verb ')) return `${opening}${how.slice(5)} ${r.pick(['it', 'something', 'things', 'the thing', 'that', 'one', 'stuff', 'them'])}${closing}`
  return `${opening}${verb} ${object()}${closing}`.replace(/\b(the|all|a new) (?=\1\b)/g, '').replace(/\b(let me|help me) show me /, '$1 see ')
}

/** The misspelt name as it would be typed, with little around it. */
function mistyped(schema: CliSchema, written: string, found: Leaf[], r: Random): string {
  const target = found[0]!.args.find((arg) => arg.positional)
  const value = target && r.chance(0.5) ? ` ${guard(say(target, r).words)}` : ''
  const core = written + value
  return r.weighted([[core, 5], [`${schema.cli_name} ${core}`, 4], [`${r.pick(['please', 'can you', 'pls', 'i want to', 'run', 'do a', 'could you', 'just', 'ok', 'hey'])} ${core}`, 5], [`${core} ${r.pick(['please', 'now', 'thanks', 'pls', 'for me', 'quickly', 'again'])}`, 3], [`${r.pick(['i need', 'i meant', 'how do i', 'try', 'execute', 'let me'])} ${schema.cli_name} ${core}`, 2]] as const)
}

