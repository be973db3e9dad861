import { withArticle } from '../../../teacher/english.ts'
import { guard } from '../../../teacher/noise.ts'
import type { Random } from '../../../teacher/random.ts'
import { dateValue, numberValue, quotedNowAndThen, textValue, type ColumnKind } from './values.ts'

/** A condition as the language has it, and as people say it: "status is active", "a status of active". */
export interface Said { means: string; text: string }

/** Gives a column of a kind, a known one or a new one. */
export type ColumnOf = (kind: ColumnKind) => string

type Comparison = 'is' | 'is not' | 'over' | 'at least' | 'under' | 'at most' | 'contains' | 'starts' | 'ends' | 'missing' | 'there' | 'true' | 'false'

const operator: Partial<Record<Comparison, string>> = { is: '==', 'is not': '!=', over: '>', 'at least': '>=', under: '<', 'at most': '<=', contains: 'contains', starts: 'starts_with', ends: 'ends_with' }

/** `{c}` is the column, `{v}` the value. */
const clauses: Record<Comparison, readonly string[]> = {
  is: ['{c} is {v}', '{c} is {v}', '{c} is {v}', 'the {c} is {v}', '{c} = {v}', "{c}='{v}'", "{c} = '{v}'", "{c} == '{v}'", '{c} equals {v}', '{c} is equal to {v}', '{c} is exactly {v}', '{c} matches {v}', '{c} says {v}', 'the value of {c} is {v}', '{c}={v}', 'their {c} is {v}', '{c} has the value {v}', '{c} == {v}'],
  'is not': ['{c} is not {v}', "{c} isn't {v}", '{c} is different from {v}', "{c} != '{v}'", '{c} != {v}', '{c} does not equal {v}', '{c} is other than {v}', '{c} is anything but {v}', "{c} doesn't equal {v}", '{c} differs from {v}', 'the {c} is not {v}', '{c} <> {v}', '{c} is not equal to {v}'],
  over: ['{c} is over {v}', '{c} is above {v}', '{c} is greater than {v}', '{c} is more than {v}', '{c} > {v}', '{c}>{v}', '{c} exceeds {v}', '{c} is bigger than {v}', '{c} is higher than {v}', '{c} is larger than {v}', '{c} over {v}', '{c} above {v}', 'the {c} is over {v}', '{c} greater than {v}', '{c} goes beyond {v}'],
  'at least': ['{c} is at least {v}', '{c} >= {v}', '{c}>={v}', '{c} is {v} or more', '{c} is no less than {v}', '{c} is {v} and up', '{c} is {v} or higher', '{c} is greater than or equal to {v}', '{c} at least {v}', 'the {c} is at least {v}', '{c} is not below {v}', '{c} is {v} or above', '{c} is not less than {v}', '{c} is {v} or greater', "{c} isn't under {v}", '{c} is {v} or over'],
  under: ['{c} is under {v}', '{c} is below {v}', '{c} is less than {v}', '{c} < {v}', '{c}<{v}', '{c} is smaller than {v}', '{c} is lower than {v}', '{c} under {v}', '{c} below {v}', 'the {c} is below {v}', '{c} less than {v}', '{c} falls below {v}'],
  'at most': ['{c} is at most {v}', '{c} <= {v}', '{c}<={v}', '{c} is {v} or less', '{c} is no more than {v}', '{c} does not exceed {v}', '{c} is {v} or below', '{c} is less than or equal to {v}', '{c} at most {v}', '{c} is not above {v}', '{c} is {v} or lower', '{c} is up to {v}', '{c} is not more than {v}', '{c} is not over {v}', "{c} isn't above {v}", '{c} is {v} or under'],
  contains: ['{c} contains {v}', '{c} includes {v}', '{c} has {v} in it', 'the {c} contains {v}', '{c} mentions {v}', '{v} is in {c}', '{v} appears in the {c}', "{c} contains '{v}'"],
  starts: ['{c} starts with {v}', '{c} begins with {v}', 'the {c} starts with {v}', "{c} starts with '{v}'"],
  ends: ['{c} ends with {v}', '{c} ends in {v}', 'the {c} ends with {v}', "{c} ends with '{v}'"],
  missing: ['{c} is missing', '{c} is empty', '{c} is blank', '{c} is null', '{c} is not set', '{c} is not there', 'the {c} is missing', 'there is no {c}', '{c} has no value', 'the {c} is empty', '{c} == null', '{c} is not known'],
  there: ['{c} is not empty', '{c} is there', '{c} is present', '{c} is set', '{c} is filled in', '{c} is not null', "{c} isn't missing", '{c} exists', 'there is a {c}', '{c} != null', '{c} is known', '{c} is not blank', '{c} has a value', '{c} is given'],
  true: ['{c} is true', '{c} = true', '{c} == true', 'the {c} flag is set', '{c} is yes', '{c} holds true'],
  false: ['{c} is false', '{c} = false', '{c} == false', '{c} is not true', '{c} is no', "{c} isn't true"],
}
const dateClauses: Partial<Record<Comparison, readonly string[]>> = {
  over: ['{c} is after {v}', '{c} is later than {v}', '{c} > {v}', '{c} is newer than {v}', '{c} after {v}', 'the {c} is after {v}'],
  'at least': ['{c} is on or after {v}', '{c} is since {v}', '{c} >= {v}', '{c} is {v} or later', '{c} is not before {v}'],
  under: ['{c} is before {v}', '{c} is earlier than {v}', '{c} < {v}', '{c} is older than {v}', '{c} before {v}', 'the {c} is before {v}'],
  'at most': ['{c} is on or before {v}', '{c} is until {v}', '{c} <= {v}', '{c} is {v} or earlier', '{c} is not after {v}'],
}
/** Behind "with": `{a}` is the column with its article. */
const nouns: Record<Comparison, readonly string[]> = {
  is: ['{a} of {v}', '{c} {v}', '{c} = {v}', 'the {c} {v}', '{v} as {c}', '{c} set to {v}', '{c} equal to {v}', '{v} in {c}', '{c} {v}', '{v} in the {c} column', '{v} as their {c}', 'the {c} being {v}'],
  'is not': ['{a} other than {v}', '{c} not {v}', '{c} != {v}', '{a} that is not {v}', 'any {c} but {v}'],
  over: ['{a} over {v}', '{a} above {v}', '{c} greater than {v}', '{a} of more than {v}', '{c} over {v}', '{c} > {v}', 'more than {v} {c}', '{a} higher than {v}', '{c} above {v}', '{a} bigger than {v}'],
  'at least': ['{a} of at least {v}', '{c} of {v} or more', 'at least {v} {c}', '{c} >= {v}', '{a} of {v} and up', '{c} at least {v}', '{a} of {v} or more', '{a} of {v} or higher', '{a} of {v} or above', '{c} {v} or more', '{a} of no less than {v}'],
  under: ['{a} under {v}', '{a} below {v}', '{c} less than {v}', '{a} of less than {v}', '{c} under {v}', '{c} < {v}', 'less than {v} {c}', 'fewer than {v} {c}', '{a} lower than {v}'],
  'at most': ['{a} of at most {v}', '{c} of {v} or less', 'at most {v} {c}', '{c} <= {v}', '{a} up to {v}', 'no more than {v} {c}', '{a} of {v} or less', '{a} of {v} or lower', '{a} of {v} or below', '{c} {v} or less', '{a} of no more than {v}'],
  contains: ['{v} in the {c}', '{v} in {c}', '{a} containing {v}', '{a} that contains {v}', '{a} that includes {v}'],
  starts: ['{a} starting with {v}', '{a} that starts with {v}', '{a} beginning with {v}'],
  ends: ['{a} ending in {v}', '{a} that ends with {v}', '{a} ending with {v}'],
  missing: ['no {c}', 'a missing {c}', 'an empty {c}', 'an unknown {c}', '{c} missing', 'a blank {c}'],
  there: ['{a}', 'a known {c}', '{c} present', '{c} filled in', 'a non-empty {c}'],
  true: ['{c} true', '{c} = true', '{c} set'],
  false: ['{c} false', '{c} = false'],
}

const kindOf: readonly (readonly [ColumnKind, number])[] = [['text', 6], ['number', 6], ['date', 1.4], ['flag', 0.8], ['id', 0.3]]

function comparisonOf(kind: ColumnKind, r: Random): Comparison {
  if (r.chance(0.11)) return r.pick(['missing', 'there', 'there'])
  switch (kind) {
    case 'flag': return r.pick(['true', 'true', 'false'])
    case 'number': return r.weighted([['over', 5], ['under', 4], ['at least', 3], ['at most', 2], ['is', 2], ['is not', 1]] as const)
    case 'date': return r.weighted([['over', 3], ['under', 3], ['at least', 2], ['at most', 1], ['is', 0.5]] as const)
    default: return r.weighted([['is', 8], ['is not', 3], ['contains', 1.5], ['starts', 0.8], ['ends', 0.6]] as const)
  }
}

interface Simple { column: string; comparison: Comparison; kind: ColumnKind; value: string | number | undefined }

function simple(r: Random, columnOf: ColumnOf): Simple {
  const kind = r.weighted(kindOf)
  const comparison = comparisonOf(kind, r)
  const valued = operator[comparison] !== undefined
  const value = !valued ? undefined : kind === 'number' ? numberValue(r) : kind === 'date' ? dateValue(r) : textValue(r)
  return { column: columnOf(kind), comparison, kind, value }
}

function meaning({ column, comparison, value }: Simple): string {
  if (comparison === 'missing' || comparison === 'there') return `${column} ${comparison === 'missing' ? '==' : '!='} null`
  if (comparison === 'true' || comparison === 'false') return `${column} == ${comparison}`
  return `${column} ${operator[comparison]} ${literal(value!)}`
}

export const literal = (value: string | number): string => (typeof value === 'number' ? String(value) : value.includes("'") ? `"${value}"` : `'${value}'`)

/** The clause of a comparison, or what stands behind "with". `named`: how the value is called, where a variable holds it. */
function clause({ column, comparison, kind, value }: Simple, r: Random, noun: boolean, named?: string): string {
  const shapes = noun ? nouns[comparison] : (kind === 'date' && dateClauses[comparison]) || clauses[comparison]
  const shape = r.pick(shapes)
  const inQuotes = /['"]\{v\}/.test(shape)
  const bare = named !== undefined && inQuotes ? shape.replace(/['"]/g, '') : typeof value === 'number' ? shape.replace(/'\{v\}'/, '{v}') : shape
  const said = named ?? (typeof value === 'string' && !/['"]\{v\}/.test(bare) ? quotedNowAndThen(value, r, /\s/.test(value) ? 0.5 : 0.22) : guard(amount(value, r)))
  return bare.replace('{a}', () => withArticle(column).replace(column, guard(column))).replace('{c}', () => spoken(column, r)).replace('{v}', () => said)
}

const amount = (value: Simple['value'], r: Random): string => (typeof value === 'number' && value >= 10_000 && Number.isInteger(value) && r.chance(0.1) ? value.toLocaleString('en') : String(value))

/** A column as it is typed; of two words sometimes as words. */
const spoken = (column: string, r: Random): string => (column.includes('_') && r.chance(0.15) ? guard(column.replaceAll('_', ' ')) : r.chance(0.03) ? `"${guard(column)}"` : guard(column))

/**
 * What people ask of rows. `style`: "" a clause, "bare" and "with" a noun; before them "not" says the opposite of what is meant. What is meant
 * is then written as a "not" before what is said: an operator turned round would hang on both verb and words, which small models hardly learn.
 */
export function sayCondition(r: Random, columnOf: ColumnOf, style: string): Said {
  const negated = style.startsWith('not')
  const noun = style.endsWith('with') || style.endsWith('bare')
  if (!negated && r.chance(noun ? 0.1 : 0.3)) return several(r, columnOf, noun, style.endsWith('with'))
  const one = simple(r, columnOf)
  const text = clause(one, r, noun)
  const before = style.endsWith('with') ? (noun && one.comparison === 'missing' && r.chance(0.4) ? undefined : r.weighted([['with', 6], ['having', 2], ['that have', 2], ['which have', 2], ['w/', 0.4]] as const)) : ''
  const missed = r.chance(0.3) ? guard(one.column) : withArticle(one.column).replace(one.column, guard(one.column))
  const whole = before === undefined ? `${r.chance(0.15) ? 'w/o' : 'without'} ${missed}` : `${before} ${text}`.trim()
  return { means: negated ? `not ${meaning(one)}` : meaning(one), text: whole }
}

function several(r: Random, columnOf: ColumnOf, noun: boolean, having: boolean): Said {
  const before = having ? `${r.pick(['with', 'having'])} ` : ''
  const first = simple(r, columnOf)
  if (!noun && first.comparison === 'is' && first.kind === 'text' && r.chance(0.6)) {
    const others = Array.from({ length: r.chance(0.25) ? 2 : 1 }, () => textValue(r)).filter((value) => value !== first.value)
    const all = [...new Set([first.value as string, ...others])]
    if (all.length < 2) return several(r, columnOf, noun, having)
    const names = all.map((value) => quotedNowAndThen(value, r, 0.2))
    const many = `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
    return { means: all.map((value) => meaning({ ...first, value })).join(' or '), text: `${spoken(first.column, r)} ${r.pick(['is', 'is', 'is either', 'is one of', '='])} ${many}` }
  }
  if (!noun && first.kind === 'number' && r.chance(0.35)) {
    const low = Math.trunc(numberValue(r))
    const high = low + r.int(1, 500)
    const means = `${first.column} >= ${low} and ${first.column} <= ${high}`
    return { means, text: `${spoken(first.column, r)} ${r.pick(['is ', 'is ', '', 'lies '])}${r.pick([`between ${guard(String(low))} and ${guard(String(high))}`, `from ${guard(String(low))} to ${guard(String(high))}`, `at least ${guard(String(low))} and at most ${guard(String(high))}`])}` }
  }
  const second = simple(r, columnOf)
  const join = r.chance(0.68) ? 'and' : 'or'
  return { means: `${meaning(first)} ${join} ${meaning(second)}`, text: `${before}${clause(first, r, noun)} ${r.chance(0.1) && join === 'and' ? 'and also' : join} ${clause(second, r, noun)}` }
}

/** A comparison with a variable that the workflow declares. */
export function sayWithVariable(r: Random, columnOf: ColumnOf, name: string): Said & { value: string | number } {
  let one: Simple
  do one = simple(r, columnOf)
  while (one.value === undefined || one.kind === 'date')
  const named = r.pick([`@var:${name}`, `the variable ${name}`, name, `@${name}`, `that variable ${name}`])
  return { means: `${one.column} ${operator[one.comparison]} @var:${name}`, text: clause(one, r, false, guard(named)), value: one.value }
}

const signs: Record<string, readonly string[]> = { '*': ['*', 'times', 'multiplied by', 'x'], '+': ['+', 'plus', 'and'], '-': ['-', 'minus', 'less'], '/': ['/', 'divided by', 'over', 'per'] }

const commands: Record<string, readonly string[]> = { '*': ['multiply {l} by {r}', 'multiply {l} with {r}', 'take {l} times {r}'], '+': ['add {l} and {r}', 'add {r} to {l}', 'sum {l} and {r}'], '-': ['subtract {r} from {l}', 'take {r} from {l}', 'take {l} minus {r}'], '/': ['divide {l} by {r}', 'take {l} over {r}'] }

/** A sum, product … of columns and numbers. `style`: "formula" with signs only, "command" as one is told to do it. */
export function sayExpression(r: Random, columnOf: ColumnOf, style: string): Said {
  const sign = r.pick(['*', '*', '+', '-', '/'] as const)
  const [left, right] = [columnOf('number'), r.chance(0.6) ? columnOf('number') : String(Math.trunc(numberValue(r)) + 2)]
  if (style === 'command') return { means: `${left} ${sign} ${right}`, text: r.pick(commands[sign]!).replace('{l}', () => guard(left)).replace('{r}', () => guard(right)) }
  const three = r.chance(0.12) ? columnOf('number') : undefined
  const means = `${left} ${sign} ${right}${three ? ` ${sign} ${three}` : ''}`
  if (style === 'formula' || r.chance(0.5) || three) return { means, text: guard(r.chance(0.15) ? means.replaceAll(' ', '') : means) }
  const both = `${guard(left)} and ${guard(right)}`
  const whole = r.weighted([[() => `${guard(left)} ${r.pick(signs[sign]!.filter((word) => word !== 'and'))} ${guard(right)}`, 5], [() => `the ${sign === '+' ? 'sum' : sign === '*' ? 'product' : sign === '-' ? 'difference' : 'ratio'} of ${both}`, 1.5]] as const)()
  return { means, text: whole }
}
