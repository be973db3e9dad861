import { createHash } from 'node:crypto'
import type { Row } from '../../dataset/row.ts'
import { offTopic, unclear } from '../../teacher/beside.ts'
import { choose } from '../../teacher/choose.ts'
import { guard } from '../../teacher/noise.ts'
import { Random } from '../../teacher/random.ts'
import { asTyped } from '../../teacher/typing.ts'
import { writeValue } from '../../teacher/values.ts'
import type { Brief } from '../family.ts'
import { clarification, sharing } from './completion.ts'
import { mayBeAsked, nameOf, phrasesFor } from './offline/names.ts'
import { search, vocabulary } from './retrieval.ts'
import { answerTo, asksOf, findPassage, findSection, mostQuotes, type AssistantSchema, type Passage, type Question, type Section } from './schema.ts'
import { contentWords, isEmpty } from './words.ts'

interface Asked {
  text: string
  /** What was asked in which wording: rows that share it are one intent. */
  intent: string
  output: unknown
  history?: { question: string; answer: string }[]
}

/**
 * One example from the sources themselves and the schema's phrases; no network, no model.
 * It depends on the brief's key and slice and on the seed alone, so an unchanged key is an unchanged example.
 */
export function writeOffline(schema: AssistantSchema, brief: Brief, seed: number): Row {
  const r = new Random(`${brief.key}/${seed}`)
  const { phrasing = 'plain', case: kind = 'positive' } = brief.slice
  const { text, intent, output, history } = kind === 'positive' ? positive(schema, brief, r) : negative(schema, brief, r)
  const worded = phrasing === 'terse' ? terse(text) : phrasing === 'polite' ? polite(text, r) : text
  const question = /^\W*(what|which|how|when|where|who|why|is|are|do|does|did|can|could|will|would|should)\b/i.test(worded)
  return {
    id: brief.key.slice(0, 16),
    intent: createHash('sha256').update(intent).digest('hex').slice(0, 16),
    instruction: asTyped(worded, { question, phrasing, fillers: kind !== 'unclear', slips: true, known: vocabulary(schema) }, r.split('noise')),
    context: history ? { history } : null,
    output: JSON.stringify(output),
    slice: brief.slice,
    source: 'offline',
  }
}

/** The answer of the schema's kind: the passages' ids, or their words. */
const quoting = (schema: AssistantSchema, passages: readonly Passage[]) =>
  (schema.answers === 'quotes' ? { quotes: passages.map(({ id }) => id) } : { answer: passages.map(({ text }) => text).join(' ') })

function positive(schema: AssistantSchema, { slice }: Brief, r: Random): Asked {
  const section = findSection(schema, slice.topic!)!
  if (slice.by === 'words') return byWords(schema, findPassage(schema, `${section.id}/${slice.asks}`)!, r)
  const [first, second] = slice.asks!.split(' and ').map((asks) => schema.questions.find((question) => question.asks === asks)!) as [Question, Question?]
  const passages = [...answerTo(section, first.asks), ...(second ? answerTo(section, second.asks) : [])].slice(0, mostQuotes)
  const output = quoting(schema, passages)
  if (slice.turns === 'follow-up') {
    const at = r.int(0, first.follow.length - 1)
    return { text: choose(first.follow[at]!, r), intent: `${section.id}/${first.asks}/follow ${at}`, output, history: before(schema, section, first, r) }
  }
  const { text, which, at } = ask(section, first, r)
  const whole = second ? `${text.replace(/[?.]$/, '')}${r.pick([' and ', ', and ', '? ', '? and ', ' and also '])}${choose(r.pick(second.follow), r).replace(/^(and|so|ok|but) (and )?/, '')}` : text
  const history = slice.turns === 'change of topic' ? elsewhere(schema, section, r) : undefined
  return { text: whole, intent: `${section.id}/${slice.asks}/${at}/${which}`, output, ...(history && { history }) }
}

/** A question in one of its wordings, with one of the topic's names. */
function ask(section: Section, question: Question, r: Random): { text: string; at: number; which: number } {
  const phrases = phrasesFor(section, question)
  const at = r.int(0, phrases.length - 1)
  const { name, which } = nameOf(section, question, r)
  const called = section.sort === 'function' ? guard(r.chance(0.25) ? name.toLowerCase() : name) : name
  return { text: choose(phrases[at]!, r).replace(/\{(topic|problem)\}/, () => called).replace(/\b(the|an?) (the|an?)\b/g, '$2'), at, which }
}

/** One or two turns before, the latest about another side of the same topic. */
function before(schema: AssistantSchema, section: Section, asked: Question, r: Random): Asked['history'] {
  const others = asksOf(schema, section).filter((question) => question !== asked && mayBeAsked(section, question))
  const turn = (of: Section, question: Question) => ({ question: unguarded(ask(of, question, r).text), answer: answerTo(of, question.asks).map(({ text }) => text).join(' ') })
  const latest = turn(section, r.pick(others.length ? others : [asked]))
  return r.chance(0.25) ? [...(elsewhere(schema, section, r) ?? []), latest] : [latest]
}

/** A turn about something else. */
function elsewhere(schema: AssistantSchema, section: Section, r: Random): Asked['history'] {
  const other = r.pick(schema.sections.filter((each) => each !== section))
  const questions = asksOf(schema, other).filter((question) => mayBeAsked(other, question))
  if (questions.length === 0) return undefined
  const question = r.pick(questions)
  return [{ question: unguarded(ask(other, question, r).text), answer: answerTo(other, question.asks).map(({ text }) => text).join(' ') }]
}

const unguarded = (text: string) => text.replace(/[\uE000\uE001]/g, '')

/** A passage asked for by words of its own, those in front that say most; the search must find it by them, else nobody could. */
function byWords(schema: AssistantSchema, passage: Passage, r: Random): Asked {
  const section = findSection(schema, passage.id.slice(0, passage.id.lastIndexOf('/')))!
  const named = new Set(section.names.flatMap(contentWords))
  const words = passage.text.replace(/[`"(),;:]|\.(?=\s|$)/g, ' ').split(/\s+/).filter((word) => /^[\p{L}\p{N}][\p{L}\p{N}_./-]*$/u.test(word) && !isEmpty(word.toLowerCase()))
  const own = words.filter((word) => !contentWords(word).every((each) => named.has(each)))
  const name = nameOf(section, schema.questions[0]!, r).name
  let picked: string[] = []
  for (let attempt = 0; attempt < 6; attempt++) {
    const count = Math.min(own.length, r.int(2, 4))
    const from = r.int(0, own.length - count)
    picked = own.slice(from, from + count)
    if (search(schema, picked.join(' '), 1)[0]?.passage === passage) break
    picked = [...picked, ...(r.chance(0.5) ? ['in'] : []), name]
    if (search(schema, picked.join(' '), 1)[0]?.passage === passage) break
  }
  const at = r.int(0, schema.general.length - 1)
  const said = picked.join(' ').toLowerCase()
  return { text: choose(schema.general[at]!, r).replace('{words}', () => said), intent: `${passage.id}/${said}`, output: quoting(schema, [passage]) }
}

function negative(schema: AssistantSchema, { slice }: Brief, r: Random): Asked {
  const of = (phrases: readonly string[]) => {
    const text = choose(r.pick(phrases), r).replace('{topic}', () => r.pick(r.pick(schema.sections).names))
    return text
  }
  switch (slice.case) {
    case 'off_topic': {
      const text = schema.refusals.off_topic.length && r.chance(0.35) ? of(schema.refusals.off_topic) : offTopic(r)
      return { text, intent: `off_topic/${text.toLowerCase()}`, output: { refusal: 'off_topic' } }
    }
    case 'not_in_sources': {
      const { not_in_sources: known } = schema.refusals
      const text = known.length && r.chance(0.5) ? of(known) : ofNothing(schema, r)
      return { text, intent: `not_in_sources/${text.toLowerCase()}`, output: { refusal: 'not_in_sources' } }
    }
    case 'ambiguous': {
      const text = of(schema.ambiguous[slice.topic!]!.say)
      return { text, intent: `ambiguous/${text.toLowerCase()}`, output: clarification(sharing(schema, slice.topic!)) }
    }
    default: {
      // What nobody spoke of before cannot be turned off now.
      const text = r.chance(0.7) ? of(schema.questions.flatMap(({ follow }) => follow)) : unclear(r)
      return { text, intent: `unclear/${text.toLowerCase()}`, output: clarification([]) }
    }
  }
}

/** A question like any other, about a thing that the sources do not have: a made-up one, or one of theirs with a word before it that makes it another. */
function ofNothing(schema: AssistantSchema, r: Random): string {
  let text = ''
  for (let attempt = 0; attempt < 20; attempt++) {
    const section = r.pick(schema.sections.filter(({ sort }) => sort === 'text'))
    const question = r.pick(asksOf(schema, section).filter((each) => mayBeAsked(section, each)))
    const last = r.pick(section.names).split(' ').at(-1)!
    const thing = r.pick([`${writeValue('word', r)} ${last}`, `${writeValue('word', r)} ${writeValue('word', r)}`, writeValue('word', r)])
    // A made-up word alone is no question.
    const phrases = phrasesFor(section, question).filter((phrase) => phrase !== '{topic}')
    if (phrases.length === 0) continue
    text = choose(r.pick(phrases), r).replace('{topic}', () => `${r.pick(['', 'the ', 'a '])}${thing}`)
    const [best] = search(schema, text, 1)
    if (!best || best.share < mostlyKnown) break
  }
  return text
}

/** Of a question with more of its words in the sources nobody could tell that they do not answer it. */
const mostlyKnown = 0.75

const terse = (text: string) => text.replace(/\b(the|an?|my|some|please|exactly|actually) /g, '')

const polite = (text: string, r: Random) => (/^(what|which|how|when|where|who|why)\b/.test(text) ? `${r.pick(['please tell me', 'could you tell me', 'can you tell me', 'i would like to know', "i'd like to know", 'do you know', 'any idea', 'quick question:', 'excuse me,', 'hi,', 'i was wondering'])} ${text}` : `${text}${r.pick([' please', ', please', ', thanks', ''])}`)
