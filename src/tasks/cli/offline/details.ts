import { numberWord } from '../../../teacher/english.ts'
import { honest } from '../../orders.ts'
import type { Arg, Flag } from '../schema.ts'
import { compact } from './framing.ts'
import { markedValue, markedWords } from './mentions.ts'
import type { Wording } from './request.ts'
import type { Said } from './values.ts'
import { endsWithPreposition, humanized, isLimit, pluralOf } from './words.ts'

/** Everything not yet said: options and flags in random order, free text last. */
export function details(wording: Wording, consumed: Set<Arg | Flag>): string {
  const { r, meaning } = wording
  const parts = r.shuffle([
    ...meaning.args.filter((each) => !consumed.has(each.arg)).map((each) => ({ loose: each.said.some((said) => said.loose), write: (last: boolean) => option(wording, each.arg, each.said, last) })),
    ...meaning.pointed.filter((arg) => arg !== wording.words.target).map((arg) => ({ loose: false, write: () => markedWords(meaning.leaf, arg, pointedOption(wording, arg)) })),
    ...meaning.flags.filter((flag) => !consumed.has(flag)).map((flag) => ({ loose: false, write: () => markedWords(meaning.leaf, flag, switchWords(wording, flag)) })),
  ]).sort((a, b) => Number(a.loose) - Number(b.loose))
  const texts = parts.map((part, i) => part.write(i === parts.length - 1))
  return texts.reduce((text, next, i) => {
    if (i === 0) return next
    if (next.startsWith('and ')) return r.chance(0.2) ? `${text}, ${next}` : `${text} ${next}`
    return `${text}${r.weighted([[' ', 12], [', ', 2.5], [' and ', 3]] as const)}${next}`
  }, '')
}

function option(wording: Wording, arg: Arg, said: Said[], last: boolean): string {
  const { r, meaning } = wording
  const values = said.map((each, i) => wording.spoken(each, arg, last && i === said.length - 1))
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
function pointedOption({ r }: Wording, arg: Arg): string {
  const lead = r.pick([...arg.synonyms.filter((each) => endsWithPreposition(each) || each.endsWith(humanized(arg.name))), `with ${humanized(arg.name)}`])
  const noun = humanized(arg.context!.split('.')[1]!).replace(/^(current|repo) /, '')
  const words = lead.split(' ')
  if (words.at(-1) === noun) words.pop()
  if (words.at(-1) === 'the') words.pop()
  return compact(words.join(' ') || r.pick(['for', 'on', 'in']), r.pick(['this', 'the current', 'my current', 'my', 'current']), noun)
}

function switchWords({ r, meaning }: Wording, flag: Flag): string {
  const name = humanized(flag.name)
  const own = r.chance(meaning.phrasing === 'precise' ? 0.35 : 0.1)
  if (flag.synonyms.length && !own) return r.pick(flag.synonyms)
  const description = honest(flag.description).split(/[.;(,]/)[0]!.trim()
  const said = description && description.split(' ').length <= 7 && /^[A-Z][a-z]+ [a-z]/.test(description) ? description[0]!.toLowerCase() + description.slice(1) : ''
  return r.weighted([[`with ${name}`, 3], [name, 2], [`--${flag.name}`, 1], [`and ${said}`, said ? 3 : 0]] as const)
}
