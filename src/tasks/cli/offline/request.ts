import { gerund, numberWord, pastParticiple, withArticle } from '../../../teacher/english.ts'
import { guard } from '../../../teacher/noise.ts'
import type { Random } from '../../../teacher/random.ts'
import type { Arg, CliSchema, Flag, Leaf } from '../schema.ts'
import { markedValue, markedWords } from './mentions.ts'
import { choose, type Phrase, phrasesOf } from './phrases.ts'
import type { Said } from './values.ts'
import { endsWithPreposition, humanized, isLimit, pluralOf, startsWithPreposition, words } from './words.ts'

/** What has to be said, before it is put into words. */
export interface Meaning {
  leaf: Leaf
  args: { arg: Arg; said: Said[] }[]
  flags: Flag[]
  /** Argument taken from the context, and whether a word points at it ("this") or nothing does. */
  pointed: Arg[]
  phrasing: string
  /** Only words that point ("this", "current") will do: "the pull request" alone would mean no number. */
  pointing?: boolean
}

interface Sentence { text: string; question: boolean }

const compact = (...parts: (string | undefined)[]) => parts.filter(Boolean).join(' ').replace(/ +/g, ' ').replace(/\b(the|a|my|this) (?=\1\b)/gi, '').replace(/\bthe (?=(our|my|all) )/gi, '').replace(/ ([,?:])/g, '$1').trim()

/** The request as a sentence; values stand between guards (teacher/noise.ts), and marks say where each option is named (mentions.ts). */
export function request(schema: CliSchema, meaning: Meaning, r: Random): Sentence {
  if (meaning.phrasing === 'command line') return { text: commandLine(schema, meaning, r), question: false }
  return new Wording(schema, meaning, r).sentence()
}

class Wording {
  readonly schema: CliSchema
  readonly meaning: Meaning
  readonly r: Random
  readonly words: ReturnType<typeof words>
  readonly noun: string
  /** What is said about the target after all else. */
  aside: string | undefined

  constructor(schema: CliSchema, meaning: Meaning, r: Random, noun?: string) {
    this.schema = schema
    this.meaning = meaning
    this.r = r
    this.words = words(schema, meaning.leaf)
    const { nouns } = this.words
    // The first names are the usual ones.
    this.noun = noun ?? (nouns.length ? (r.chance(0.65) ? nouns[Math.min(r.int(0, 2), nouns.length - 1)]! : r.pick(nouns)) : '')
  }

  sentence(): Sentence {
    const { text, question } = this.whole()
    if (this.aside) return { text: text.replace(/[.?!]?$/, '') + this.aside, question }
    const target = this.words.target
    if (target?.context && !this.meaning.pointed.includes(target) && this.meaning.args.some(({ arg }) => arg === target) && this.r.chance(0.04)) return { text: `${text.replace(/[.?!]?$/, '')}${this.r.pick([', not this one', ', not the current one', ', not mine', ' (not this one)', ' instead of this one'])}`, question }
    return { text, question }
  }

  whole(): Sentence {
    const phrase = this.phrase()
    if (phrase) return this.fixed(phrase)
    const named = this.subject()
    const taken = new Set(named.consumed)
    const verb = this.verb()
    const details = this.details(taken)
    return this.wrap(compact(verb.before, joined(verb.before, named.text)), verb.after, details, /^(what|which|who|where|how)\b/.test(verb.before), false, { ...named, verb })
  }

  /** A whole phrase of the schema whose slots, flags and values are all meant, when chance wants one; the more it says, the likelier. */
  phrase(): Phrase | undefined {
    const { r, meaning, words: known } = this
    if (meaning.phrasing === 'noun first' && r.chance(0.5)) return undefined
    const target = known.target
    const pointed = target && meaning.pointed.includes(target)
    const given = new Map(meaning.args.map(({ arg, said }) => [arg.name, said]))
    const fitting = phrasesOf(this.schema, meaning.leaf).filter((phrase) => {
      const says = (name: string) => phrase.slots.includes(name) || name in phrase.values
      if (target && (pointed || given.has(target.name)) && (!says(target.name) || (pointed && phrase.bare))) return false
      return phrase.slots.every((name) => given.has(name) || (pointed && name === target.name))
        && phrase.flags.every((name) => meaning.flags.some((flag) => flag.name === name))
        && Object.entries(phrase.values).every(([name, value]) => given.get(name)?.length === 1 && String(given.get(name)![0]!.value) === value)
        && meaning.args.every(({ arg }) => !arg.positional || says(arg.name))
    })
    if (fitting.length === 0) return undefined
    const weight = (phrase: Phrase) => 1 + 2 * (phrase.flags.length + Object.keys(phrase.values).length + phrase.slots.filter((name) => name !== target?.name).length)
    const many = fitting.some((phrase) => weight(phrase) > 1)
    const bare = fitting.length > 2 ? 0.4 : 0.25
    if (!r.chance(this.words.verbs.length === 0 || this.meaning.leaf.synonyms.length === 0 ? 0.75 : many ? 0.55 : bare)) return undefined
    return r.weighted(fitting.map((phrase) => [phrase, weight(phrase)] as const))
  }

  /** The request in the words of a phrase, what it does not say after it. */
  fixed(phrase: Phrase): Sentence {
    const { r, meaning, words: known } = this
    const chosen = choose(phrase.text, r)
    // A slot inside "(a|b)" is said only where it was chosen.
    const says = (arg: Arg) => chosen.includes(`<${arg.name}>`) || arg.name in phrase.values
    const consumed = new Set([...meaning.args.filter(({ arg }) => says(arg)).map(({ arg }) => arg), ...meaning.pointed.filter(says)])
    const rest = { ...meaning, flags: meaning.flags.filter((flag) => !phrase.flags.includes(flag.name)), pointed: meaning.pointed.filter((arg) => !consumed.has(arg) || arg === known.target) }
    const last = [...chosen.matchAll(/<([\w-]+)>\W*$/g)].at(-1)?.[1]
    const nothingLeft = rest.flags.length === 0 && rest.pointed.every((arg) => arg === known.target) && meaning.args.every(({ arg }) => consumed.has(arg))
    const mine = (name: string) => meaning.args.some(({ arg, said }) => arg.name === name && said[0]!.value === '@me')
    const text = chosen.replace(/<([\w-]+)>'s\b/g, (slot, name: string) => (mine(name) ? 'my' : slot)).replace(/<([\w-]+)>/g, (slot, name: string) => {
      const arg = meaning.leaf.args.find((each) => each.name === name)
      if (!arg) return slot
      if (arg === known.target && !known.kindArg && !known.many && !phrase.bare) return this.subject().text
      const said = meaning.args.find((each) => each.arg === arg)?.said
      if (!said) return arg === known.target ? this.subject().text : slot
      const values = said.map((each) => this.spoken(each, arg, nothingLeft && name === last))
      return values.length < 2 ? values[0]! : `${values.slice(0, -1).join(', ')}${r.pick([' and ', ', ', ' & '])}${values.at(-1)!}`
    })
    const question = /^(what|which|who|where|how|why|any|is|are|am|did|do|does|can|has|have|was|were)\b/i.test(text) && !/^how about/.test(text)
    return this.wrap(text, '', new Wording(this.schema, rest, r, this.noun).details(consumed), question, true)
  }

  verb() {
    const { verbs } = this.words
    const { r } = this
    if (verbs.length === 0) return { before: humanized(this.meaning.leaf.subcommand ?? this.meaning.leaf.command), after: '' }
    return r.chance(0.35) ? verbs[Math.min(r.int(0, 2), verbs.length - 1)]! : r.pick(verbs)
  }

  /** The noun with what stands around it, the arguments said by it, and whether it says nothing that a fixed phrase could not. */
  subject(): { text: string; consumed: Arg[]; free: boolean; bare: string } {
    const { r, meaning, words: known, noun } = this
    const given = (arg: Arg | undefined) => meaning.args.find((each) => each.arg === arg)
    const consumed: Arg[] = []
    const kind = given(known.kindArg)
    let thing = noun
    if (kind) {
      consumed.push(kind.arg)
      thing = kind.said.map((said) => markedValue(meaning.leaf, kind.arg, said.words)).join(r.chance(0.7) ? ',' : ' and ')
    }
    const which = given(known.target)
    if (which) {
      consumed.push(which.arg)
      return { ...this.one(thing, which.arg, which.said, Boolean(kind)), consumed, free: false }
    }
    if (known.target && meaning.pointed.includes(known.target)) {
      const text = thing
        ? r.weighted([[`this ${thing}`, 5], [`the current ${thing}`, 4], [`my ${thing}`, meaning.pointing ? 0 : 2], [`the ${thing}`, meaning.pointing ? 0 : 3], [`my current ${thing}`, 1], [`that ${thing}`, 1], ['it', this.pointable() ? 2.5 : 0], ['this', this.pointable() ? 2 : 0], ['this one', this.pointable() ? 0.8 : 0], ['the current one', this.pointable() ? 0.6 : 0], ['that', this.pointable() ? 0.4 : 0], ['that one', this.pointable() ? 0.3 : 0]] as const)
        : r.pick(['this', 'it', 'this one'])
      return { text, consumed, free: false, bare: text }
    }
    if (known.many) {
      const named = this.several(thing, consumed)
      return { ...named, consumed, free: consumed.length === 0 }
    }
    if (!thing) return { text: '', consumed, free: true, bare: '' }
    if (kind) {
      const text = r.weighted([[thing, 8], [`the ${thing}`, 2], [`all ${thing}`, 1.5], [`all the ${thing}`, 1]] as const)
      return { text, consumed, free: false, bare: thing }
    }
    const adjectives = known.creates ? ['new '] : ['']
    const bare = known.creates && r.chance(0.4) ? `new ${thing}` : thing
    const text = known.creates
      ? r.weighted([[withArticle(thing), 5], [`a new ${thing}`, 5], [thing, 2], [`new ${thing}`, 2], [`another ${thing}`, 0.7]] as const)
      : r.weighted([[`the ${thing}`, 5], [thing, 4], [withArticle(thing), known.target ? 2 : 0], [`my ${thing}`, known.target?.required ? 0 : 0.7]] as const)
    return { text, consumed, free: adjectives.length > 0, bare }
  }

  /** "pr 12", "the bug label", "an issue called …". */
  one(thing: string, arg: Arg, said: Said[], classed: boolean): { text: string; bare: string } {
    const { r } = this
    const values = said.map((each) => this.spoken(each, arg, false))
    const value = values.join(r.pick([' and ', ', ', ' ']))
    if (!thing) {
      const lead = r.pick(arg.synonyms.length ? ['', ...arg.synonyms] : [''])
      return { text: compact(lead, value), bare: value }
    }
    if (this.words.many && !classed) {
      const several = pluralOf(thing)
      const lead = r.pick(arg.synonyms.filter(Boolean).length ? arg.synonyms.filter(Boolean) : ['for', 'about', 'matching'])
      return { text: r.chance(0.15) ? `${value} ${several}` : compact(r.chance(0.1) ? 'the' : '', several, lead, value), bare: `${several} ${lead} ${value}` }
    }
    if (arg.type === 'integer') {
      if (this.aside === undefined && !this.unique() && r.chance(0.07)) {
        this.aside = this.named(thing)
        return { text: r.pick(['', '#', 'number ']) + value, bare: value }
      }
      const text = r.weighted([[`${thing} ${value}`, 8], [`${thing} #${value}`, 4], [`${thing} number ${value}`, 1.5], [`#${value}`, this.unique() ? 2 : 0], [value, this.unique() ? 2.5 : 0], [`the ${thing} ${value}`, 0.7], [`${thing} no. ${value}`, 0.3], [`${thing} with number ${value}`, 0.3], [`${thing}#${value}`, 0.3], [`number ${value}`, this.unique() ? 0.5 : 0]] as const)
      return { text, bare: text }
    }
    if (this.aside === undefined && !classed && !this.words.creates && said.every((each) => !each.loose) && r.chance(0.05)) {
      this.aside = this.named(thing)
      return { text: value, bare: value }
    }
    const leads = arg.synonyms.filter((lead) => lead && !/^(the|all the|of type)$/.test(lead))
    const lead = leads.length ? r.pick(leads) : r.pick(['named', 'called'])
    const short = !value.includes(' ') && said.length === 1
    const article = this.words.creates ? withArticle(thing) : `the ${thing}`
    const text = r.weighted([
      [`${thing} ${value}`, classed ? 10 : 4], [`the ${thing} ${value}`, 2], [`the ${value} ${thing}`, short && !this.words.creates ? 3 : 0], [`${value} ${thing}`, short ? (classed ? 3 : 0.6) : 0], [value, classed || meaningless(this.meaning.phrasing) ? 0 : leads.length === arg.synonyms.length && leads.length ? 0 : 4],
      [`${this.words.creates && r.chance(0.5) ? 'a new ' + thing : article} ${lead} ${value}`, this.words.creates ? 8 : 2], [`${thing} ${lead} ${value}`, this.words.creates ? 2 : 1], [`${thing}: ${value}`, this.words.creates ? 1 : 0.1],
    ] as const)
    return { text, bare: `${thing} ${value}` }
  }

  /** What kind of thing a bare value was, said afterwards. */
  named(thing: string): string {
    return this.r.pick([`, the ${thing} i mean`, ` (${thing})`, ` (the ${thing})`, `, it's ${withArticle(thing)}`, ` (that's ${withArticle(thing)})`, `, the ${thing}`, ` - ${thing}`, `, ${thing} that is`])
  }

  /** "my open prs", "the last 5 issues". */
  several(thing: string, consumed: Arg[]): { text: string; bare: string } {
    const { r, meaning } = this
    const before: string[] = []
    let many = thing ? pluralOf(thing) : ''
    let article = r.weighted([['', 6], ['the', 2], ['all', 0.8], ['all the', 0.8], ['our', 0.3]] as const) as string
    for (const { arg, said } of meaning.args) {
      const only = said.length === 1 ? said[0]! : undefined
      if (!only || arg.positional) continue
      if (isLimit(arg) && !article.includes('my') && r.chance(0.4)) {
        const value = Number(only.value)
        const spelled = markedValue(meaning.leaf, arg, value > 1 && r.chance(0.12) ? numberWord(value) ?? only.words : only.words)
        article = r.pick([`the last ${spelled}`, `the first ${spelled}`, `top ${spelled}`, `the latest ${spelled}`, spelled, `the top ${spelled}`, `last ${spelled}`, `just ${spelled}`, `only ${spelled}`, `first ${spelled}`, `the most recent ${spelled}`])
        if (value === 1) many = thing
        consumed.push(arg)
      } else if (arg === this.words.mine && only.value === '@me' && r.chance(0.7)) {
        const counted = consumed.some(isLimit) ? article.replace(/^the /, '') : ''
        article = counted ? `my ${counted}` : r.pick(['my', 'my', 'my', 'my own', 'all my'])
        consumed.push(arg)
      } else if (arg.type === 'enum' && /^(state|status|visibility|type|kind)$/.test(arg.name) && !/^(all|any|none)\b/.test(String(only.value)) && only.words.split(' ').length <= 2 && r.chance(0.6)) {
        before.push(markedValue(meaning.leaf, arg, only.words))
        consumed.push(arg)
      } else if (arg.type === 'enum' && /^(all|any)$/.test(String(only.value)) && /^(state|status|visibility)$/.test(arg.name) && r.chance(0.3)) {
        many = `${many} ${r.pick(['in any ' + arg.name, 'regardless of ' + arg.name, 'whatever the ' + arg.name])}`
        consumed.push(arg)
      }
    }
    const bare = compact(...before, many)
    return { text: compact(article, bare), bare }
  }

  spoken(said: Said, arg: Arg, last: boolean): string {
    const { r } = this
    const quote = r.weighted([['"', 6], ["'", 4], ['`', 0.3]] as const)
    const value = (text: string) => markedValue(this.meaning.leaf, arg, text)
    if (arg.type === 'integer' || arg.type === 'enum' || said.words !== said.value) return value(said.words)
    const wrap = said.loose ? !last || r.chance(0.5) : r.chance(0.12)
    return value(wrap && !String(said.value).includes(quote) ? `${quote}${said.words}${quote}` : said.words)
  }

  /** Everything not yet said: options and flags in random order, free text last. */
  details(consumed: Set<Arg>): string {
    const { r, meaning } = this
    const parts = r.shuffle([
      ...meaning.args.filter((each) => !consumed.has(each.arg)).map((each) => ({ loose: each.said.some((said) => said.loose), write: (last: boolean) => this.option(each.arg, each.said, last) })),
      ...meaning.pointed.filter((arg) => arg !== this.words.target).map((arg) => ({ loose: false, write: () => markedWords(meaning.leaf, arg, this.pointedOption(arg)) })),
      ...meaning.flags.map((flag) => ({ loose: false, write: () => markedWords(meaning.leaf, flag, this.flag(flag)) })),
    ]).sort((a, b) => Number(a.loose) - Number(b.loose))
    const texts = parts.map((part, i) => part.write(i === parts.length - 1))
    return texts.reduce((text, next, i) => {
      if (i === 0) return next
      if (next.startsWith('and ')) return r.chance(0.2) ? `${text}, ${next}` : `${text} ${next}`
      return `${text}${r.weighted([[' ', 12], [', ', 2.5], [' and ', 3]] as const)}${next}`
    }, '')
  }

  option(arg: Arg, said: Said[], last: boolean): string {
    const { r, meaning } = this
    const values = said.map((each, i) => this.spoken(each, arg, last && i === said.length - 1))
    const name = humanized(arg.name)
    const explicit = [`with ${name}`, name, `${name}:`, `with the ${name}`, `using ${name}`]
    const terse = [name, `${name}:`, name, `--${arg.name}`]
    const leads = arg.synonyms.filter((lead) => lead || arg.positional)
    const precise = meaning.phrasing === 'precise' ? 0.5 : meaning.phrasing === 'terse' ? 0.35 : 0.08
    const lead = leads.length === 0 || r.chance(precise) ? r.pick(meaning.phrasing === 'terse' ? terse : explicit) : r.pick(leads)
    if (values.length === 1) {
      if (isLimit(arg) && r.chance(0.12)) return r.pick([`${values[0]} of them`, `limit ${values[0]}`, `limit to ${values[0]}`, `max ${values[0]}`, `${values[0]} max`, `only ${values[0]}`, `at most ${values[0]}`, `${values[0]} results`, `${values[0]} entries`, `no more than ${values[0]}`])
      const spelled = arg.type === 'integer' && Number(said[0]!.value) > 1 ? numberWord(Number(said[0]!.value)) : undefined
      if (spelled && r.chance(0.06)) return compact(lead, markedValue(meaning.leaf, arg, spelled))
      return lead.endsWith(':') || r.chance(0.97) ? compact(lead, values[0]) : `${lead}: ${values[0]}`
    }
    if (r.chance(0.25)) return compact(r.pick([pluralOf(name), `with ${pluralOf(name)}`, `${pluralOf(name)}:`]), values.slice(0, -1).join(', ') + r.pick([' and ', ', ', ' & ']) + values.at(-1)!)
    return r.chance(0.8) ? compact(lead, values.slice(0, -1).join(', ') + r.pick([' and ', ', ', ' and ']) + values.at(-1)!) : values.map((value) => compact(lead, value)).join(' and ')
  }

  /** "in this namespace", "from the current branch". */
  pointedOption(arg: Arg): string {
    const { r } = this
    const lead = r.pick([...arg.synonyms.filter((each) => endsWithPreposition(each) || each.endsWith(humanized(arg.name))), `with ${humanized(arg.name)}`])
    const noun = humanized(arg.context!.split('.')[1]!).replace(/^(current|repo) /, '')
    const words = lead.split(' ')
    if (words.at(-1) === noun) words.pop()
    if (words.at(-1) === 'the') words.pop()
    return compact(words.join(' ') || r.pick(['for', 'on', 'in']), r.pick(['this', 'the current', 'my current', 'my', 'current']), noun)
  }

  flag(flag: Flag): string {
    const { r, meaning } = this
    const name = humanized(flag.name)
    const own = r.chance(meaning.phrasing === 'precise' ? 0.35 : 0.1)
    if (flag.synonyms.length && !own) return r.pick(flag.synonyms)
    const description = (flag.description ?? '').split(/[.;(,]/)[0]!.trim()
    const said = description && description.split(' ').length <= 7 && /^[A-Z][a-z]+ [a-z]/.test(description) ? description[0]!.toLowerCase() + description.slice(1) : ''
    return r.weighted([[`with ${name}`, 3], [name, 2], [`--${flag.name}`, 1], [`and ${said}`, said ? 3 : 0]] as const)
  }

  /** The text begins with a verb that one can want, let or please. */
  imperative(text: string): boolean {
    const [first = '', second] = text.toLowerCase().split(' ')
    if (second === 'me' && !/^(get|give)$/.test(first)) return false
    return commonVerbs.has(first) || this.words.verbs.some(({ before }) => before.split(' ')[0] === first)
  }

  /** No other leaf shares this one's main verb with a numbered target, so that the noun may be left out. */
  unique(): boolean {
    const own = this.meaning.leaf
    const name = own.subcommand
    return name !== null && this.schema.commands.every((command) => command.name === own.command || !command.subcommands.some((sub) => sub.name === name))
  }

  /** "it" can only be this leaf's target: no other leaf of the same verb takes its target from the context, or has one at all. */
  pointable(): boolean {
    const { leaf } = this.meaning
    if (!this.words.target?.context) return this.unique()
    return leaf.subcommand !== null && this.schema.commands.every((command) => command.name === leaf.command || !command.subcommands.some((sub) => sub.name === leaf.subcommand && sub.args.some((arg) => arg.positional && arg.context)))
  }

  /** Puts the sentence around verb, object and details, as the phrasing asks. */
  wrap(core: string, after: string, details: string, isQuestion: boolean, isPhrase: boolean, named?: { text: string; bare: string; verb: { before: string; after: string } }): Sentence {
    const { r, meaning, words: known } = this
    // Nobody wants to "show me" something themselves.
    const own = ['want', 'question', 'indirect'].includes(meaning.phrasing) ? core.replace(/^(show|give) me /, () => r.pick(['see ', 'get ', 'have ', 'list ', 'see '].slice(0, known.many ? 5 : 2))) : core
    const plain = compact(own, after, details)
    const say = (text: string, question = false): Sentence => ({ text: compact(text), question })
    const finite = /^(gimme|let|i |i'|the |any |no |new\b|where|who|am |is |are |does |do i|my |our |status of|what|which|how|details|logs\b|overview|full |summary)/i.test(core)
    if (isQuestion) return say(plain, true)
    const loose = isPhrase && !this.imperative(core)
    if ((finite || loose) && meaning.phrasing !== 'terse' && meaning.phrasing !== 'noun first') return say(r.chance(0.3) ? `${r.pick(['hey', 'ok', 'so', 'tell me', 'i need'])} ${plain}` : plain)
    switch (meaning.phrasing) {
      case 'question':
        if (known.many && named && !isPhrase) {
          const bare = named.bare
          const verbless = named.text.startsWith('my') ? named.text : bare
          return say(r.weighted([
            [`what ${verbless} ${r.pick(['are there', 'do we have', 'exist', 'are there', 'do i have'])} ${details}`, named.text === bare || named.text === `the ${bare}` || named.text.startsWith('my ') ? 4 : 0], [`which ${bare} are ${details}`, details && /^\w+(ed|ing)? ?(by|to|with|as|in|into|from|on)?\b/.test(details) && !/^(that|which|with|only|at most|max|up|limit|and|search|match|contain|just|no|label|has|have|state|sort|order|drafts)/.test(details) && named.text === bare ? 5 : 0],
            [`what are ${named.text.startsWith('my') || named.text.startsWith('the') ? named.text : 'the ' + bare} ${details}`, named.text === bare || /^(my|the) /.test(named.text) ? 3 : 0], [`are there any ${bare} ${details}`, named.text === bare ? 4 : 0], [`can i see ${named.text} ${details}`, 2], [`do we have ${named.text === bare ? 'any ' : ''}${named.text} ${details}`, named.text === bare ? 2 : 0], [`where are ${named.text} ${details}`, named.text.startsWith('my') ? 2 : 0], [`could you ${plain}`, 1],
          ] as const), true)
        }
        return say(r.weighted([[`can i ${plain}`, 2], [`can you ${plain}`, 4], [`how do i ${plain}`, 3], [`how can i ${plain}`, 2], [`could we ${plain}`, 1], [`can we ${plain}`, 2], [`what's the command to ${plain}`, 1], [`is it possible to ${plain}`, 0.6], [`how to ${plain}`, 2], [`could you ${plain}`, 2]] as const), true)
      case 'want':
        return say(`${r.weighted([['i want to', 5], ['i need to', 5], ["i'd like to", 4], ['i would like to', 1], ['i wanna', 2], ['we need to', 2], ['gotta', 1], ['i have to', 2], ['let me', 3], ['we should', 1], ['help me', 2], ['i need you to', 2], ['i want you to', 1], ['need to', 3], ['want to', 2], ['trying to', 1], ["i'm trying to", 1]] as const)} ${plain}`)
      case 'polite': {
        const opening = r.weighted([['please', 5], ['can you', 4], ['could you', 4], ['could you please', 3], ['can you please', 3], ['would you', 2], ['would you mind', 1], ['would you kindly', 0.5], ["i'd appreciate it if you could", 0.3], ['would you be so kind as to', 0.2], ['kindly', 0.6], ['is there any chance you could', 0.4], ['any chance you could', 0.4], ['could i ask you to', 0.3], ['mind', 0.3], ['be so good as to', 0.1]] as const)
        return say(`${opening} ${opening.endsWith('mind') ? gerund(plain) : plain}${r.chance(0.2) && opening !== 'please' ? r.pick([' please', ', thanks', ' for me', ', please']) : ''}`, /^(can|could|would)/.test(opening))
      }
      case 'indirect': {
        const passive = named?.text && !known.many && !isPhrase && !named.verb.before.includes(' ') && /^[a-z]{4,}$/.test(named.verb.before) && !endsWithPreposition(named.verb.before) && !/^(view|show|look|read|give|describe|take|open)$/.test(named.verb.before) && !known.creates
        const name = humanized(meaning.leaf.subcommand ?? meaning.leaf.command)
        return say(r.weighted([
          [`let's ${plain}`, 4], [`time to ${plain}`, 2], [`it's time to ${plain}`, 1], [`go ahead and ${plain}`, 3], [`i think we can ${plain}`, 1], [`we can ${plain} now`, details ? 0 : 0.7], [`let's see, ${plain}`, 0.5], [`your job: ${plain}`, 0.2], [`next up: ${plain}`, 0.4], [`i was asked to ${plain}`, 0.5], [`you should ${plain}`, 0.7], [`make sure to ${plain}`, 0.6], [`don't forget to ${plain}`, 0.4],
          [`${named?.text} ${r.pick(['should be', 'needs to be', 'has to be', 'can be', 'must be', 'should get'])} ${pastParticiple(named?.verb.before ?? name)} ${after} ${details}`, passive ? 5 : 0], [`i want ${named?.text} ${pastParticiple(named?.verb.before ?? name)} ${after} ${details}`, passive ? 2 : 0], [`get ${named?.text} ${pastParticiple(named?.verb.before ?? name)} ${after} ${details}`, passive ? 1 : 0], [`i'm ${gerund(plain)}`, !plain.startsWith('check') ? 0.4 : 0],
        ] as const))
      }
      case 'noun first': {
        if (!named?.text || isPhrase) return say(plain)
        const verb = compact(named.verb.before, named.verb.after)
        if (known.many) return say(details || named.bare !== named.text ? compact(named.text, details) : compact(named.bare, humanized(meaning.leaf.subcommand ?? 'list')))
        const name = humanized(meaning.leaf.subcommand ?? meaning.leaf.command)
        if (endsWithPreposition(verb) || startsWithPreposition(verb)) return say(r.chance(0.5) ? `${named.text} ${name} ${details}` : plain)
        return say(r.weighted([[`${named.text} ${name} ${details}`, 4], [`${named.text}: ${verb} ${known.creates ? 'one' : 'it'} ${details}`, known.creates ? 0 : 2], [`${named.text}, ${verb} ${known.creates ? 'one' : 'it'} ${details}`, known.creates ? 0 : 2], [`${named.text} - ${verb} ${details}`, 1], [`${named.text} ${verb} ${details}`, known.creates ? 0.5 : 1], [`${this.noun} ${name} ${meaning.args.filter((each) => each.arg === known.target).flatMap((each) => each.said.map((said) => this.spoken(said, each.arg, !details))).join(' ')} ${details}`, !known.kindArg && !meaning.pointed.includes(known.target!) && this.noun ? 3 : 0]] as const))
      }
      case 'terse': {
        // "run 31337 in the browser": without a verb, looking is meant.
        if (named?.text && !isPhrase && !known.many && !known.creates && /^(view|show|get)$/.test(meaning.leaf.subcommand ?? '') && meaning.args.some(({ arg }) => arg === known.target) && r.chance(0.4)) return say(`${named.text} ${details}`)
        const short = plain.replace(/\b(the|a|an|all the) (?!\w+ of\b)/g, (match, _article, at: number) => (r.chance(0.75) && !isInsideGuard(plain, at) ? '' : match))
        return say(short)
      }
      case 'precise':
        return say(`${r.chance(0.15) ? 'Please ' + plain : plain[0]!.toUpperCase() + plain.slice(1)}${r.chance(0.5) ? '.' : ''}`)
      case 'casual':
        return say(r.weighted([[plain, 6], [`${r.pick(['just', 'quickly', 'yo', 'hey', 'ok', 'lets', 'gonna', 'gotta', 'pls', 'lemme', 'can u', 'could u', 'hey can you', 'wanna'])} ${plain}`, 5]] as const))
      default:
        return say(plain)
    }
  }
}

const commonVerbs = new Set('put take get set make turn give show open close add remove mark change move bring pull push send write leave post tell look see check find search list create delete drop start stop run kick switch use throw assign unassign label tag rename let read print fetch grab download upload save store watch follow wait approve reject request retarget point keep call cut ship publish share log sign authenticate connect file report raise convert replace swap hand point expose forward copy scale restart roll drain allow block undo apply deploy edit attach execute jump go sync update reset clone fork archive merge land'.split(' '))

/** With the noun first, the noun has to be there. */
const meaningless = (phrasing: string) => phrasing === 'noun first'

const isInsideGuard = (text: string, at: number) => text.lastIndexOf('\uE000', at) > text.lastIndexOf('\uE001', at)

/** Leaves out the doubled preposition of "logs of" + "of pod web". */
function joined(before: string, text: string): string {
  const last = before.split(' ').at(-1)!
  const [first, ...rest] = text.split(' ')
  if (text.length && first === last) return rest.join(' ')
  if (endsWithPreposition(before) && /^(of|from|in|inside|for|on)$/.test(first ?? '')) return rest.join(' ')
  if (/\b(a|an|the|a new|new)$/.test(before) || /^(open|file|create) a? ?new$/.test(before)) return text.replace(/^(a new|an|a|the|another|new) /, '')
  return text
}

/** As typed in a terminal, with or without the program's name; people mix short, long and bare option names. */
export function commandLine(schema: CliSchema, meaning: Meaning, r: Random): string {
  const { leaf } = meaning
  const dashes = r.chance(0.65)
  const quoted = (said: Said, arg: Arg) => markedValue(leaf, arg, String(said.value).includes(' ') ? `"${said.value}"` : String(said.value))
  const option = (arg: Arg, said: Said) => {
    if (!dashes) return `${humanized(arg.name)} ${quoted(said, arg)}`
    return r.weighted([[`--${arg.name} ${quoted(said, arg)}`, 5], [`--${arg.name}=${quoted(said, arg)}`, 2], [`-${arg.short} ${quoted(said, arg)}`, arg.short ? 4 : 0]] as const)
  }
  const options = r.shuffle([
    ...meaning.args.filter(({ arg }) => !arg.positional).flatMap(({ arg, said }) => {
      // Other options may come between, but one option's values keep their order.
      const next = said.values()
      return said.map(() => () => option(arg, next.next().value!))
    }),
    ...meaning.flags.map((flag) => () => markedWords(leaf, flag, dashes ? r.weighted([[`--${flag.name}`, 5], [`-${flag.short}`, flag.short ? 2 : 0]] as const) : r.pick([humanized(flag.name), flag.synonyms[0] ?? flag.name]))),
    ...meaning.pointed.filter((arg) => !arg.positional).map((arg) => () => r.pick([`for the current ${humanized(arg.context!.split('.')[1]!).replace(/^(current|repo) /, '')}`, `on this ${humanized(arg.context!.split('.')[1]!).replace(/^(current|repo) /, '')}`])),
  ]).map((write) => write())
  const positionals = meaning.args.filter(({ arg }) => arg.positional).flatMap(({ arg, said }) => said.map((each) => quoted(each, arg)))
  const deictic = meaning.pointed.some((arg) => arg.positional) && r.chance(0.25) ? r.pick(['this', 'current']) : ''
  return compact(r.chance(0.4) ? schema.cli_name : '', leaf.command, leaf.subcommand ?? '', ...positionals, deictic, ...options)
}
