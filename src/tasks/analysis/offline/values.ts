import { numberWord } from '../../../teacher/english.ts'
import type { Random } from '../../../teacher/random.ts'
import { randomWord } from '../../../teacher/values.ts'
import { valuesIn } from '../indicators.ts'
import { findType, type AnalysisSchema } from '../schema.ts'

const list = (text: string) => text.split(' ')

const firstNames = list('Anna Ben Carla David Elena Frank Grace Hugo Irene Jack Kira Liam Maria Noah Olivia Peter Quinn Rosa Simon Tina Umar Vera Walter Xenia Yusuf Zara Ahmed Bianca Chen Daria Emil Fatima Gustav Hana Ivan Julia Kofi Lena Marco Nadia Oscar Paula Rahul Sara Tomas Ursula Victor Wanda Yara Aaron Beth Colin Diana Ethan Flora George Helen Isaac Jane Kevin Laura Martin Nina Owen Priya Robert Sofia Theo Uwe Valerie William Amy Bruno Claire Dominik Esther Felix Gina Henry Isabel Jonas Karin Leo Mona Nils Otto Petra Ralf Stella Tom Wei Luis')
const lastNames = list('Adams Baker Carter Diaz Evans Fischer Garcia Hall Ibrahim Jones Klein Lopez Meyer Nguyen Olsen Parker Quist Rossi Smith Turner Ueda Vogel Wright Young Zimmer Ali Berg Costa Dubois Egger Ferrari Gruber Hansen Ito Jensen Khan Larsen Moore Novak Ortiz Patel Reid Silva Tanaka Weber Walsh Bauer Cohen Doyle Ellis Ford Grant Hughes Kovac Lang Murphy Nolan Owens Price Ross Stone Tran Vance Wolf Bell Cole Dunn Fox Gray Hill Kent Lee Marsh Nash Page Quinn Rhodes Shaw Todd West York Schmidt Wagner')
const firms = list('Nordic Alpine Harbor Summit Vertex Delta Orion Pioneer Atlas Beacon Cobalt Crown Eagle Falcon Global Horizon Iron Lakeside Metro Nova Omega Pacific Prime Quantum River Silver Sterling Titan Union Vista Western Zenith Maple Granite Copper Apex Central Eastern Northern Rapid')
const firmEnds = list('Systems Supply Trading Logistics Technologies Group Solutions Networks Industries Electronics Medical Foods Energy Labs Partners Services Tools Data Retail Motors')
const months = list('January February March April May June July August September October November December')
const weekdays = list('Monday Tuesday Wednesday Thursday Friday Saturday Sunday')

const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1)
const name = (r: Random, names: readonly string[]) => (r.chance(0.22) ? capital(randomWord(r, 3, 8)) : r.pick(names))

export const personName = (r: Random): string => `${name(r, firstNames)} ${r.chance(0.04) ? 'van ' : ''}${name(r, lastNames)}`

const companyName = (r: Random): string => r.weighted([
  [() => `${name(r, firms)} ${r.pick(firmEnds)}`, 6], [() => `${name(r, lastNames)} ${r.pick(['GmbH', 'Ltd', 'Inc', 'AG', '& Sons', 'Group', '& Co', 'LLC'])}`, 3], [() => `${capital(randomWord(r, 4, 7))} ${r.pick(firmEnds)}`, 2], [() => capital(randomWord(r, 5, 9)), 1],
] as const)()

const two = (value: number) => String(value).padStart(2, '0')

const dateValue = (r: Random): string => r.weighted([
  [() => `${r.pick(months)} ${r.int(1, 30)}`, 6], [() => r.pick(weekdays), 6], [() => `${r.int(1, 30)} ${r.pick(months)}`, 1.5], [() => `next ${r.pick(weekdays)}`, 1.5], [() => `${r.pick(months).slice(0, 3)} ${r.int(1, 30)}`, 1.5],
  [() => `20${r.int(24, 29)}-${two(r.int(1, 12))}-${two(r.int(1, 28))}`, 1], [() => `the ${r.int(4, 20)}th`, 0.8], [() => `${two(r.int(1, 12))}/${two(r.int(1, 28))}`, 0.7], [() => `${r.int(1, 28)}.${two(r.int(1, 12))}.2026`, 0.5], [() => `the ${r.pick(['1st', '2nd', '3rd', '21st', '22nd', '23rd', '5th', '15th'])} of ${r.pick(months)}`, 0.8], [() => `week ${r.int(1, 52)}`, 0.5],
] as const)()

const soon = ['today', 'tomorrow', 'end of day', 'noon', 'the end of the week', 'the weekend', 'the end of the month', 'close of business', 'this evening']
/** A deadline: a day, or words for one. */
export const deadline = (r: Random): string => (r.chance(0.8) ? dateValue(r) : r.pick(soon))

function amountValue(r: Random): string {
  const whole = r.weighted([[() => r.int(10, 999), 4], [() => r.int(1000, 9999), 5], [() => r.int(10_000, 250_000), 2]] as const)()
  const grouped = r.chance(0.85) ? whole.toLocaleString('en') : String(whole)
  const cents = r.chance(0.5) ? `.${r.pick(['00', '00', '50', '90', two(r.int(1, 99))])}` : ''
  return r.weighted([[`$${grouped}${cents}`, 6], [`EUR ${grouped}${cents}`, 2], [`€${grouped}${cents}`, 1.5], [`${grouped}${cents} USD`, 1.2], [`£${grouped}${cents}`, 1], [`${grouped}${cents} EUR`, 0.8], [`USD ${grouped}${cents}`, 0.8]] as const)
}

function quantityValue(r: Random): string {
  const value = r.weighted([[() => r.int(1, 20), 5], [() => r.int(2, 99), 4], [() => 5 * r.int(2, 60), 3], [() => r.int(100, 900), 1]] as const)()
  return (r.chance(0.05) && numberWord(value)) || String(value)
}

const capitals = [...'ABCDEFGHJKLMNPQRSTUVWXYZ']
const masked = (mask: string, r: Random): string => mask.replace(/##|#|@/g, (sign) => (sign === '@' ? r.pick(capitals) : sign === '#' ? String(r.int(0, 9)) : `${r.int(1, 9)}${r.int(0, 9)}`))

/** A made-up value of a type, in no other type's pattern. */
export function valueOf(schema: AnalysisSchema, type: string, r: Random): string {
  const { made, like } = findType(schema, type)!
  for (;;) {
    const value = made === 'mask' ? masked(r.pick(like), r) : { quantity: quantityValue, amount: amountValue, date: dateValue, person: personName, company: companyName }[made](r)
    const found = valuesIn(schema, value)
    if (found.every((each) => each.type === type) && !/^0|\b20\d\d\/0/.test(value)) return value
  }
}
