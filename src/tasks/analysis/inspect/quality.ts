import { overlooked } from '../doubts.ts'
import { folded, stands } from '../facts.ts'
import { valuesIn } from '../indicators.ts'
import { statesOf, type AnalysisSchema } from '../schema.ts'
import type { FoundAnalysis } from './analyses.ts'
import { Counter, distribution, round } from './counting.ts'
import type { BatchRecord } from './records.ts'
import { likely } from './report.ts'

interface Finding { batch: string; kind: string; what: string }

const shownFindings = 200
const shownBest = 25
const parts = ['state', 'priority', 'summary', 'entities', 'actions'] as const

/** How good the analyses are: how complete, how true to the mails, how consistent; which are the best, what is missing. */
export class QualityMetrics {
  readonly #schema: AnalysisSchema
  readonly #gaps: Finding[] = []
  readonly #inconsistencies: Finding[] = []
  readonly #kinds = new Counter()
  readonly #scores: { batch: string; score: number; completeness: number; entity_recall: number | null; factual: number; values: number }[] = []
  readonly #seen = new Map<string, string>()

  constructor(schema: AnalysisSchema) {
    this.#schema = schema
  }

  add(batch: BatchRecord | undefined, analysis: FoundAnalysis): void {
    const { key, line } = analysis
    const name = batch?.file ?? `entry in line ${line}`
    if (!batch) return this.#find(this.#gaps, name, 'no batch', key === undefined ? 'the analysis names no batch' : `there is no batch ${key}`)
    const state = JSON.stringify([analysis.state, analysis.priority])
    const before = this.#seen.get(batch.key)
    if (before !== undefined) this.#find(this.#inconsistencies, name, before === state ? 'analysed twice' : 'analysed twice, differently', `line ${line} analyses it again`)
    this.#seen.set(batch.key, state)
    this.#judge(batch, analysis)
  }

  #judge({ file, text }: BatchRecord, analysis: FoundAnalysis): void {
    const schema = this.#schema
    const { state, priority, entities } = analysis
    const missing = parts.filter((part) => !(part === 'entities' || part === 'actions' ? analysis.fields.some((field) => field.includes(part.slice(0, 6))) : analysis[part] !== undefined))
    for (const part of missing) this.#find(this.#gaps, file, `no ${part}`, 'the analysis lacks it')
    const sure = [...new Set(valuesIn(schema, text).map(({ value }) => folded(value)))]
    const values = Object.values(entities).flat()
    const missed = overlooked(schema, { entities }, text)
    for (const value of missed) this.#find(this.#gaps, file, 'an entity is left out', value)
    const invented = values.filter((value) => !stands(value, text))
    for (const value of invented) this.#find(this.#inconsistencies, file, 'a value that stands nowhere in the mails', value)
    if (state !== undefined && !statesOf(schema).includes(state)) this.#find(this.#inconsistencies, file, 'a state that the schema lacks', state)
    if (priority !== undefined && !schema.priorities.some(({ name }) => name === priority)) this.#find(this.#inconsistencies, file, 'a priority that the schema lacks', priority)
    const indicated = likely(schema, text.split('\n').at(-1)!)
    if (state !== undefined && indicated !== undefined && indicated.split('/')[0] !== state.split('/')[0]) this.#kinds.add('state against the indicators of the newest mail')
    const completeness = (parts.length - missing.length) / parts.length
    const recall = sure.length ? 1 - missed.length / sure.length : null
    const factual = values.length ? 1 - invented.length / values.length : 1
    const score = completeness * factual * (recall ?? 1)
    this.#scores.push({ batch: file, score: round(score), completeness: round(completeness), entity_recall: recall === null ? null : round(recall), factual: round(factual), values: values.length })
  }

  #find(list: Finding[], batch: string, kind: string, what: string): void {
    this.#kinds.add(kind)
    if (list.length < shownFindings) list.push({ batch, kind, what: what.slice(0, 80) })
  }

  /** @param batches all that were read, analysed or not */
  document(batches: readonly BatchRecord[]): Record<string, unknown> {
    const without = batches.filter(({ key }) => !this.#seen.has(key))
    if (this.#seen.size > 0) for (const { file } of without) this.#find(this.#gaps, file, 'no analysis', 'nobody analysed the batch')
    const of = (name: 'score' | 'completeness' | 'factual') => distribution(this.#scores.map((each) => each[name]))
    const recalls = this.#scores.flatMap(({ entity_recall: recall }) => recall ?? [])
    return {
      how: 'score = completeness (share of the five parts) × factual (share of the values that stand in the mails) × entity recall (share of the values of declared patterns that are named)',
      analysed: this.#seen.size,
      score: of('score'), completeness: of('completeness'), factual: of('factual'), entity_recall: distribution(recalls),
      counts: this.#kinds.top(),
      best: [...this.#scores].sort((a, b) => b.score - a.score || b.values - a.values).slice(0, shownBest),
      weakest: [...this.#scores].sort((a, b) => a.score - b.score || b.values - a.values).slice(0, shownBest),
      gaps: this.#gaps, inconsistencies: this.#inconsistencies,
    }
  }
}
