import type { TaskFamily } from '../tasks/family.ts'
import { fisher, holm, rateDifference, wilson, type Interval } from './intervals.ts'
import type { Judged } from './judge.ts'
import type { Report } from './report.ts'
import type { ErrorExample } from './slices.ts'

export const errorAnalysisFile = 'error_analysis_report.json'

/** So many of a set's rows. */
interface Share {
  count: number
  /** Of all rows of the set, 0 to 1. */
  share: number
}

/** A slice against all rows of the set that are not in it. */
export interface SliceErrors {
  /** As "state orders/start". */
  slice: string
  n: number
  errors: number
  rate: number
  rest: { n: number; errors: number; rate: number }
  /** Of the difference of both rates, 95% (Newcombe). */
  difference: Interval
  /** Fisher's exact test that the slice has more errors, with Holm's correction over all slices of the set. */
  p_value: number
  /** More errors than the rest, beyond chance. */
  biased: boolean
}

export interface Confusion {
  /** What the classes are: "state". */
  of: string
  /** Rows that have a class; those whose answer has the same; its share with the 95% interval. */
  n: number
  right: number
  interval: Interval
  /** Reference taken for another, the commonest first. */
  pairs: { reference: string; answered: string; n: number }[]
}

/** What is known of the errors on one set of rows; rows of a golden set's final half are in no set. */
export interface ErrorAnalysis {
  rows: string
  n: number
  errors: number
  /** By the family's name of the error. */
  by_name: Record<string, Share & { category?: string }>
  /** By category, where the family has some; an error of none of them is "other". */
  by_category?: Record<string, Share>
  /** Slices of at least ten rows, those of the smallest probability first. */
  slices: SliceErrors[]
  confusion?: Confusion
}

/** The content of error_analysis_report.json. Without a time: the same answers are the same analysis. */
export interface ErrorAnalysisReport {
  name: string
  kind: string
  sets: (ErrorAnalysis & { examples: Record<string, ErrorExample[]> })[]
}

/** Of fewer rows, hardly a share of errors is beyond chance. */
const fewestRows = 10
const significance = 0.05

/** @param label the set's name, for people */
export function errorAnalysis(family: TaskFamily, schema: unknown, label: string, judged: readonly Judged[]): ErrorAnalysis {
  const rows = judged.filter(({ row }) => row.part !== 'final')
  const names = rows.flatMap(({ score }) => (score.equivalent ? [] : [score.error ?? 'other']))
  const categories = family.errorCategories
  return {
    rows: label, n: rows.length, errors: names.length,
    by_name: Object.fromEntries(Object.entries(counted(names, rows.length)).map(([name, of]) => [name, { ...of, ...(categories && { category: categoryOf(categories, name) }) }])),
    ...(categories && { by_category: counted(names.map((name) => categoryOf(categories, name)), rows.length) }),
    slices: errorsBySlice(family.slices, rows),
    ...confusionOf(family, schema, rows),
  }
}

/** The analyses with examples of each error, the surest mistakes first. */
export function errorAnalysisReport({ name, kind, error_analysis: sets = [], scores: { test, golden_dev } }: Report): ErrorAnalysisReport {
  return { name, kind, sets: sets.map((set, index) => ({ ...set, examples: (index === 0 ? test : golden_dev!).error_examples })) }
}

/** No family's own answer: the grammar or the length ended it. */
const always: Record<string, string> = { 'not JSON': 'format', 'did not end': 'format' }
const categoryOf = (categories: Readonly<Record<string, string>>, name: string) => categories[name] ?? always[name] ?? 'other'

/** The commonest first. */
function counted(names: readonly string[], n: number): Record<string, Share> {
  const groups = [...Map.groupBy(names, (name) => name)].map(([name, of]) => [name, of.length] as const).sort((a, b) => b[1] - a[1])
  return Object.fromEntries(groups.map(([name, count]) => [name, { count, share: count / n }]))
}

function errorsBySlice(keys: readonly string[], rows: readonly Judged[]): SliceErrors[] {
  const wrong = (of: readonly Judged[]) => of.filter(({ score }) => !score.equivalent).length
  const all = wrong(rows)
  const found = keys.flatMap((key) => [...Map.groupBy(rows.filter(({ row }) => row.slice?.[key] !== undefined), ({ row }) => `${key} ${row.slice![key]}`)].flatMap(([slice, of]) => {
    const [n, errors] = [of.length, wrong(of)]
    const rest = { n: rows.length - n, errors: all - errors }
    if (n < fewestRows || rest.n < fewestRows) return []
    return [{ slice, n, errors, rate: errors / n, rest: { ...rest, rate: rest.errors / rest.n }, difference: rateDifference({ right: errors, n }, { right: rest.errors, n: rest.n }), p_value: fisher({ hits: errors, n }, { hits: rest.errors, n: rest.n }) }]
  }))
  const adjusted = holm(found.map(({ p_value }) => p_value))
  return found.map((each, index) => ({ ...each, p_value: adjusted[index]!, biased: adjusted[index]! < significance })).sort((a, b) => a.p_value - b.p_value || b.rate - a.rate)
}

function confusionOf({ classes }: TaskFamily, schema: unknown, rows: readonly Judged[]): Pick<ErrorAnalysis, 'confusion'> {
  if (!classes) return {}
  const compared = rows.flatMap(({ row, completion }) => {
    const reference = classes.of(schema, row.output)
    return reference === undefined ? [] : [{ reference, answered: classes.of(schema, completion) ?? '(none)' }]
  })
  if (compared.length === 0) return {}
  const mistaken = Map.groupBy(compared.filter(({ reference, answered }) => reference !== answered), ({ reference, answered }) => JSON.stringify([reference, answered]))
  const pairs = [...mistaken.values()].map((of) => ({ ...of[0]!, n: of.length })).sort((a, b) => b.n - a.n || (a.reference < b.reference ? -1 : 1))
  const right = compared.length - pairs.reduce((sum, { n }) => sum + n, 0)
  return { confusion: { of: classes.name, n: compared.length, right, interval: wilson(right, compared.length), pairs } }
}
