import { relative } from 'node:path'
import { ExitCode } from '../../errors.ts'
import { modelDir } from '../../paths.ts'
import type { TrainOptions } from '../../plan.ts'
import { readVary, type SearchInput } from '../../search/input.ts'
import type { SearchResults, TrialResult } from '../../search/results.ts'
import type { Setting } from '../../search/trials.ts'
import { ArtifactStore } from '../../store/artifacts.ts'
import type { SearchResult } from '../../workflows/search.ts'
import { asTyped } from '../as-typed.ts'
import { checkOptions } from '../check-options.ts'
import { explain } from '../explain.ts'
import { follow, outcome } from '../follow.ts'
import { bold, duration, note, print, printJson, table } from '../print.ts'
import { prepare, start } from '../start.ts'

interface Options extends TrainOptions {
  vary: string[]
  trials?: number
  detach?: boolean
  json?: boolean
}

/** Starts (or attaches to) the durable search, follows it, and shows how the trials compare. */
export async function search(name: string, { vary, trials, detach, json, ...rest }: Options): Promise<void> {
  const options = checkOptions(rest)
  const space = readVary(vary)
  const stream = json ? process.stderr : process.stdout
  const tell = (line: string) => void stream.write(`${asTyped(line)}\n`)
  const input: SearchInput = { ...(await prepare(name, { type: 'search', options, retrain: false }, tell)), ...(vary.length && { vary: space as SearchInput['vary'] }), ...(trials !== undefined && { trials }) }
  const { client, attached, handle } = await start('search', input, tell)
  try {
    if (detach) {
      if (json) printJson({ name, workflow: handle.workflowId, started: !attached })
      else print(`${handle.workflowId} ${attached ? 'was running already' : 'is running'}. Follow it with \`clitron watch ${name}\`.`)
      return
    }
    const ended = await follow(handle, name, stream)
    if ('ended' in ended) return await say(await outcome<SearchResult>(handle, name), { json })
    const [code, text] = 'waiting' in ended
      ? [ExitCode.waiting, `${handle.workflowId} waits for you: ${ended.waiting}\nGo on with: clitron resume ${name}`]
      : [ExitCode.cancelled, `\n${handle.workflowId} goes on without this terminal. Watch it: clitron watch ${name}. End it: clitron cancel ${name}.`]
    if (json) printJson({ name, workflow: handle.workflowId, ...ended })
    note(text)
    process.exitCode = code
  } catch (error) {
    const { message, code, type } = explain(error)
    if (json) printJson({ name, error: { type, message } })
    note(message)
    process.exitCode = code
  } finally {
    await client.connection.close()
  }
}

/** What the table says of a trial in place of, or beside, its loss. */
export function outcomeOf({ validation_loss, stopped_at, failed, not_compared }: Pick<TrialResult, 'validation_loss' | 'stopped_at' | 'failed' | 'not_compared'>): string {
  if (failed !== undefined) return `could not be trained: ${failed}`
  if (validation_loss === undefined) return `given up at step ${stopped_at}`
  return `${validation_loss.toFixed(4)}${not_compared ? ` (not compared: ${not_compared})` : ''}`
}

async function say({ name, files }: SearchResult, { json }: { json?: boolean | undefined }): Promise<void> {
  const store = new ArtifactStore()
  const file = modelDir(name, 'hyperparameter_results.json')
  await store.fetchFile(files.results, file)
  const results = JSON.parse(await store.readText(files.results)) as SearchResults
  if (json) return printJson(results)
  const settings = (setting: Setting, keys: string[]) => keys.map((key) => String(setting[key]))
  const keys = Object.keys(results.trials[0]?.setting ?? {}).filter((key) => new Set(results.trials.map(({ setting }) => setting[key])).size > 1)
  const figures = figuresOf(results.trials)
  print(table([
    ['trial', ...keys, 'validation loss', 'time', ...figures.map(([title]) => title)],
    ...results.trials.map((trial) => [
      `${trial.number}${trial.number === results.best?.trial ? ' *' : ''}`, ...settings(trial.setting, keys), outcomeOf(trial), duration(trial.seconds),
      ...figures.map(([, figure]) => (trial[figure] === undefined ? '–' : Math.round(trial[figure]).toLocaleString('en'))),
    ]),
  ]))
  const configs = `training/configs/${results.base === 'scratch' ? 'scratch_config.yaml' : 'sft_config.yaml'}`
  if (results.best) print(`\n* the best. To train with it, set in ${configs}: ${bold(keys.map((key) => `${key} ${results.best!.setting[key]}`).join(', ') || 'nothing; there was one trial')}`)
  if (results.influence.length > 1) print(`What makes a difference: ${results.influence.map(({ key, loss }) => `${key} (${loss.toFixed(4)})`).join(', ')}.`)
  print(`All curves: ${relative(process.cwd(), file)}`)
}

/** The columns beside loss and time: what a setting makes of the model's size and of the speed. */
function figuresOf(trials: TrialResult[]) {
  const all = [['parameters', 'parameters'], ['trained', 'trainable_parameters'], ['tokens/s', 'tokens_per_second']] as const
  // From scratch every parameter is trained.
  const same = trials.every(({ parameters, trainable_parameters }) => parameters === trainable_parameters)
  return all.filter(([, figure]) => trials.some((trial) => trial[figure] !== undefined) && !(same && figure === 'trainable_parameters'))
}
