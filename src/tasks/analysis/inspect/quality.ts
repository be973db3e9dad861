import { normalise } from '../../normalise.ts'
import { sanitized } from '../clean.ts'
import { leftOut, sureValues } from '../doubts.ts'
import { standsIn } from '../facts.ts'
import { statesOf, tasks, type AnalysisSchema } from '../schema.ts'
import type { FoundAnalysis } from './analyses.ts'
import { Counter, distribution, round } from './counting.ts'
import { mailsAgain, type BatchRecord } from './records.ts'
import { likely } from './report.ts'

interface Finding { batch: string; kind: string; what: string }

const shownFindings = 200
const shownBest = 25
/** Longer findings are cut before they are looked through. */
const longest = 1_000

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

  async add(batch: BatchRecord | undefined, analysis: FoundAnalysis): Promise<void> {
    const { names, line } = analysis
    if (!batch) return this.#find(this.#gaps, `entry in line ${line}`, 'no batch', names.length === 0 ? 'the analysis names no batch' : `no batch alone is called ${names[0]}`)
    const { file } = batch
    const state = JSON.stringify([analysis.state, analysis.priority])
    const before = this.#seen.get(file)
    if (before !== undefined) this.#find(this.#inconsistencies, file, before === state ? 'analysed twice' : 'analysed twice, differently', `line ${line} analyses it again`)
    this.#seen.set(file, state)
    await this.#judge(batch, analysis)
  }

  /** What of the analysis stands nowhere in the mails, and what these surely name and it has not. All mails count, in full: the file is read again where the record lacks some. */
  async #held(batch: BatchRecord, { written, entities }: FoundAnalysis): Promise<{ invented: string[]; sure: number; missed: string[] }> {
    const schema = this.#schema
    const standsInRecord = standsIn(batch.text)
    const strange = written.filter((value) => !standsInRecord(value))
    const again = batch.whole && strange.length === 0 ? undefined : await mailsAgain(schema, batch)
    const sure = sureValues(schema, again?.read ?? batch.text)
    // Whatever was replaced in the record (addresses, numbers of people) is held against what was written.
    const [standsAsWritten, standsNormalised] = [standsIn(again?.written ?? ''), standsIn(normalise(again?.written ?? ''))]
    return {
      invented: strange.filter((value) => !standsAsWritten(value) && !standsNormalised(normalise(value))),
      sure: sure.size,
      missed: leftOut(schema, entities, sure),
    }
  }

  async #judge(batch: BatchRecord, analysis: FoundAnalysis): Promise<void> {
    const schema = this.#schema
    const { file, text } = batch
    const { state, priority, written } = analysis
    const missing = tasks.filter((part) => !analysis.parts.has(part))
    for (const part of missing) this.#find(this.#gaps, file, `no ${part}`, 'the analysis lacks it')
    const { invented, sure, missed } = await this.#held(batch, analysis)
    for (const value of missed) this.#find(this.#gaps, file, 'an entity is left out', value)
    for (const value of invented) this.#find(this.#inconsistencies, file, 'a value that stands nowhere in the mails', value)
    if (state !== undefined && !statesOf(schema).includes(state)) this.#find(this.#inconsistencies, file, 'a state that the schema lacks', state)
    if (priority !== undefined && !schema.priorities.some(({ name }) => name === priority)) this.#find(this.#inconsistencies, file, 'a priority that the schema lacks', priority)
    const indicated = likely(schema, text.split('\n').at(-1)!)
    if (state !== undefined && indicated !== undefined && indicated.split('/')[0] !== state.split('/')[0]) this.#kinds.add('state against the indicators of the newest mail')
    const completeness = (tasks.length - missing.length) / tasks.length
    const recall = sure ? 1 - missed.length / sure : null
    const factual = written.length ? 1 - invented.length / written.length : 1
    const score = completeness * factual * (recall ?? 1)
    this.#scores.push({ batch: file, score: round(score), completeness: round(completeness), entity_recall: recall === null ? null : round(recall), factual: round(factual), values: written.length })
  }

  #find(list: Finding[], batch: string, kind: string, what: string): void {
    this.#kinds.add(kind)
    if (list.length < shownFindings) list.push({ batch, kind, what: sanitized(this.#schema, what.slice(0, longest)).slice(0, 80) })
  }

  /** @param batches all that were read, analysed or not */
  document(batches: readonly BatchRecord[]): Record<string, unknown> {
    const without = batches.filter(({ file }) => !this.#seen.has(file))
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
