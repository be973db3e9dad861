import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client } from '@temporalio/client'
import { WorkflowNotFoundError } from '@temporalio/common'
import { ensureRunning } from '../src/cli/ensure-running.ts'
import { explain } from '../src/cli/explain.ts'
import { follow, outcome } from '../src/cli/follow.ts'
import { showProgress } from '../src/cli/print.ts'
import { look } from '../src/cli/run-state.ts'
import { splitFiles } from '../src/dataset/assemble.ts'
import { newTo } from '../src/dataset/nearest.ts'
import { parseRows } from '../src/dataset/read-rows.ts'
import type { Row } from '../src/dataset/row.ts'
import { ExitCode } from '../src/errors.ts'
import { readTemplate } from '../src/evaluation/inputs.ts'
import { scoreOf } from '../src/evaluation/judge.ts'
import { askEach } from '../src/inference/ask-each.ts'
import { answerOrNone, type Predictor } from '../src/inference/predictor.ts'
import { loadPredictors } from '../src/inference/predictors.ts'
import { dataDir, packageRoot, stateDir } from '../src/paths.ts'
import type { TrainInput } from '../src/plan.ts'
import { ArtifactStore, DamagedArtifact } from '../src/store/artifacts.ts'
import type { Ref } from '../src/store/ref.ts'
import { connect } from '../src/temporal/connection.ts'
import { pipelineQueue, workflowId } from '../src/temporal/names.ts'
import { down, upState } from '../src/temporal/supervisor.ts'
import { resumeUpdate } from '../src/workflows/messages.ts'
import type { TrainResult } from '../src/workflows/train.ts'
import type { Arms, Job } from './arms.ts'
import { type Runner, type Trained, Untrainable } from './conduct.ts'
import { ofTestSplit } from './exam.ts'

/** The lab stops here; the same command goes on. */
export class Stopped extends Error {
  override name = 'Stopped'
  readonly code: number
  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }
}

/** Trainings end where the quantized file is: an evaluation would ask it far more than an experiment does, and a version would be published. */
const type = 'quantize'
/** What another value of a setting can bring about; everything else is no answer to the question. */
const ownFault = ['BadInput', 'GateNotPassed', 'TrainerError']

const idOf = ({ training, key }: Job) => workflowId(type, `${training}-${key.slice(0, 8)}`)

/** Runs as `clitron quantize` makes them, by the server and worker of this folder: a crash only pauses them, and what they made is in the store. */
export function durableRunner(arms: Arms, stream: NodeJS.WriteStream, tell: (line: string) => void): Runner {
  const store = new ArtifactStore()
  let renewed: Promise<void> | undefined
  return {
    async train(job) {
      const input = await inputOf(store, arms, job)
      await (renewed ??= endOldWorker(tell))
      await ensureRunning(tell)
      const client = await connect()
      try {
        const handle = await client.workflow.start(type, { workflowId: idOf(job), taskQueue: pipelineQueue, args: [input], staticSummary: `experiment on ${arms.name}`, workflowIdConflictPolicy: 'USE_EXISTING', workflowIdReusePolicy: 'ALLOW_DUPLICATE' })
        // Who runs the experiment again has mended what the run waited for.
        if ((await look(handle)).progress?.waiting) await handle.executeUpdate(resumeUpdate, { args: [{}] })
        const ended = await follow(handle, job.training, stream)
        if ('detached' in ended) throw new Stopped(`\n${handle.workflowId} goes on without this terminal. The same command follows it again; with --cancel it ends it.`, ExitCode.cancelled)
        if ('waiting' in ended) throw new Stopped(`${handle.workflowId} waits for you: ${ended.waiting}\nThen the same command goes on.`, ExitCode.waiting)
        const { files: { dataset, quantize: gguf } } = await outcome<TrainResult>(handle, job.training)
        const stages = (await look(handle)).progress?.stages ?? []
        const precision = stages.find(({ stage }) => stage === 'check')?.facts?.precision
        return { training: job.training, dataset: dataset!, gguf: gguf!, seconds: stages.reduce((sum, { seconds = 0 }) => sum + seconds, 0), ...(typeof precision === 'string' && { precision }) }
      } catch (error) {
        if (error instanceof Stopped) throw error
        const { type, message, code } = explain(error)
        if (code === ExitCode.cancelled) throw new Stopped(message, code)
        throw ownFault.includes(type) ? new Untrainable(message) : error
      } finally {
        await client.connection.close()
      }
    },
    testRows: async ({ dataset }) => ofTestSplit(await rowsOf(store, dataset, splitFiles.test)),
    async answers(job, trained, { rows, truth }) {
      const train = await rowsOf(store, trained.dataset, splitFiles.train)
      const isKnown = knownTo(job, train)
      const right = await interruptible((signal) => withPredictor(store, job, trained, train, (predictor) =>
        askEach(rows, predictor, 'asking the rows', { signal, onProgress: process.stderr.isTTY ? showProgress : undefined }, async (row) =>
          scoreOf(truth.family, truth.schema, await answerOrNone(predictor.predict(row.instruction, row.context)), row).equivalent)))
      return rows.map((row, index) => ({ right: right[index]!, known: isKnown(row) }))
    },
  }
}

/** A worker that was started before the code was changed would still work by the old code, and the result would be kept as the new one's. */
async function endOldWorker(tell: (line: string) => void): Promise<void> {
  const running = await upState()
  if (!running) return
  const since = Date.parse(running.since)
  const source = join(packageRoot, 'src')
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'))
  const changed = await Promise.all(files.map(async (file) => (await stat(join(source, file))).mtimeMs > since))
  if (!changed.includes(true)) return
  tell('The code was changed after the worker had been started, which is started anew.')
  await down({ onProgress: tell })
}

async function inputOf(store: ArtifactStore, { golden, imported, configs }: Arms, { training, schema, options, settings }: Job): Promise<TrainInput> {
  return {
    name: training, schema: await store.putText(schema.text, 'schema'), configs: await store.putText(configs, 'configs'), options, settings,
    ...(golden && { golden: await store.putFile(golden.file, 'golden') }), ...(imported && { imported: await store.putFile(imported.file, 'imported') }),
  }
}

/** @throws DamagedArtifact where the dataset is gone */
async function rowsOf(store: ArtifactStore, dataset: Ref, file: string): Promise<Row[]> {
  const text = await store.readTreeText(dataset, file)
  if (text === undefined) throw new DamagedArtifact(`The dataset has no ${file}.`)
  return parseRows(text)
}

/** The same measure as the leakage gate's: by lineage and by wording. */
function knownTo({ schema: { family, schema } }: Job, train: readonly Row[]): (row: Row) => boolean {
  const isNew = newTo(train.map((row) => family.fingerprint(schema, row)))
  const intents = new Set(train.flatMap(({ intent }) => intent ?? []))
  return (row) => (row.intent !== undefined && intents.has(row.intent)) || !isNew(family.fingerprint(schema, row))
}

/** The quantized file, as an evaluation loads it. */
async function withPredictor<T>(store: ArtifactStore, { training: name, quant, schema: { family, schema, text } }: Job, { gguf }: Trained, train: readonly Row[], use: (predictor: Predictor) => Promise<T>): Promise<T> {
  const file = `clitron-${name}-${quant}.gguf`
  // What a killed process leaves there, `clitron gc` finds.
  await mkdir(stateDir('work', name), { recursive: true })
  const work = await mkdtemp(stateDir('work', name, 'lab-'))
  try {
    await store.fetchTree(gguf, work, (path) => path === file || path === 'prompt_template.json')
    const answersLike = train.map((row) => family.completion(schema, row.output))
    const predictor = await loadPredictors({ gguf: join(work, file), template: await readTemplate(work), answersLike, name, schemaText: text })
    try {
      return await use(predictor)
    } finally {
      await predictor.close()
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Ctrl-C while rows are asked: they are asked anew the next time, the training is kept. */
async function interruptible<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  try {
    return await task(stop.signal)
  } catch (error) {
    throw stop.signal.aborted ? new Stopped('\nInterrupted. The training is kept; the same command asks its rows and goes on.', ExitCode.cancelled) : error
  } finally {
    process.removeListener('SIGINT', interrupt)
  }
}

/** Ends those of the jobs that are under way. @returns their workflows */
export async function cancelRuns(jobs: readonly Job[]): Promise<string[]> {
  const client = await connect()
  try {
    const cancelled: string[] = []
    for (const id of new Set(jobs.map(idOf))) if (await cancel(client, id)) cancelled.push(id)
    return cancelled
  } finally {
    await client.connection.close()
  }
}

async function cancel(client: Client, id: string): Promise<boolean> {
  const handle = client.workflow.getHandle(id)
  try {
    if ((await handle.describe()).status.name !== 'RUNNING') return false
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
  await handle.cancel()
  await handle.result().catch(() => {})
  return true
}

/** Removes what trainings leave for people and for later runs of the same name, who have no use for those of an experiment; what was made stays in the store. */
export async function tidy(jobs: readonly Job[]): Promise<void> {
  const { root } = new ArtifactStore()
  const indexes = await readdir(join(root, 'rows')).catch(() => [])
  for (const training of new Set(jobs.map((job) => job.training))) {
    await rm(dataDir(training), { recursive: true, force: true })
    for (const index of indexes.filter((file) => file.startsWith(`${training}-`))) await rm(join(root, 'rows', index), { force: true })
  }
}
