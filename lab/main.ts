// One change against the baseline, on the same seeds and rows:
//   npm run lab -- lab/experiments/smallest.yaml
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { asTyped } from '../src/cli/as-typed.ts'
import { explain } from '../src/cli/explain.ts'
import { bold, dim, duration, note, print, printedJson, printJson, table } from '../src/cli/print.ts'
import { ExitCode } from '../src/errors.ts'
import { inputsKey } from '../src/store/memo.ts'
import { type Arms, type Job, jobOf, readArms } from './arms.ts'
import { conduct, runKey, type StageResult, Untrainable } from './conduct.ts'
import { cancelRuns, durableRunner, Stopped, tidy } from './durable.ts'
import { type Exam, looksAtFinal, readExam } from './exam.ts'
import { type Experiment, readExperiment } from './experiment.ts'
import { Keep, rowsKey } from './keep.ts'
import { addEntry, circumstances, type Entry, logFile, readLog } from './log.ts'
import { cellsOf, remarks } from './table.ts'

interface Options {
  plan?: boolean
  cancel?: boolean
  json?: boolean
}

const help = `
An experiment is a YAML file: a question, a training, settings of a baseline, variants of it, seeds, and cheap proxies
to try first. Every run is a durable one, and what is done is not done again: after Ctrl-C, a crash or a change of the
file the same command goes on. Results are added to lab/log.jsonl, and lab/log.md shows them.

Examples:
  $ npm run lab -- lab/experiments/smallest.yaml
  $ npm run lab -- lab/experiments/gh-width.yaml --plan
  $ npm run --silent lab -- lab/experiments/gh-width.yaml --json
  $ npm run lab -- lab/experiments/gh-width.yaml --cancel
`

function program(): Command {
  return new Command('npm run lab --')
    .description('Try one change against the baseline on the same seeds and rows: paired difference, interval, verdict, log.')
    .argument('<experiment>', 'a file such as lab/experiments/smallest.yaml')
    .option('--plan', 'show what would be run and what is done already; run nothing')
    .option('--cancel', 'end the run of this experiment that is under way; what is done stays done')
    .option('--json', 'print one JSON document')
    .addHelpText('after', help)
    .exitOverride()
    .action(lab)
}

async function lab(file: string, { plan, cancel, json }: Options): Promise<void> {
  const experiment = await readExperiment(file)
  const arms = await readArms(experiment)
  const exam = await readExam(experiment, arms, note)
  if (cancel) return endRuns(jobsOf(experiment, arms), json)
  if (plan) return showPlan(experiment, arms, exam, json)
  const folder = join(process.cwd(), 'lab')
  // A log that cannot be read is better said before hours of runs.
  await sayEarlierLooks(folder, experiment, exam)
  const stream = json ? process.stderr : process.stdout
  const tell = (line: string) => void stream.write(`${asTyped(line)}\n`)
  const began = performance.now()
  const about = await aboutOf(experiment, arms, exam)
  const entries: Entry[] = []
  await conduct(experiment, arms, {
    runner: durableRunner(arms, stream, tell), keep: new Keep(), exam, tell,
    async onStage({ key, ...result }) {
      const seconds = result.baseline.seconds + result.variants.reduce((sum, of) => sum + of.seconds, 0)
      const entry: Entry = { id: inputsKey({ experiment: about.experiment, key }).slice(0, 16), date: new Date().toISOString(), ...about, ...result, seconds }
      entries.push(entry)
      await addEntry(folder, entry)
      if (!json) show(entry)
    },
  })
  await tidy(jobsOf(experiment, arms))
  const seconds = (performance.now() - began) / 1000
  if (json) return printJson({ ...about, seconds, stages: entries })
  print(dim(`Written down in ${logFile('lab')} and lab/log.md; ${duration(seconds)} by the clock.`))
}

/** Every training that the experiment may come to. */
const jobsOf = ({ stages, seeds }: Experiment, arms: Arms): Job[] => stages.flatMap((stage) => seeds.flatMap((seed) => [arms.baseline, ...arms.variants].map((arm) => jobOf(arms, arm, stage, seed))))

async function aboutOf({ file, question, seeds, stages, measure }: Experiment, arms: Arms, exam: Exam | undefined) {
  const told = ({ name, schema, options, settings }: Arms['baseline']) => ({ name, schema: schema.text, options, settings })
  const rows = exam && rowsKey(exam.rows)
  return {
    experiment: inputsKey({ question, seeds, stages, rows: rows ?? measure.rows, arms: [arms.baseline, ...arms.variants].map(told) }).slice(0, 12),
    file, question, training: arms.name, seeds,
    measured_on: exam ? `${exam.rows.length} rows of ${measure.rows}${measure.part ? `, part ${measure.part}` : ''}` : "each seed's own test split",
    ...(looksAtFinal(exam) && { final: rows }),
    ...(await circumstances()),
  }
}

/** Once is once: how often these rows were looked at says how much they are still worth. */
async function sayEarlierLooks(folder: string, { measure }: Experiment, exam: Exam | undefined): Promise<void> {
  const log = await readLog(folder)
  if (!exam || !looksAtFinal(exam)) return
  const rows = rowsKey(exam.rows)
  const looks = new Set(log.filter(({ final }) => final === rows).map(({ experiment }) => experiment)).size
  if (looks > 0) note(`${measure.rows}: the log has ${looks === 1 ? 'one experiment' : `${looks} experiments`} that scored these rows of the final half already; choose nothing by them.`)
}

async function showPlan({ stages, seeds, question }: Experiment, arms: Arms, exam: Exam | undefined, json = false): Promise<void> {
  const keep = new Keep()
  const planned = []
  for (const stage of stages) {
    for (const seed of seeds) {
      const own = jobOf(arms, arms.baseline, stage, seed)
      const baseline = await keep.find(runKey(own, exam))
      // Before the baseline is run, nobody knows its test rows.
      const asked = exam ?? (baseline && { rows: baseline.rows, truth: arms.baseline.schema })
      planned.push({ stage: stage.title, seed, arm: 'baseline', training: own.training, state: baseline ? 'done' : 'to do' })
      for (const arm of arms.variants) {
        const job = jobOf(arms, arm, stage, seed)
        const state = job.key === own.key ? 'the baseline itself' : asked && (await keep.find(runKey(job, asked))) ? 'done' : 'to do'
        planned.push({ stage: stage.title, seed, arm: arm.name, training: job.training, state })
      }
    }
  }
  if (json) return printJson({ question, runs: planned })
  print(bold(question))
  print(table([['stage', 'seed', 'arm', 'state'], ...planned.map(({ stage, seed, arm, state }) => [stage, String(seed), arm, state])]))
  const open = planned.filter(({ state }) => state === 'to do').length
  print(`${open} of ${planned.length} runs are to be done, the cheap ones first; a variant that loses at one stage is not run at the next.`)
}

async function endRuns(jobs: readonly Job[], json = false): Promise<void> {
  const cancelled = await cancelRuns(jobs)
  if (json) return printJson({ cancelled })
  print(cancelled.length ? `${cancelled.join(', ')} is cancelled; what is done stays done.` : 'No run of this experiment is under way.')
}

function show(result: Pick<StageResult, 'stage' | 'baseline' | 'variants' | 'precisions'> & Pick<Entry, 'question' | 'measured_on'>): void {
  print(`\n${bold(result.question)}\n${result.stage}, on ${result.measured_on}`)
  print(table(cellsOf(result)))
  for (const remark of remarks(result)) print(remark)
}

async function main(argv: readonly string[]): Promise<number> {
  process.exitCode = ExitCode.ok
  try {
    await program().parseAsync(argv, { from: 'user' })
    return Number(process.exitCode)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage
    const { message, code, type } = error instanceof Stopped ? { ...error, message: error.message, type: 'Stopped' } : explain(error)
    if (argv.includes('--json') && !printedJson()) printJson({ error: { type, message } })
    note(error instanceof Untrainable ? `The baseline could not be trained: ${message}` : message)
    return code
  }
}

process.exitCode = await main(process.argv.slice(2))
