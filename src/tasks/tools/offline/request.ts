import { choose } from '../../../teacher/choose.ts'
import { gerund, verbSynonyms } from '../../../teacher/english.ts'
import { guard, unguard } from '../../../teacher/noise.ts'
import type { Random } from '../../../teacher/random.ts'
import { shorten } from '../../../text.ts'
import { honest } from '../../orders.ts'
import { humanized, namesOn, type Node, type Phrase, type Tool } from '../node.ts'
import { slotsOf } from '../parse.ts'
import type { ToolsSchema } from '../schema.ts'
import { ownWords } from './negatives.ts'
import { placed, type Said } from './values.ts'

/** A parameter with what is said of it. */
export interface Given {
  path: string
  node: Node
  said: Said
}

export interface Sentence { text: string; question: boolean }

/** A request in words: a whole phrase of the schema or a verb phrase, what it lacks beside it, and a frame around as the phrasing asks. */
export function request(schema: ToolsSchema, tool: Tool, given: readonly Given[], phrase: Phrase | undefined, phrasing: string, r: Random): Sentence {
  const slots = phrase ? slotsOf(phrase.say) : []
  const beside = given.filter(({ path }) => !slots.includes(path))
  // What runs to the end of the sentence stands there.
  const tail = r.shuffle(beside).sort((a, b) => Number(a.said.loose) - Number(b.said.loose))
  const loose = tail.filter(({ said }) => said.loose)
  const core = phrase ? filled(phrase.say, given, tail.length > 0, r) : verb(schema, tool, r)
  const bare = phrase ? undefined : object(tool, tail)
  const details = tail.filter((each) => each !== bare).map((each) => mention(each, each.said.loose && (each !== loose.at(-1) || r.chance(0.35)), r))
  const text = [core, ...(bare ? [quoted(bare.said, bare.said.loose && (tail.length > 1 || r.chance(0.25)), r)] : []), ...joined(details, r)].join(' ').replace(/ {2,}/g, ' ').trim()
  return framed(phrasing === 'terse' ? terse(text, r) : text, phrasing, r)
}

/** The phrase with one word of each "(a|b)", and its slots filled; free text at its end is quoted where something follows. */
function filled(say: string, given: readonly Given[], followed: boolean, r: Random): string {
  const text = choose(say, r)
  return text.replace(/\{([^{}]+)\}/g, (slot, path: string) => {
    const found = given.find((each) => each.path === path)
    return found ? quoted(found.said, found.said.loose && (r.chance(0.15) || (followed && text.endsWith(slot))), r) : ''
  })
}

const quoted = ({ words }: Said, marks: boolean, r: Random): string => {
  // With both kinds in it, nobody knows where it ends.
  if (!marks || (words.includes('"') && words.includes("'"))) return words
  const plain = unguard(words)
  const mark = r.pick(['"', '"', "'"].filter((each) => !plain.includes(each)))
  return guard(`${mark}${plain}${mark}`)
}

/** What to do, as the schema's synonyms, the tool's name or its description say it. */
function verb(schema: ToolsSchema, tool: Tool, r: Random): string {
  const [first = '', ...rest] = ownWords(schema, tool)
  const named = [first, ...rest].join(' ')
  const general = (verbSynonyms[first] ?? []).map((each) => [each, ...rest].join(' '))
  const described = lowered(shorten(honest(tool.description).replace(/\s*\([^)]*\)/g, ''), 60))
  return choose(r.weighted([
    [() => r.pick(tool.synonyms), tool.synonyms.length ? 8 : 0], [() => named, 2], [() => r.pick(general), general.length ? 1.5 : 0], [() => described, described ? (tool.synonyms.length ? 0.5 : 2) : 0],
  ] as const)(), r)
}

const lowered = (text: string) => (/^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text)

/** The parameter that needs no name: a required text or list without words of its own. */
const object = (tool: Tool, given: readonly Given[]): Given | undefined =>
  given.find(({ path, node }) => (node.shape.kind === 'text' || node.shape.kind === 'list') && node.synonyms.length === 0 && tool.parameters.some((property) => property.name === path && property.required))

/** A parameter with the words that lead to it. */
function mention({ path, node, said }: Given, marks: boolean, r: Random): string {
  const name = humanized(namesOn(path).at(-1)!)
  const words = quoted(said, marks, r)
  const { shape } = node
  if (shape.kind === 'choice' && typeof said.value === 'boolean') return flag(name, node, said.value, r)
  if (node.synonyms.length && r.chance(0.85)) return placed(choose(r.pick(node.synonyms), r), words)
  if (shape.kind === 'choice') return r.weighted([[words, 5], [`${name} ${words}`, 2], [`with ${name} ${words}`, 1], [`${words} ${name}`, 1]] as const)
  return r.weighted([[`${name} ${words}`, 4], [`with ${name} ${words}`, 2], [`${name}: ${words}`, 1], [`${words} as ${name}`, 0.7], [`with ${words} as the ${name}`, 0.6], [words, node.synonyms.length ? 2 : 0]] as const)
}

/** A switch: that it is wanted, or that it is not. */
function flag(name: string, node: Node, value: boolean, r: Random): string {
  const known = [...(value ? node.synonyms : []), ...(node.valueSynonyms[String(value)] ?? [])]
  if (known.length && r.chance(0.85)) return choose(r.pick(known), r)
  const does = lowered(shorten(honest(node.description).replace(/\s*\([^)]*\)/g, ''), 50))
  const said = imperative.test(does) && r.chance(0.4) ? does : undefined
  if (value) return said ? `${r.pick(['and ', '', ''])}${said}` : r.pick([name, `with ${name}`, `and ${name}`, `${name} on`, `use ${name}`])
  if (said) return `${r.pick(["but don't", "don't", 'do not', 'but do not'])} ${said}`
  const named = r.pick([name, name, ...node.synonyms.map((each) => each.replace(/^(and|with) /, ''))])
  return r.pick([`no ${name}`, `without ${name}`, `not ${named}`, `but not ${named}`, `(no ${name})`, `(not ${named})`, `${name} off`])
}

/** What a description tells to do can be told not to be done. */
const imperative = /^(show|include|use|force|create|allow|add|set|keep|make|list|print|only|always|skip|delete|remove|update|open|send|start|continue|abort|amend|switch|return|overwrite|ignore|run)\b/

/** Details one after the other; now and then "and" before the last. */
const joined = (details: string[], r: Random): string[] => (details.length > 1 && r.chance(0.25) ? [...details.slice(0, -1), `and ${details.at(-1)}`] : details)

const terse = (text: string, r: Random) => text.split(/(\uE000[^\uE001]*\uE001)/).map((part) => (part.startsWith('\uE000') ? part : part.replace(/\b(the|a|an|my|some) /g, (found) => (r.chance(0.75) ? '' : found)))).join('')

/** Sentences of their own: nobody wants to "what is on today". */
const finite = /^\uE000|^(what|what's|whats|which|how|how's|when|where|who|why|is|are|am|was|do|does|did|will|would|can|could|should|i|i'm|im|i'll|i've|it|it's|its|my|our|the|no|any|too|a|an|there|that|this|we|let's|lets|make it|anything|something|time|in|at|on|for|please)\b/i

/** The frame that a phrasing puts around a request. */
function framed(text: string, phrasing: string, r: Random): Sentence {
  if (finite.test(text)) return { text: phrasing === 'casual' && r.chance(0.4) ? `${r.pick(['hey', 'ok', 'so', 'yo'])} ${text}` : text, question: /^(what|which|how|when|where|who|why|is|are|do|does|did|will|can|could|should)/i.test(text) }
  switch (phrasing) {
    case 'question': return { text: `${r.weighted([['can you', 6], ['could you', 5], ['will you', 1.5], ['would you', 2], ['can we', 1], ['can i', 1], ['how do i', 0.8], ['is it possible to', 0.5]] as const)} ${text}`, question: true }
    case 'want': return { text: `${r.weighted([['i want to', 5], ['i need to', 5], ["i'd like to", 4], ['i wanna', 2], ['we need to', 1.5], ['i need you to', 2], ['i want you to', 2], ['help me', 1.5], ['need to', 2], ['want to', 1], ['i have to', 1]] as const)} ${text}`, question: false }
    case 'polite': {
      const opening = r.weighted([['please', 6], ['can you please', 3], ['could you please', 3], ['would you mind', 1], ['would you kindly', 0.4], ['kindly', 0.5], ["i'd appreciate it if you could", 0.3]] as const)
      return { text: `${opening} ${opening.endsWith('mind') ? gerund(text) : text}${r.chance(0.15) ? r.pick([', thanks', ' for me', ', thank you']) : ''}`, question: /^(can|could|would)/.test(opening) }
    }
    case 'indirect': return { text: `${r.weighted([["let's", 4], ['time to', 2], ['go ahead and', 3], ['make sure to', 1], ["don't forget to", 0.6], ['i think you should', 1], ['you can', 0.6], ['next,', 0.8]] as const)} ${text}`, question: false }
    case 'precise': return { text: `${text[0]!.toUpperCase()}${text.slice(1)}${r.chance(0.5) ? '.' : ''}`, question: false }
    case 'casual': return { text: r.chance(0.5) ? text : `${r.pick(['just', 'quickly', 'yo', 'hey', 'ok', 'pls', 'can u', 'could u', 'hey can you', 'wanna', 'gotta', 'lets'])} ${text}`, question: false }
    default: return { text, question: false }
  }
}
