import { choose } from '../../../teacher/choose.ts'
import { numberWord, withArticle } from '../../../teacher/english.ts'
import type { Random } from '../../../teacher/random.ts'
import { type Arg, type CliSchema, type Flag, type Leaf, synonymsOf } from '../schema.ts'
import { commandLine } from './command-line.ts'
import { details } from './details.ts'
import { compact, framed, type Sentence } from './framing.ts'
import { markedValue, markedWords } from './mentions.ts'
import { type Phrase, phrasesOf } from './phrases.ts'
import type { Said } from './values.ts'
import { endsWithPreposition, humanized, isLimit, pluralOf, words } from './words.ts'

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

/** The request as a sentence; values stand between guards (teacher/noise.ts), and marks say where each option is named (mentions.ts). */
export function request(schema: CliSchema, meaning: Meaning, r: Random): Sentence {
  if (meaning.phrasing === 'command line') return { text: commandLine(schema, meaning, r), question: false }
  return new Wording(schema, meaning, r).sentence()
}

export class Wording {
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
    const rest = details(this, taken)
    return framed(this, { core: compact(verb.before, joined(verb.before, named.text)), after: verb.after, details: rest, isQuestion: /^(what|which|who|where|how)\b/.test(verb.before), isPhrase: false, named: { ...named, verb } })
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
    return framed(this, { core: text, after: '', details: details(new Wording(this.schema, rest, r, this.noun), consumed), isQuestion: question, isPhrase: true })
  }

  verb() {
    const { verbs } = this.words
    const { r } = this
    if (verbs.length === 0) return { before: humanized(this.meaning.leaf.subcommand ?? this.meaning.leaf.command), after: '' }
    return r.chance(0.35) ? verbs[Math.min(r.int(0, 2), verbs.length - 1)]! : r.pick(verbs)
  }

  /** The noun with what stands around it, and the arguments and flags said by it. */
  subject(): { text: string; consumed: (Arg | Flag)[]; bare: string } {
    const { r, meaning, words: known, noun } = this
    const given = (arg: Arg | undefined) => meaning.args.find((each) => each.arg === arg)
    const consumed: (Arg | Flag)[] = []
    const kind = given(known.kindArg)
    let thing = noun
    if (noun && !kind && (known.many || known.creates)) {
      // "draft prs", "a new private repo".
      const before = meaning.flags.filter((flag) => flag.adjectives.length && r.chance(0.5))
      consumed.push(...before)
      thing = compact(...before.map((flag) => markedWords(meaning.leaf, flag, r.pick(flag.adjectives))), noun)
    }
    if (kind) {
      consumed.push(kind.arg)
      thing = kind.said.map((said) => markedValue(meaning.leaf, kind.arg, said.words)).join(r.chance(0.7) ? ',' : ' and ')
    }
    const which = given(known.target)
    if (which) {
      consumed.push(which.arg)
      return { ...this.one(thing, which.arg, which.said, Boolean(kind)), consumed }
    }
    if (known.target && meaning.pointed.includes(known.target)) {
      const text = thing
        ? r.weighted([[`this ${thing}`, 5], [`the current ${thing}`, 4], [`my ${thing}`, meaning.pointing ? 0 : 2], [`the ${thing}`, meaning.pointing ? 0 : 3], [`my current ${thing}`, 1], [`that ${thing}`, 1], ['it', this.pointable() ? 2.5 : 0], ['this', this.pointable() ? 2 : 0], ['this one', this.pointable() ? 0.8 : 0], ['the current one', this.pointable() ? 0.6 : 0], ['that', this.pointable() ? 0.4 : 0], ['that one', this.pointable() ? 0.3 : 0]] as const)
        : r.pick(['this', 'it', 'this one'])
      return { text, consumed, bare: text }
    }
    if (known.many) {
      const named = this.several(thing, consumed)
      return { ...named, consumed }
    }
    if (!thing) return { text: '', consumed, bare: '' }
    if (kind) {
      const text = r.weighted([[thing, 8], [`the ${thing}`, 2], [`all ${thing}`, 1.5], [`all the ${thing}`, 1]] as const)
      return { text, consumed, bare: thing }
    }
    const bare = known.creates && r.chance(0.4) ? `new ${thing}` : thing
    const text = known.creates
      ? r.weighted([[withArticle(thing), 5], [`a new ${thing}`, 5], [thing, 2], [`new ${thing}`, 2], [`another ${thing}`, 0.7]] as const)
      : r.weighted([[`the ${thing}`, 5], [thing, 4], [withArticle(thing), known.target ? 2 : 0], [`my ${thing}`, known.target?.required ? 0 : 0.7]] as const)
    return { text, consumed, bare }
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
  several(thing: string, consumed: (Arg | Flag)[]): { text: string; bare: string } {
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
        const counted = meaning.args.some(({ arg }) => isLimit(arg) && consumed.includes(arg)) ? article.replace(/^the /, '') : ''
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
    // "My open prs": said or not, the default is meant.
    const implied = before.length ? undefined : this.impliedState()
    if (implied !== undefined && r.chance(/^(all )?my\b/.test(article) ? 0.35 : 0.06)) before.push(implied)
    const bare = compact(...before, many)
    return { text: compact(article, bare), bare }
  }

  /** A word for the state that a list shows where none is asked for. */
  impliedState(): string | undefined {
    const { leaf, args, flags } = this.meaning
    const state = leaf.args.find((arg) => arg.type === 'enum' && /^(state|status)$/.test(arg.name) && typeof arg.default === 'string' && !/^(all|any|none)$/.test(arg.default))
    if (!state || args.some(({ arg }) => arg === state) || flags.some((flag) => flag.adjectives.length)) return undefined
    const words = synonymsOf(state, String(state.default)).filter((each) => /^[a-z]+$/.test(each))
    return words.length ? this.r.pick(words) : undefined
  }

  spoken(said: Said, arg: Arg, last: boolean): string {
    const { r } = this
    const quote = r.weighted([['"', 6], ["'", 4], ['`', 0.3]] as const)
    const value = (text: string) => markedValue(this.meaning.leaf, arg, text)
    if (arg.type === 'integer' || arg.type === 'enum' || said.words !== said.value) return value(said.words)
    const wrap = said.loose ? !last || r.chance(0.5) : r.chance(0.12)
    return value(wrap && !String(said.value).includes(quote) ? `${quote}${said.words}${quote}` : said.words)
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
}

/** With the noun first, the noun has to be there. */
const meaningless = (phrasing: string) => phrasing === 'noun first'

/** Leaves out the doubled preposition of "logs of" + "of pod web". */
function joined(before: string, text: string): string {
  const last = before.split(' ').at(-1)!
  const [first, ...rest] = text.split(' ')
  if (text.length && first === last) return rest.join(' ')
  if (endsWithPreposition(before) && /^(of|from|in|inside|for|on)$/.test(first ?? '')) return rest.join(' ')
  if (/\b(a|an|the|a new|new)$/.test(before) || /^(open|file|create) a? ?new$/.test(before)) return text.replace(/^(a new|an|a|the|another|new) /, '')
  return text
}
