import type { Hooks } from '../dataset/hooks.ts'
import { maskSecrets } from '../dataset/secrets.ts'
import type { Told } from '../teacher/anthropic/ask.ts'
import { buyEach, type Purchase } from '../teacher/anthropic/buy.ts'
import type { Endpoint } from '../teacher/anthropic/client.ts'
import { type PaidRequest, paidRequest } from '../teacher/anthropic/request.ts'
import { withLedger } from '../teacher/ledger.ts'
import { dollarsOf, type Estimate, estimateCalls, maxTokens, tokensIn } from '../teacher/prices.ts'
import { Random } from '../teacher/random.ts'
import { agreementOf } from './agreement.ts'
import type { Task } from './choose.ts'
import { wilson } from './intervals.ts'
import type { Judged } from './judge.ts'
import type { Disagreement, JudgedSet, Rate } from './judge-results.ts'
import { criterionNames, type Criterion, type Item, judgeRequest, readVerdicts, rubric, type Verdict } from './rubric.ts'
import { shownCharacters, shownExamples } from './slices.ts'

/** Each answer is read with its sources; more of them in one call are read with less care. */
const answersPerCall = 10
/** Tokens of a verdict: three sentences, and the keys. */
const outputPerAnswer = 140

/** One call: answers with what the judge sees of them. */
interface Sheet extends PaidRequest {
  entries: readonly Entry[]
  /** Characters of the request, and those of them that all requests share. */
  characters: { system: number; user: number }
}

interface Entry {
  judged: Judged
  item: Item
}

/** A sample of the answers to one set of rows, ready to be judged. */
export interface Panel extends Task {
  rows: number
  seed: number
  sampled: readonly Judged[]
  sheets: Sheet[]
  /** Answers that are not sent, with the reason. */
  withheld: ReadonlyMap<Judged, string>
  endpoint: Endpoint
}

export interface PanelOptions extends Task {
  /** Answers at most. */
  count: number
  seed: number
  endpoint: Endpoint
}

/**
 * Draws the answers to judge, by the seed and by nothing that is known of them. They keep the order in which they were drawn: it says nothing either, and a
 * larger sample begins with the smaller one, so that only the rest is paid for. Keys, passwords and personal data are masked before anything leaves.
 */
export function panelOf(judged: readonly Judged[], { count, seed, endpoint, ...task }: PanelOptions): Panel {
  const sampled = new Random(`judge/${seed}`).sample(judged, count)
  const withheld = new Map<Judged, string>()
  const entries = sampled.flatMap((each): Entry[] => {
    try {
      return [{ judged: each, item: maskSecrets(itemOf(each, task)).record }]
    } catch (error) {
      withheld.set(each, (error as Error).message)
      return []
    }
  })
  const sheets: Sheet[] = []
  for (let from = 0; from < entries.length; from += answersPerCall) sheets.push(sheetOf(entries.slice(from, from + answersPerCall), task, endpoint))
  return { ...task, rows: judged.length, seed, sampled, sheets, withheld, endpoint }
}

function sheetOf(entries: readonly Entry[], { family, schema }: Task, endpoint: Endpoint): Sheet {
  const request = judgeRequest(family.systemText(schema), entries.map(({ item }) => item))
  const characters = { system: request.system.length, user: request.user.length + JSON.stringify(request.format).length }
  return { entries, characters, ...paidRequest(request, maxTokens(entries.length, endpoint.model), endpoint) }
}

function itemOf({ row, completion }: Judged, { family, schema }: Task): Item {
  const { output, accepted = [] } = row
  const sources = family.evidence?.(schema, row, [output, ...accepted, completion])
  const known = new Set(sources?.map(({ id }) => id))
  // A source stands once, in full; answers that hold one name it.
  const named = (value: unknown) => JSON.parse(JSON.stringify(value, (_, part: unknown) => (isSource(part, known) ? part.id : part))) as unknown
  const words = (text: string) => named(readable({ family, schema }, text))
  return {
    question: row.instruction,
    ...(row.context && { context: row.context }),
    ...(sources?.length && { sources }),
    reference: words(output),
    ...(accepted.length && { also_right: accepted.map(words) }),
    answer: words(completion),
  }
}

const isSource = (part: unknown, known: ReadonlySet<string>): part is { id: string } => typeof part === 'object' && part !== null && 'id' in part && typeof part.id === 'string' && known.has(part.id)

/** An answer as people read it; how sure the program is of it is none of a judge's business. One that is no answer stands as it was written. */
function readable({ family, schema }: Task, output: string): unknown {
  try {
    const shown = family.answer(schema, output, 0)
    if (typeof shown !== 'object' || shown === null) return shown
    const { confidence: _, ...said } = shown as Record<string, unknown>
    return said
  } catch {
    return output
  }
}

export interface JudgeEstimate extends Estimate {
  /** Calls whose answers the ledger has: they cost nothing. */
  known: number
  /** Dollars at most. */
  worst: number
}

/** What the judging may cost, before the first call. */
export function estimatePanels(panels: readonly Panel[], { model, batch }: Endpoint): JudgeEstimate {
  const sheets = panels.flatMap((panel) => panel.sheets)
  const open = withLedger((ledger) => sheets.filter(({ key }) => !ledger.answer(key)))
  const sum = (of: (sheet: Sheet) => number) => open.reduce((total, sheet) => total + of(sheet), 0)
  return {
    ...estimateCalls({
      calls: open.length, systemTokens: tokensIn(open[0]?.characters.system ?? 0), userTokens: sum(({ characters }) => tokensIn(characters.user)),
      outputTokens: outputPerAnswer * sum(({ entries }) => entries.length), model, batch,
    }),
    known: sheets.length - open.length,
    worst: sum(({ worst }) => worst),
  }
}

/**
 * Has a sample judged: recorded judgements cost nothing, the rest is bought. What the judge did not answer as asked is counted as not judged.
 * @throws InputError or NeedsPersonError as `buyEach`; what was answered until then is in the ledger
 */
export async function judgePanel(panel: Panel, purchase: Omit<Purchase, 'endpoint'>, { onProgress }: Hooks = {}): Promise<JudgedSet> {
  const { endpoint, sampled } = panel
  const verdicts = new Map<Judged, Verdict | string>(panel.withheld)
  let [calls, paid] = [0, 0]
  const take = ({ entries }: Sheet, { answer, dollars }: Told): Sheet[] => {
    calls += 1
    paid += dollars
    const middle = Math.ceil(entries.length / 2)
    if (answer.stop === 'max_tokens' && entries.length > 1) return [entries.slice(0, middle), entries.slice(middle)].map((half) => sheetOf(half, panel, endpoint))
    for (const [index, verdict] of readVerdicts(answer, entries.length).entries()) verdicts.set(entries[index]!.judged, verdict)
    onProgress?.({ message: `${endpoint.model} judges`, step: verdicts.size, steps: sampled.length })
    return []
  }
  const usage = await buyEach(panel.sheets, take, { ...purchase, endpoint })
  return { ...opinionOf(panel, verdicts), calls, dollars: dollarsOf(usage, endpoint.model, endpoint.batch), paid_now: paid }
}

interface Opined {
  judged: Judged
  verdict: Verdict
  passes: boolean
}

function opinionOf({ rows, seed, sampled, endpoint }: Panel, verdicts: ReadonlyMap<Judged, Verdict | string>) {
  const opined = sampled.flatMap((judged): Opined[] => {
    const verdict = verdicts.get(judged)
    return typeof verdict === 'object' ? [{ judged, verdict, passes: criterionNames.every((name) => verdict[name].verdict === 'pass') }] : []
  })
  const reasons = sampled.flatMap((judged) => verdicts.get(judged) ?? []).filter((verdict) => typeof verdict === 'string')
  const { only_first, only_second, ...agreement } = agreementOf(opined.map(({ judged, passes }) => [passes, judged.score.equivalent]))
  const differing = (equivalent: boolean) => opined.filter(({ judged, passes }) => judged.score.equivalent === equivalent && passes !== equivalent)
  return {
    judge: endpoint.model, rubric, seed, rows, sampled: sampled.length, judged: opined.length,
    not_judged: Object.fromEntries([...Map.groupBy(reasons, (reason) => reason)].map(([reason, of]) => [reason, of.length])),
    passed: rateOf(opined, ({ passes }) => passes),
    criteria: byCriterion((name) => rateOf(opined, ({ verdict }) => verdict[name].verdict === 'pass')),
    equivalent: rateOf(opined, ({ judged }) => judged.score.equivalent),
    agreement: { ...agreement, only_judge: only_first, only_program: only_second },
    counted_right_judged_wrong: examplesOf(differing(true)),
    counted_wrong_judged_right: examplesOf(differing(false)),
  }
}

const byCriterion = <T>(of: (name: Criterion) => T) => Object.fromEntries(criterionNames.map((name) => [name, of(name)])) as Record<Criterion, T>

function rateOf(rows: readonly Opined[], holds: (row: Opined) => boolean): Rate {
  const count = rows.filter(holds).length
  return { rate: rows.length === 0 ? null : count / rows.length, interval: wilson(count, rows.length) }
}

/** Some of these rows, but for a golden set's final half, whose answers nobody reads. */
const examplesOf = (rows: readonly Opined[]): Disagreement[] =>
  rows.filter(({ judged }) => judged.row.part !== 'final').slice(0, shownExamples).map(({ judged: { row, shown }, verdict }) => ({
    instruction: row.instruction.slice(0, shownCharacters), context: row.context, expected: shown.expected.slice(0, shownCharacters), got: shown.got.slice(0, shownCharacters),
    criteria: byCriterion((name) => ({ verdict: verdict[name].verdict, reason: verdict[name].reason.slice(0, shownCharacters) })),
  }))
