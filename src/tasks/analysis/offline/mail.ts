import type { Random } from '../../../teacher/random.ts'
import { asTyped } from '../../../teacher/typing.ts'
import { chosen } from '../../phrase.ts'
import type { ActionItem } from '../answer.ts'
import { findAction, type Event, type Priority, type Wording } from '../schema.ts'
import type { Scene } from './scene.ts'

export interface WrittenMail {
  from: string
  subject: string
  /** What is said, a paragraph a line. */
  lines: string[]
  by: Wording['by']
  /** What it asks for; what it is about is not known yet. */
  asked: Omit<ActionItem, 'what'>[]
}

export interface MailOptions {
  /** The newest of the batch: only it may press or ask for patience. */
  last: boolean
  kind: string
}

/** One mail that tells an event. */
export function writeMail(scene: Scene, event: Event, { last, kind }: MailOptions): WrittenMail {
  const { r, schema } = scene
  const wording = r.weighted(event.wordings.map((each) => [each, Math.sqrt(each.says.length)] as const))
  const short = kind === 'incomplete'
  const from = scene.from(wording.by, kind)
  const subject = wording.subjects.length === 0 || (short && r.chance(0.5)) ? '' : typed(scene, scene.say(r.pick(wording.subjects)).text, 'precise').replace(/[.!?]$/, '')
  const phrasing = r.weighted([['precise', 5], ['plain', 4], ['casual', short ? 4 : 1.5]] as const)

  const told = scene.say(short ? shortest(scene, wording.says) : r.pick(wording.says))
  const asked = new Map<string, string | undefined>(wording.implies.map((name) => [name, told.when]))
  const sentences = [told.text]
  // Now and then it is said twice; a deadline only once.
  const again = wording.says.filter((say) => !say.includes('{when}'))
  if (!short && again.length > 3 && r.chance(0.15)) sentences.push(scene.say(r.pick(again)).text)
  for (const name of furtherAsks(scene, wording, short)) {
    const said = scene.say(r.pick(findAction(schema, name)!.asks))
    if (asked.get(name) !== undefined && said.when !== undefined) continue
    asked.set(name, said.when ?? asked.get(name))
    if (r.chance(0.93)) sentences.push(said.text)
    else sentences.unshift(said.text)
  }
  const pressing = last ? pressed(scene, asked.size > 0) : undefined
  if (pressing) sentences.splice(r.chance(0.3) ? 0 : sentences.length, 0, chosen(r.pick(pressing.says), r))
  if (!short && r.chance(0.35)) sentences.splice(r.chance(0.4) ? 0 : sentences.length, 0, chosen(r.pick(schema.small_talk), r))

  const { line, who } = greeting(scene, wording.by, short)
  const body = sentences.map((text) => typed(scene, text, phrasing)).map(stopped).join(' ')
  const follows = line !== undefined && /^[A-Z][a-z]+ /.test(body) && !scene.named.some(({ value }) => body.startsWith(value)) && r.chance(0.7) ? body[0]!.toLowerCase() + body.slice(1) : body
  const lines = line === undefined ? [body] : r.chance(0.55) ? [line, '', body] : [`${line} ${follows}`]
  return { from, subject: pressing && r.chance(0.25) ? `${shouted(pressing.markers[0] ?? '', r)} ${subject}`.trim() : subject, lines, by: wording.by, asked: [...asked].map(([kind, when]) => ({ kind, ...(who !== undefined && { who }), ...(when !== undefined && { when }) }) as ActionItem) }
}

/** Of some phrases the one with the fewest values. */
function shortest({ r }: Scene, says: readonly string[]): string {
  const some = Array.from({ length: 6 }, () => chosen(r.pick(says), r))
  return some.sort((a, b) => a.split('{').length - b.split('{').length || a.length - b.length)[0]!
}

/** What is asked for besides what the words imply, and now and then that once more. */
function furtherAsks({ r }: Scene, { implies, asks }: Wording, short: boolean): string[] {
  const again = implies.filter(() => r.chance(short ? 0.25 : 0.4))
  if (asks.length === 0 || !r.chance(implies.length ? 0.3 : asks.length > 2 ? 0.85 : 0.35)) return again
  const first = r.pick(asks)
  const second = r.chance(0.1) ? [r.pick(asks)] : []
  return [...new Set([...again, first, ...second])]
}

/** Whether a mail says in words how much it presses; that there is no hurry only where it asks for something. */
function pressed({ r, schema }: Scene, asks: boolean): Priority | undefined {
  const said = schema.priorities.filter(({ says, nothing_asked: relaxed }) => says.length > 0 && (asks || !relaxed))
  return r.weighted([...said.map((priority) => [priority, priority.nothing_asked ? 6 : 13] as const), [undefined, 81] as const])
}

const shouted = (word: string, r: Random) => r.pick([word.toUpperCase(), word && word[0]!.toUpperCase() + word.slice(1), word])

function greeting({ r, people }: Scene, by: Wording['by'], short: boolean): { line?: string; who?: string } {
  const [first = '', ...rest] = people[by === 'customer' ? 'desk' : 'customer'].split(' ')
  const who = r.chance(0.12) ? `${r.pick(['Mr', 'Ms', 'Mrs'])} ${rest.join(' ')}` : first
  return r.weighted([
    [{ line: `${r.pick(['Hi', 'Hello', 'Dear', 'Hey', 'Good morning', 'Good day', 'Hi there'])} ${who},`, who }, short ? 0.6 : 3.2],
    [{ line: `${who},`, who }, short ? 0.6 : 1.2],
    [{ line: r.pick(['Hello,', 'Hi,', 'Dear team,', 'Dear all,', 'Good morning,', 'Hi team,', 'Dear Sir or Madam,', 'Dear customer,', 'Hi all,']) }, short ? 0.8 : 2],
    [{}, short ? 8 : 4],
  ] as const)
}

const typed = ({ r }: Scene, text: string, phrasing: string): string => asTyped(text, { question: text.endsWith('?'), phrasing, fillers: false, slips: phrasing !== 'precise', known: new Set() }, r)

const stopped = (text: string): string => (/[.!?:]$/.test(text) ? text : `${text}.`)

