import { guard } from '../../../teacher/noise.ts'
import type { Random } from '../../../teacher/random.ts'
import { chosen, filled } from '../../phrase.ts'
import type { AnalysisSchema, Wording } from '../schema.ts'
import { deadline, personName, valueOf } from './values.ts'

/** A value that was said, with its type. */
export interface Named { type: string; value: string }

/** Who writes to whom about what: the same numbers and people in all mails of a thread. */
export class Scene {
  readonly schema: AnalysisSchema
  readonly r: Random
  readonly people: Record<Wording['by'], string>
  /** Everything that was said so far. */
  readonly named: Named[] = []
  readonly #values = new Map<string, string>()

  constructor(schema: AnalysisSchema, r: Random) {
    this.schema = schema
    this.r = r
    this.people = { customer: personName(r), desk: personName(r) }
  }

  /** The value of a slot, made up when it is first said; `{part:other}` is a second one. */
  value(type: string, style?: string): string {
    const key = `${type}/${style ?? ''}`
    let value = this.#values.get(key)
    if (value === undefined) {
      const taken = [...this.#values.values()]
      do value = valueOf(this.schema, type, this.r)
      while (taken.some((other) => other.includes(value!) || value!.includes(other)))
      this.#values.set(key, value)
      this.named.push({ type, value })
    }
    return value
  }

  /** A phrase in words, its values guarded from noise; with the deadline that it sets. */
  say(phrase: string): { text: string; when?: string } {
    let when: string | undefined
    const text = filled(chosen(phrase, this.r), ({ name, style }) => {
      if (name !== 'when') return guard(this.value(name, style))
      when = deadline(this.r)
      const day = this.schema.entities.find(({ made }) => made === 'date')
      if (day && isDate(when)) this.named.push({ type: day.name, value: when })
      return guard(when)
    })
    return { text, ...(when !== undefined && { when }) }
  }

  /** As a sender is shown; a name that nobody sees is none that was said. */
  from(side: Wording['by'], kind: string): string {
    const { r } = this
    const person = this.people[side]
    const address = `${person.split(' ')[0]!.toLowerCase()}@${r.pick(['mail', 'office', 'trade', 'firm'])}.example`
    const shown = r.weighted([['name', 7], ['company', side === 'customer' ? 2.5 : 0.5], ['address', kind === 'incomplete' ? 5 : 0.7]] as const)
    if (shown === 'address') return address
    const type = (made: 'person' | 'company') => this.schema.entities.find((each) => each.made === made)?.name
    const [personType, companyType] = [type('person'), type('company')]
    if (personType) this.named.push({ type: personType, value: person })
    if (shown === 'name' || !companyType) return r.chance(0.93) ? `${person} <${address}>` : person
    const company = this.value(companyType)
    return r.pick([`${person} (${company}) <${address}>`, `${person} - ${company} <${address}>`, `${person}, ${company} <${address}>`, `${person} | ${company} <${address}>`])
  }
}

/** A day that a calendar has; "tomorrow" is a deadline and no date. */
const isDate = (value: string): boolean => /\d|[A-Z][a-z]+day$/.test(value)
