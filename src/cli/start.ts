import { existsSync } from 'node:fs'
import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client'
import { lintGolden } from '../dataset/lint.ts'
import { typedOptions, withEarlierOptions } from '../earlier-options.ts'
import { InputError } from '../errors.ts'
import { checkQuant } from '../inference/quant.ts'
import { dataDir, schemaFile } from '../paths.ts'
import { roundsOf, type Stage, type TrainInput, type TrainOptions, usualOptions } from '../plan.ts'
import { locateBase } from '../setup/bases.ts'
import { configTexts, readConfigs } from '../setup/configs.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { inputsKey } from '../store/memo.ts'
import { readKey } from '../teacher/anthropic/client.ts'
import { addedShare, planBriefs } from '../teacher/briefs.ts'
import { teacherModel } from '../teacher/defaults.ts'
import { estimate } from '../teacher/prices.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { connect } from '../temporal/connection.ts'
import { pipelineQueue, workflowId } from '../temporal/names.ts'
import { money } from '../text.ts'
import { ensureRunning } from './ensure-running.ts'
import { goldenProblem } from './golden-problem.ts'
import { readLogs } from './read-logs.ts'
import { readSchema } from './schema.ts'

interface Asked {
  type: 'train' | 'search' | Stage
  options: TrainOptions
  retrain: boolean
}

/** Checks what can be checked here, and puts this folder's files into the store: the worker may stand elsewhere. */
export async function prepare(name: string, { type, options, retrain }: Asked, say: (line: string) => void): Promise<TrainInput> {
  const { family, schema, text } = await readSchema(name)
  for (const each of family.notes?.(schema) ?? []) say(each)
  const store = new ArtifactStore()
  const { options: all, inherited } = await withEarlierOptions(store, { name, type, options, retrain })
  if (options.quant) await checkQuant(options.quant)
  if (options.base) locateBase(options.base)
  const texts = await configTexts()
  await readConfigs(all.base ?? usualOptions.base, texts)
  if (options.teacher === 'anthropic') readKey({ baseUrl: process.env.ANTHROPIC_BASE_URL || undefined })
  const optional = async (file: string, kind: string) => (existsSync(file) ? store.putFile(file, kind) : undefined)
  const goldenFile = schemaFile(name).replace(/\.yaml$/, '.golden.jsonl')
  if (existsSync(goldenFile)) await checkGolden({ name, family, schema, file: goldenFile })
  // The other stages go on with the data that is made.
  if (type === 'train' || type === 'generate') await readLogs(name, { family, schema }, say)
  if (options.teacher === 'import' && !existsSync(dataDir(name, 'imported.jsonl'))) throw new InputError(`Teacher "import" needs rows: run \`clitron import ${name} rows.jsonl\` first.`)
  const golden = await optional(goldenFile, 'golden')
  const imported = await optional(dataDir(name, 'imported.jsonl'), 'imported')
  if (Object.keys(inherited).length) say(`${type} goes on with what ${retrain ? "the champion's" : 'the last'} run of ${name} was told: ${typedOptions(inherited)}.`)
  if (all.teacher === 'anthropic') say(price(family, schema, all, type))
  const configs = await store.putText(JSON.stringify(texts), 'configs')
  return { name, schema: await store.putText(text, 'schema'), configs, ...(golden && { golden }), ...(imported && { imported }), options, retrain }
}

/** What the run may cost, before its first paid call. The numbers are those of `clitron plan`. */
function price(family: TaskFamily, schema: unknown, { num, seed = usualOptions.seed, base = usualOptions.base, batch = false, budget, force, ...options }: TrainOptions, type: 'train' | 'search' | Stage): string {
  const { rounds, whileGatesFail } = roundsOf(options, family.gates?.(schema), type)
  const model = teacherModel(options.model)
  const briefs = planBriefs(family, schema, { num, seed, teacher: 'anthropic', base })
  const { calls, dollars, assumedPrice } = estimate({ family, schema, briefs, model, batch })
  const whole = `${briefs.length} examples by ${model} in ${calls} calls${batch ? ' in Message Batches' : ''} cost about ${money(dollars)}${assumedPrice ? ' (its price is not known here; that of Claude Opus 4.5 is assumed)' : ''}`
  const limit = budget === undefined ? 'no --budget limits it' : `the budget is ${money(budget)}${dollars > budget ? ', where the run waits for you' : ''}`
  return `${whole}${force ? ', all of them anew' : '; what is there already is not bought again'}${rounds ? `; each round${whileGatesFail ? ', made only while a gate is missed,' : ''} adds up to ${100 * addedShare}% of that` : ''}; ${limit}.`
}

/** A test set that its own schema refuses would only be found out after the training. */
async function checkGolden({ name, ...golden }: Parameters<typeof lintGolden>[0] & { name: string }): Promise<void> {
  const { problems } = await lintGolden(golden)
  if (problems.length === 0) return
  const file = `schemas/${name}.golden.jsonl`
  const first = problems.slice(0, 3).map(({ line, message }) => goldenProblem(file, line, message))
  throw new InputError(`${first.join('\n')}\n${problems.length} golden ${problems.length === 1 ? 'row is' : 'rows are'} not right by schemas/${name}.yaml: mend the row or the schema; \`clitron lint ${name}\` lists them all.`)
}

/**
 * Starts the run, or attaches to the one that is running with the same input.
 * @throws InputError when one of the same name is running with another input
 */
export async function start(type: 'train' | 'search' | Stage, input: TrainInput, say: (line: string) => void): Promise<{ client: Client; handle: WorkflowHandle; attached: boolean }> {
  await ensureRunning(say)
  const client = await connect()
  const id = workflowId(type, input.name)
  const memo = { input: inputsKey(input) }
  try {
    const handle = await client.workflow.start(type, { workflowId: id, taskQueue: pipelineQueue, args: [input], memo, staticSummary: `${type} ${input.name}`, workflowIdConflictPolicy: 'FAIL', workflowIdReusePolicy: 'ALLOW_DUPLICATE' })
    return { client, handle, attached: false }
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    const running = client.workflow.getHandle(id)
    const { memo: other } = await running.describe()
    if (other?.input !== memo.input) {
      await client.connection.close()
      throw new InputError(`${id} is running already, with other options, another schema or another training/configs. Watch it (clitron watch ${input.name}) and start this one afterwards, or end it (clitron cancel ${input.name}).`)
    }
    say(`${id} is running already; following it.`)
    return { client, handle: running, attached: true }
  }
}
