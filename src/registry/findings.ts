import { splitFiles } from '../dataset/assemble.ts'
import { parseRows } from '../dataset/read-rows.ts'
import type { EnsembleResults } from '../evaluation/ensemble-results.ts'
import { inPoints, type Interval, mean, meanInterval, pairedCounts, type PairedRates, pairedRates, rateDifference } from '../evaluation/intervals.ts'
import type { Report } from '../evaluation/report.ts'
import { ImprovementLog, outcomesFile, parseOutcomes } from '../evaluation/rounds.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import type { Ref } from '../store/ref.ts'
import { differing, type Experiment, reportOf } from './experiments.ts'

/** Two models, or two forms of one, on rows that both were asked. Differences are in points of rows answered rightly: second − first. */
export interface Pair {
  /** What was changed: a setting by its path, or in words. */
  what: string
  from: string
  to: string
  points: number
  /** 95%. */
  interval: Interval
  n: number
  /** Which rows, and how they were compared. */
  rows: string
  /** Who was compared, e.g. "versions 1 and 2". */
  runs: string
  /** What made the second. */
  command: string
  /** They differ in nothing that anybody chose. */
  byChance?: boolean
}

/** All pairs in which the same was changed in the same way. */
export interface Finding extends Omit<Pair, 'runs' | 'rows' | 'command' | 'byChance' | 'n'> {
  verdict: 'better' | 'worse' | 'undecided'
  pairs: Pair[]
}

export interface Findings {
  found: Finding[]
  /** Pairs that differ in nothing that anybody chose. */
  chance: Pair[]
  /** Versions that differ in settings, and were asked nothing in common. */
  incomparable: { what: string; runs: string }[]
}

/** Fewer rows in common say nothing. */
const fewestRows = 20
/** So many settings are named; with more of them nobody could tell which one did it. */
const mostNamed = 4

/** Everything that this training's versions, their rounds, their reports and their vote say of what a change brought. */
export async function findings(store: ArtifactStore, all: readonly Experiment[], ensemble?: EnsembleResults): Promise<Findings> {
  const reports = await Promise.all(all.map((version) => reportOf(store, version)))
  const { pairs, incomparable } = await betweenVersions(store, all, reports)
  const every = [...pairs, ...(await betweenRounds(store, all, reports)), ...all.flatMap((version, index) => (reports[index] ? withinReport(version, reports[index]) : [])), ...(ensemble ? ofVote(all, ensemble) : [])]
  return { found: grouped(every.filter(({ byChance }) => !byChance)), chance: every.filter(({ byChance }) => byChance), incomparable }
}

/** Versions that differ in one setting; where more differ, each only from the one before it. */
async function betweenVersions(store: ArtifactStore, all: readonly Experiment[], reports: readonly (Report | undefined)[]): Promise<{ pairs: Pair[]; incomparable: Findings['incomparable'] }> {
  const answers = await Promise.all(all.map((version) => answersOf(store, version)))
  const pairs: Pair[] = []
  const incomparable: Findings['incomparable'] = []
  for (const [i, first] of all.entries()) {
    for (const [j, second] of all.entries()) {
      const changed = differing([first, second])
      if (j <= i || (changed.length > 1 && j > i + 1)) continue
      const about = { ...change(first, second, changed), runs: `versions ${first.version} and ${second.version}`, command: reports[j]?.command ?? `npx clitron train` }
      const difference = onValidation(answers[i], answers[j]) ?? onGolden(reports[i], reports[j])
      if (difference) pairs.push({ ...about, ...difference })
      else incomparable.push({ what: about.what, runs: about.runs })
    }
  }
  return { pairs, incomparable }
}

function change(first: Experiment, second: Experiment, changed: readonly string[]): Pick<Pair, 'what' | 'from' | 'to' | 'byChance'> {
  const value = ({ configuration }: Experiment, key: string) => String(configuration[key] ?? 'default')
  if (changed.length === 0) {
    if (first.schema !== second.schema) return { what: 'the schema', from: first.schema.slice(0, 8), to: second.schema.slice(0, 8) }
    const [from, to] = [first.dataset.sha256.slice(0, 8), second.dataset.sha256.slice(0, 8)]
    return from === to ? { what: 'nothing: trained again', from: '', to: '', byChance: true } : { what: 'the rows of the data', from, to }
  }
  const named = changed.length > mostNamed ? `${changed.length} settings together` : changed.length > 1 ? `${changed.join(', ')} together` : changed[0]!
  const values = (of: Experiment) => (changed.length > mostNamed ? `version ${of.version}` : changed.map((key) => value(of, key)).join(', '))
  return { what: named, from: values(first), to: values(second), ...(named === 'seed' && { byChance: true }) }
}

type Answers = Map<string, boolean>

/** Which validation rows a version answers rightly, by their content: another dataset may give its rows the same ids. */
async function answersOf(store: ArtifactStore, { report, dataset }: Pick<Experiment, 'report' | 'dataset'>): Promise<Answers | undefined> {
  try {
    const outcomes = parseOutcomes((await store.readTreeText(report, outcomesFile)) ?? '')
    const right = new Map(outcomes.map(({ id, error }) => [id, error === undefined]))
    const rows = parseRows((await store.readTreeText(dataset, splitFiles.validation)) ?? '')
    return new Map(rows.filter(({ id = '' }) => right.has(id)).map(({ id, instruction, context, output }) => [JSON.stringify([instruction, context, output]), right.get(id!)!]))
  } catch {
    // What a clean-up took, or an earlier release wrote otherwise, is not compared.
    return undefined
  }
}

type Difference = Pick<Pair, 'points' | 'interval' | 'n' | 'rows'>

function onValidation(first: Answers | undefined, second: Answers | undefined): Difference | undefined {
  const both = [...(first ?? [])].flatMap(([row, before]): [boolean, boolean][] => (second?.has(row) ? [[second.get(row)!, before]] : []))
  return both.length < fewestRows ? undefined : { ...differenceOf(pairedRates(both)), rows: 'validation rows, row by row' }
}

/** The final half of a golden set is only scored: it chooses nothing. */
function onGolden(first: Report | undefined, second: Report | undefined): Difference | undefined {
  const [before, now] = [first?.scores.golden_dev, second?.scores.golden_dev]
  if (!before || !now || before.n !== now.n || now.n < fewestRows) return undefined
  return { ...unpaired(before, now), rows: 'hand-written rows (dev half), by their counts' }
}

interface Rate {
  n: number
  equivalent: number
}

function unpaired(first: Rate, second: Rate): Pick<Pair, 'points' | 'interval' | 'n'> {
  const counts = ({ n, equivalent }: Rate) => ({ n, right: Math.round(n * equivalent) })
  return { points: 100 * (second.equivalent - first.equivalent), interval: inPoints(rateDifference(counts(second), counts(first))), n: second.n }
}

const differenceOf = ({ points, interval, n }: PairedRates) => ({ points, interval, n })

/** What each round of improvement gained over the best one before it. */
async function betweenRounds(store: ArtifactStore, all: readonly Experiment[], reports: readonly (Report | undefined)[]): Promise<Pair[]> {
  const logs = await Promise.all(all.map(({ improvement }) => improvement && readLog(store, improvement)))
  return logs.flatMap((log, index) => (log?.rounds ?? []).flatMap(({ round, gain }): Pair[] => (gain ? [{
    what: 'a round of examples of what failed', from: '', to: '', points: gain.points, interval: gain.interval, n: gain.n, rows: 'validation rows, row by row',
    runs: `version ${all[index]!.version}: round ${round} over ${gain.over === 0 ? 'the first training' : `round ${gain.over}`}`, command: reports[index]?.command ?? 'npx clitron train',
  }] : [])))
}

const readLog = (store: ArtifactStore, log: Ref) => store.readText(log).then((text) => ImprovementLog.parse(JSON.parse(text)), () => undefined)

/** What one evaluation compared. */
function withinReport({ version, quant }: Experiment, { validation: { sft, dpo }, gates: { quantization }, comparison, command }: Report): Pair[] {
  const about = { runs: `version ${version}`, command }
  return [
    { ...about, what: 'preference tuning', from: 'sft', to: 'dpo', ...unpaired(sft, dpo), rows: 'validation rows, by their counts' },
    ...(quantization ? [{ ...about, what: 'quantization', from: 'f16', to: quant, ...differenceOf(pairedCounts(quantization.onlyQuantized, quantization.onlyFull, quantization.rows)), rows: 'held-out and training rows, row by row' }] : []),
    ...(comparison && comparison.n >= fewestRows ? [{ ...about, what: 'a challenger on fresh data', from: 'the champion then', to: `version ${version}`, ...differenceOf(pairedCounts(comparison.only_challenger, comparison.only_champion, comparison.n)), rows: 'hand-written (dev half) and test rows, row by row', byChance: true }] : []),
  ]
}

/** What the vote of several versions gained. Of hand-written rows it says nothing here: their final half chooses nothing, and they were scored as one. */
function ofVote(all: readonly Experiment[], { versions, sets, command }: EnsembleResults): Pair[] {
  // After the list of versions was begun anew, its numbers mean other ones.
  if (!versions.every((each) => all.some(({ version, dataset }) => version === each.version && dataset.sha256 === each.dataset))) return []
  const [single] = versions.map(({ version }) => `version ${version}`)
  const voting = versions.map(({ version }) => version).sort((a, b) => a - b).join(', ')
  return Object.entries(sets).filter(([label, { n }]) => label !== 'golden' && n >= fewestRows).map(([label, { difference }]) => ({
    what: 'an ensemble', from: single!, to: `a vote of ${voting}`, ...differenceOf(difference), rows: `${label === 'test' ? 'test' : ''} rows, row by row`.trim(), runs: `versions ${voting}`, command,
  }))
}

/** The same change the other way round counts with its sign turned. */
function grouped(pairs: readonly Pair[]): Finding[] {
  const groups = Map.groupBy(pairs, ({ what, from, to }) => JSON.stringify([what, ...[from, to].sort()]))
  return [...groups.values()].map(([first, ...others]) => combined([first!, ...others.map((pair) => (pair.from === first!.from ? pair : turned(pair)))])).sort((a, b) => b.points - a.points)
}

const turned = (pair: Pair): Pair => ({ ...pair, from: pair.to, to: pair.from, points: -pair.points, interval: [-pair.interval[1], -pair.interval[0]] })

/** Of several pairs the interval tells how they differ from each other (Student's t), and is never narrower than that of one: they were asked the same rows. */
function combined(pairs: Pair[]): Finding {
  const { what, from, to } = pairs[0]!
  const points = mean(pairs.map((pair) => pair.points))
  const half = (interval: Interval) => (interval[1] - interval[0]) / 2
  const one = mean(pairs.map(({ interval }) => half(interval)))
  const spread = pairs.length > 1 ? Math.max(one, half(meanInterval(pairs.map((pair) => pair.points)))) : one
  const interval: Interval = pairs.length > 1 ? [points - spread, points + spread] : pairs[0]!.interval
  return { what, from, to, points, interval, pairs, verdict: interval[0] > 0 ? 'better' : interval[1] < 0 ? 'worse' : 'undecided' }
}
