import { gerund, pastParticiple } from '../../../teacher/english.ts'
import type { Wording } from './request.ts'
import { endsWithPreposition, humanized, startsWithPreposition, type words } from './words.ts'

export interface Sentence { text: string; question: boolean }

/** A request in parts, before the phrasing is put around it. */
interface Request {
  /** Verb and object, or a whole phrase of the schema. */
  core: string
  /** What belongs to the verb behind the object: "on" in "turn the wiki on". */
  after: string
  /** Options and flags. */
  details: string
  isQuestion: boolean
  isPhrase: boolean
  /** Verb and object apart, where there is no whole phrase. */
  named?: { text: string; bare: string; verb: { before: string; after: string } }
}

type Words = ReturnType<typeof words>

/** Parts that are there, with single spaces, and without what two parts may both have begun with. */
export const compact = (...parts: (string | undefined)[]) => parts.filter(Boolean).join(' ').replace(/ +/g, ' ').replace(/\b(the|a|my|this) (?=\1\b)/gi, '').replace(/\bthe (?=(our|my|all) )/gi, '').replace(/ ([,?:])/g, '$1').trim()

/** The sentence around a request, as its phrasing asks. */
export function framed(wording: Wording, { core, after, details, isQuestion, isPhrase, named }: Request): Sentence {
  const { r, meaning, words: known } = wording
  // Nobody wants to "show me" something themselves.
  const own = ['want', 'question', 'indirect'].includes(meaning.phrasing) ? core.replace(/^(show|give) me /, () => r.pick(['see ', 'get ', 'have ', 'list ', 'see '].slice(0, known.many ? 5 : 2))) : core
  const plain = compact(own, after, details)
  const say = (text: string, question = false): Sentence => ({ text: compact(text), question })
  const finite = /^(gimme|let|i |i'|the |any |no |new\b|where|who|am |is |are |does |do i|my |our |status of|what|which|how|details|logs\b|overview|full |summary)/i.test(core)
  if (isQuestion) return say(plain, true)
  const loose = isPhrase && !imperative(known, core)
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
      return say(r.weighted([[`${named.text} ${name} ${details}`, 4], [`${named.text}: ${verb} ${known.creates ? 'one' : 'it'} ${details}`, known.creates ? 0 : 2], [`${named.text}, ${verb} ${known.creates ? 'one' : 'it'} ${details}`, known.creates ? 0 : 2], [`${named.text} - ${verb} ${details}`, 1], [`${named.text} ${verb} ${details}`, known.creates ? 0.5 : 1], [`${wording.noun} ${name} ${meaning.args.filter((each) => each.arg === known.target).flatMap((each) => each.said.map((said) => wording.spoken(said, each.arg, !details))).join(' ')} ${details}`, !known.kindArg && !meaning.pointed.includes(known.target!) && wording.noun ? 3 : 0]] as const))
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

/** The text begins with a verb that one can want, let or please. */
function imperative(known: Words, text: string): boolean {
  const [first = '', second] = text.toLowerCase().split(' ')
  if (second === 'me' && !/^(get|give)$/.test(first)) return false
  return commonVerbs.has(first) || known.verbs.some(({ before }) => before.split(' ')[0] === first)
}

const commonVerbs = new Set('put take get set make turn give show open close add remove mark change move bring pull push send write leave post tell look see check find search list create delete drop start stop run kick switch use throw assign unassign label tag rename let read print fetch grab download upload save store watch follow wait approve reject request retarget point keep call cut ship publish share log sign authenticate connect file report raise convert replace swap hand point expose forward copy scale restart roll drain allow block undo apply deploy edit attach execute jump go sync update reset clone fork archive merge land'.split(' '))

const isInsideGuard = (text: string, at: number) => text.lastIndexOf('\uE000', at) > text.lastIndexOf('\uE001', at)
