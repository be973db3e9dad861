import { relative } from 'node:path'
import type { Row } from '../../dataset/row.ts'
import { ExitCode, InputError } from '../../errors.ts'
import type { Task } from '../../evaluation/choose.ts'
import { sectionOf } from '../../evaluation/evaluate.ts'
import { range } from '../../evaluation/format.ts'
import type { Judged } from '../../evaluation/judge.ts'
import type { Disagreement, JudgedSet, JudgeResults, Rate } from '../../evaluation/judge-results.ts'
import { estimatePanels, judgePanel, panelOf, type Panel } from '../../evaluation/paid-judge.ts'
import { criterionNames } from '../../evaluation/rubric.ts'
import { judgeFile } from '../../evaluation/score-rows.ts'
import { modelDir } from '../../paths.ts'
import { usualOptions } from '../../plan.ts'
import { redact } from '../../redact.ts'
import { writeAtomically } from '../../store/atomic.ts'
import { type Endpoint, readKey } from '../../teacher/anthropic/client.ts'
import { teacherModel } from '../../teacher/defaults.ts'
import { withLedger } from '../../teacher/ledger.ts'
import { money, quote, visible } from '../../text.ts'
import { bold, dim, note, percent, print, printExactly, printJson, showProgress, table, yellow } from '../print.ts'
import { readSchema } from '../schema.ts'
import { withoutRun } from '../without-run.ts'
import { complain, heldOutFiles, loadModel, show, trainingRows, type ModelFile, type Scored } from './eval.ts'

interface Options {
  data?: string
  /** A GGUF in place of the trained one. */
  model?: string
  judgeModel?: string
  budget?: number
  /** Answers of each set of rows that are judged, at most. */
  sample?: number
  seed?: number
  json?: boolean
}

/** As many tell a share to ten points either way; the default of `--sample` with a judge. */
const usualSample = 100

/** Scores rows as `evaluateRows` does, then has a paid model judge a random sample of the answers; the result also goes to judge.json. */
export async function evaluateJudged(name: string, { data, model, judgeModel, budget, sample = usualSample, seed = usualOptions.seed, json }: Options): Promise<void> {
  if (sample < 1) throw new InputError('--sample says how many answers are judged: give 1 or more.')
  const endpoint = { model: teacherModel(judgeModel), batch: false, baseUrl: process.env.ANTHROPIC_BASE_URL || undefined }
  // Before minutes of scoring, not after them.
  readKey(endpoint, 'The judge needs a key: set ANTHROPIC_API_KEY, or leave --judge out, for the scores need none.')
  const { family, schema, text } = await readSchema(name)
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  const hooks = { signal: stop.signal, onProgress: process.stderr.isTTY ? showProgress : undefined }
  try {
    const { sets, file } = await answer(name, { data, model, text, task: { family, schema }, train: await trainingRows(name) }, hooks)
    for (const { label, section } of sets) complain(label, section)
    // What the scores are is known already, whatever becomes of the judging.
    if (!json) for (const { label, section } of sets) show(label, section)
    const panels = sets.map(({ judged }) => panelOf(judged, { family, schema, count: sample, seed, endpoint }))
    note(price(name, panels, endpoint, budget))
    const purchase = { training: account(name), budget, signal: stop.signal, say: sayOnce(json) }
    withLedger((ledger) => ledger.setBudget(purchase.training, budget))
    const judged: JudgedSet[] = []
    for (const panel of panels) judged.push(redacted(await withoutRun(() => judgePanel(panel, purchase, hooks), '--judge-model')))
    const options = [data === undefined ? '' : `--data ${quote(data)}`, model === undefined ? '' : `--model ${quote(model)}`, '--judge', `--judge-model ${quote(endpoint.model)}`, `--sample ${sample}`, `--seed ${seed}`]
    const results: JudgeResults = {
      name, created: new Date().toISOString(), command: ['npx clitron eval', name, ...options].filter(Boolean).join(' '), model: file,
      sets: Object.fromEntries(sets.map(({ label }, index) => [label, judged[index]!])),
    }
    const where = modelDir(name, 'judge.json')
    await writeAtomically(where, `${JSON.stringify(results, null, 2)}\n`)
    for (const [label, { sampled, not_judged }] of Object.entries(results.sets)) {
      for (const [reason, count] of Object.entries(not_judged)) note(yellow(`${label}: ${count} of ${sampled} answers not judged: ${visible(reason)}`))
    }
    if (json) {
      const documents = sets.map(({ label, section }, index) => [label, { ...section, judge: judged[index]! }] as const)
      return printJson(data === undefined ? Object.fromEntries(documents) : documents[0]![1])
    }
    for (const [label, set] of Object.entries(results.sets)) showJudged(label, set)
    print(dim(`All of it stands in ${relative(process.cwd(), where)}.`))
  } catch (error) {
    if (!stop.signal.aborted) throw error
    if (json) printJson({ name, interrupted: true })
    note('Interrupted; what was judged is in the ledger and is not bought again.')
    process.exitCode = ExitCode.cancelled
  } finally {
    process.removeListener('SIGINT', interrupt)
  }
}

/** What a provider wrote may repeat what it was sent. */
const redacted = (set: JudgedSet): JudgedSet => JSON.parse(redact(JSON.stringify(set, null, 1))) as JudgedSet

/** Judging has a budget of its own beside that of the training's examples, and a line of its own in `clitron ledger`. No training can have this name. */
const account = (name: string) => `${name} (judge)`

interface Answering extends Pick<Options, 'data' | 'model'> {
  text: string
  task: Task
  train: Row[]
}

async function answer(name: string, { data, model, text, task, train }: Answering, hooks: Parameters<typeof judgeFile>[1]): Promise<{ sets: { label: string; judged: Judged[]; section: Scored }[]; file: ModelFile }> {
  const { predictor, calibration, file } = await loadModel(name, model, text)
  try {
    const sets = []
    for (const [label, rows] of data === undefined ? heldOutFiles(name) : [[data, data] as const]) {
      const { judged, bad } = await judgeFile({ ...task, predictor, calibration, file: rows, train }, hooks)
      sets.push({ label, judged, section: { ...sectionOf(task.family, judged), bad_rows: bad, model: file } })
    }
    return { sets, file }
  } finally {
    await predictor.close()
  }
}

/** What the judging may cost, before its first call. */
function price(name: string, panels: readonly Panel[], endpoint: Endpoint, budget: number | undefined): string {
  const { model } = endpoint
  const { calls, known, dollars, worst, assumedPrice } = estimatePanels(panels, endpoint)
  const answers = panels.reduce((sum, { sampled }) => sum + sampled.length, 0)
  const inCalls = (count: number) => `${count} ${count === 1 ? 'call' : 'calls'}`
  if (calls === 0) return `${answers} answers judged by ${model} cost nothing: their ${inCalls(known)} are recorded.`
  const recorded = known ? `; ${inCalls(known)} more are recorded and cost nothing` : ''
  const limit = budget === undefined ? 'no --budget limits it' : `the budget of all judging of ${name} is ${money(budget)}`
  return `${answers} answers judged by ${model} in ${inCalls(calls)} cost about ${money(dollars)}, ${money(worst)} at most${assumedPrice ? ' (its price is not known here; that of Claude Opus 4.5 is assumed)' : ''}${recorded}; ${limit}.`
}

/** What the paid path says of its waiting, each line once in a row. */
function sayOnce(json: boolean | undefined): (message: string) => void {
  let last = ''
  return (message) => {
    if (message !== last && !json) note(dim(message))
    last = message
  }
}

const rate = ({ rate: share, interval }: Rate) => (share === null ? '-' : `${percent(share)} (${range(interval)})`)

function showJudged(label: string, set: JudgedSet): void {
  const { judge, seed, rows, sampled, judged, passed, criteria, equivalent, agreement: { both_right, only_judge, only_program, both_wrong, share, kappa }, dollars, paid_now, calls } = set
  const drawn = sampled < rows ? `a random sample of ${rows} (seed ${seed})` : 'all rows there are'
  print(bold(`${label}, judged by ${judge}: ${passed.rate === null ? 'nothing could be judged' : `${percent(passed.rate)} of ${judged} answers pass`}`) + (passed.rate === null ? '' : ` (95% interval ${range(passed.interval)}), ${drawn}`))
  if (share !== null) {
    print(table([
      ...criterionNames.map((name) => [`  ${name}`, rate(criteria[name])]),
      ['  equivalent, by the program', rate(equivalent)],
      ['  judge and program agree', `${percent(share)} of the answers, Cohen's kappa ${kappa === null ? 'not defined: one verdict for all' : kappa.toFixed(2)}`],
      ['  pass and equivalent', String(both_right)],
      ['  pass, not equivalent', String(only_judge)],
      ['  fail, equivalent', String(only_program)],
      ['  fail, not equivalent', String(both_wrong)],
    ]))
  }
  showExamples('counted right, judged wrong', set.counted_right_judged_wrong)
  showExamples('counted wrong, judged right', set.counted_wrong_judged_right)
  print(`  ${money(dollars)} for ${calls} ${calls === 1 ? 'call' : 'calls'}${paid_now < dollars ? `, ${money(paid_now)} of it paid now` : ''}`)
}

/** Of an answer that was judged right all reasons, of others those why not. */
function showExamples(what: string, examples: readonly Disagreement[]): void {
  for (const { instruction, expected, got, criteria } of examples) {
    const failed = criterionNames.filter((name) => criteria[name].verdict === 'fail')
    printExactly(visible(`  ${what}: ${JSON.stringify(instruction.slice(0, 120))}`))
    printExactly(visible(`    right: ${expected.slice(0, 200)}  answered: ${got.slice(0, 200)}`))
    for (const name of failed.length ? failed : criterionNames) printExactly(dim(visible(`    ${name}: ${criteria[name].reason}`)))
  }
}
